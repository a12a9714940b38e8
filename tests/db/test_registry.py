"""A version serves once promoted, and a rollback goes back one promotion at a time."""

import pytest

from db.errors import InputError
from db.models.registry import promote, record_ready, rollback, serving, versions
from db.store import Store


@pytest.fixture
def models(store: Store) -> Store:
    """Three versions that are ready, none promoted."""
    for day, version in enumerate(("v1", "v2", "v3")):
        record_ready(store, version, "demo", "abc", {"mrr": [0.1, 0.2]}, created_at=day)
    return store


def serves(store: Store) -> str | None:
    """The version that serves."""
    found = serving(store)
    return found.version if found else None


def test_versions_come_newest_first_and_none_serves_before_a_promotion(models: Store) -> None:
    assert [found.version for found in versions(models)] == ["v3", "v2", "v1"]
    assert versions(models)[0].metrics == {"mrr": [0.1, 0.2]}
    assert serves(models) is None


def test_two_rollbacks_go_back_two_promotions(models: Store) -> None:
    for version in ("v1", "v2", "v3"):
        promote(models, version)
    assert rollback(models).version == "v2"
    assert rollback(models).version == serves(models) == "v1"
    with pytest.raises(InputError, match=r"no earlier model .* only v1 was promoted"):
        rollback(models)
    assert serves(models) == "v1"


def test_a_promotion_after_a_rollback_goes_back_to_what_served_before_it(models: Store) -> None:
    promote(models, "v1")
    promote(models, "v2")
    rollback(models)
    promote(models, "v3")
    assert rollback(models).version == "v1"


def test_promoting_what_serves_is_no_second_promotion(models: Store) -> None:
    promote(models, "v1")
    promote(models, "v2")
    promote(models, "v2")
    assert rollback(models).version == "v1"


def test_what_is_not_ready_cannot_serve(models: Store) -> None:
    with pytest.raises(InputError, match="no model version 'v9'"):
        promote(models, "v9")
    with pytest.raises(InputError, match="nothing was promoted"):
        rollback(models)


def test_a_version_is_recorded_once(models: Store) -> None:
    with pytest.raises(InputError, match="v1 is recorded already"):
        record_ready(models, "v1", "demo", "abc", {})
