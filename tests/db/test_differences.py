"""Two versions' figures: better, worse, or not told apart, by their intervals."""

import pytest

from db.models.comparison import differences, no_better_than_sales, worse


def figure(value: float, half: float = 0.01) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


@pytest.mark.parametrize(
    ("new", "verdict"), [(0.60, "better"), (0.40, "worse"), (0.51, "alike"), (0.486, "alike")]
)
def test_a_difference_counts_beyond_both_intervals_together(new: float, verdict: str) -> None:
    (one,) = differences({"items/mrr@10": figure(new)}, {"items/mrr@10": figure(0.50)})
    assert one.verdict == verdict
    assert one.change == pytest.approx(new - 0.50)
    assert one.low == pytest.approx(new - 0.50 - 0.01 * 2**0.5)
    assert one.high == pytest.approx(new - 0.50 + 0.01 * 2**0.5)


def test_intervals_that_just_overlap_may_still_be_apart() -> None:
    # .500 ± .010 and .516 ± .010 overlap; their difference is .016 ± .014.
    (one,) = differences({"items/mrr@10": figure(0.516)}, {"items/mrr@10": figure(0.50)})
    assert one.verdict == "better"


def test_without_intervals_any_difference_counts_and_none_is_alike() -> None:
    old = {"items/mrr@10": {"value": 0.5}}
    assert differences({"items/mrr@10": {"value": 0.49}}, old)[0].verdict == "worse"
    assert differences(old, old)[0].verdict == "alike"


def test_a_version_that_loses_a_task_is_worse_by_what_it_does_not_bring() -> None:
    old = {"items/mrr@10": figure(0.5), "participants/mrr@10": figure(0.4), "note": "by hand"}
    lost = worse({"items/mrr@10": figure(0.7)}, old)
    assert [(str(one.metric), one.verdict) for one in lost] == [("participants/mrr@10", "missing")]


def test_one_task_may_gain_and_the_other_lose() -> None:
    old = {"items/mrr@10": figure(0.5), "participants/mrr@10": figure(0.4)}
    new = {"items/mrr@10": figure(0.9), "participants/mrr@10": figure(0.3)}
    assert [str(one.metric) for one in worse(new, old)] == ["participants/mrr@10"]


@pytest.mark.parametrize(("sales", "beaten"), [(0.49, True), (0.5, False), (0.6, False)])
def test_a_figure_is_worth_the_trouble_above_a_list_by_sales(sales: float, beaten: bool) -> None:
    metrics = {"items/mrr@10": figure(0.5) | {"popularity": sales}, "note": {"popularity": 1.0}}
    assert list(map(str, no_better_than_sales(metrics))) == ([] if beaten else ["items/mrr@10"])


def test_a_version_that_was_made_before_the_comparison_is_not_called_useless() -> None:
    assert no_better_than_sales({"items/mrr@10": figure(0.5)}) == []
