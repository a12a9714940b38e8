"""Versions are promoted, rolled back one promotion at a time, and compared by their intervals."""

import pytest
from recorded_versions import record_version

from db.errors import InputError
from db.models.comparison import differences, no_better_than_sales, worse_metrics
from db.models.registry import promote, rollback, serving, versions
from db.store import Store


@pytest.fixture
def models(store: Store) -> Store:
    """Three recorded versions, none promoted."""
    for day, version in enumerate(("v1", "v2", "v3")):
        record_version(store, version, metrics={"mrr": [0.1, 0.2]}, created_at=day)
    return store


def serves(store: Store) -> str | None:
    """The name of the serving version."""
    found = serving(store)
    return found.version if found else None


def test_versions_are_listed_newest_first_and_none_serves_before_a_promotion(models: Store) -> None:
    assert [found.version for found in versions(models)] == ["v3", "v2", "v1"]
    assert versions(models)[0].metrics == {"mrr": [0.1, 0.2]}
    assert serves(models) is None


def test_a_version_recorded_after_the_clock_was_set_back_is_the_newest(models: Store) -> None:
    record_version(models, "v4", created_at=-3600)
    assert [found.version for found in versions(models)] == ["v4", "v3", "v2", "v1"]


def test_two_rollbacks_go_back_two_promotions(models: Store) -> None:
    for version in ("v1", "v2", "v3"):
        promote(models, version)
    assert rollback(models).version == "v2"
    assert rollback(models).version == serves(models) == "v1"
    with pytest.raises(InputError, match=r"no earlier model .* only v1 was promoted"):
        rollback(models)
    assert serves(models) == "v1"


def test_a_rollback_after_a_rollback_and_a_promotion_restores_what_served_before(
    models: Store,
) -> None:
    promote(models, "v1")
    promote(models, "v2")
    rollback(models)
    promote(models, "v3")
    assert rollback(models).version == "v1"


def test_promoting_the_serving_version_has_no_effect(models: Store) -> None:
    promote(models, "v1")
    promote(models, "v2")
    promote(models, "v2")
    assert rollback(models).version == "v1"


def test_a_version_that_is_not_recorded_cannot_serve(models: Store) -> None:
    with pytest.raises(InputError, match="no model version 'v9'"):
        promote(models, "v9")
    with pytest.raises(InputError, match="nothing was promoted"):
        rollback(models)


def estimate(value: float, half: float = 0.01) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


@pytest.mark.parametrize(
    ("new", "verdict"), [(0.60, "better"), (0.40, "worse"), (0.51, "alike"), (0.486, "alike")]
)
def test_a_difference_beyond_both_intervals_is_better_or_worse(new: float, verdict: str) -> None:
    (one,) = differences({"items/mrr@10": estimate(new)}, {"items/mrr@10": estimate(0.50)})
    assert one.verdict == verdict
    assert one.change == pytest.approx(new - 0.50)
    assert one.low == pytest.approx(new - 0.50 - 0.01 * 2**0.5)
    assert one.high == pytest.approx(new - 0.50 + 0.01 * 2**0.5)


def test_versions_with_slightly_overlapping_intervals_may_differ() -> None:
    # .500 ± .010 and .516 ± .010 overlap; their difference is .016 ± .014.
    (one,) = differences({"items/mrr@10": estimate(0.516)}, {"items/mrr@10": estimate(0.50)})
    assert one.verdict == "better"


def test_without_intervals_any_difference_counts() -> None:
    old = {"items/mrr@10": {"value": 0.5}}
    assert differences({"items/mrr@10": {"value": 0.49}}, old)[0].verdict == "worse"
    assert differences(old, old)[0].verdict == "alike"


def test_a_version_without_a_task_is_worse_in_its_metrics() -> None:
    old = {"items/mrr@10": estimate(0.5), "participants/mrr@10": estimate(0.4), "note": "by hand"}
    lost = worse_metrics({"items/mrr@10": estimate(0.7)}, old)
    assert [(str(one.metric), one.verdict) for one in lost] == [("participants/mrr@10", "missing")]


def test_one_task_may_be_better_and_the_other_worse() -> None:
    old = {"items/mrr@10": estimate(0.5), "participants/mrr@10": estimate(0.4)}
    new = {"items/mrr@10": estimate(0.9), "participants/mrr@10": estimate(0.3)}
    assert [str(one.metric) for one in worse_metrics(new, old)] == ["participants/mrr@10"]


@pytest.mark.parametrize(("sales", "beaten"), [(0.49, True), (0.5, False), (0.6, False)])
def test_a_metric_must_exceed_that_of_a_list_sorted_by_sales(sales: float, beaten: bool) -> None:
    metrics = {"items/mrr@10": estimate(0.5) | {"popularity": sales}, "note": {"popularity": 1.0}}
    assert list(map(str, no_better_than_sales(metrics))) == ([] if beaten else ["items/mrr@10"])


def test_a_metric_without_a_list_sorted_by_sales_is_not_called_useless() -> None:
    assert no_better_than_sales({"items/mrr@10": estimate(0.5)}) == []
