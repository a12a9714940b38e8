"""A version serves only after it has been checked, and a failed check leaves everything as it was."""

from collections.abc import Callable

import pytest
from shops import TinyShop
from tiny_bundle import Tiny, record, write_tiny

from db.errors import BundleRefused, InputError, StoreError
from db.models import registry
from engine.promotion import promote, rollback
from engine.recommender import Recommender


@pytest.fixture
def shop(tiny_shop: TinyShop, monkeypatch: pytest.MonkeyPatch) -> TinyShop:
    """Three versions, of which the first two were promoted one after the other."""
    monkeypatch.setenv("MAMGBR_MODELS", str(tiny_shop.models))
    for name in ("tiny-2", "tiny-3"):
        tiny = Tiny(tiny_shop.tiny.logs, tiny_shop.tiny.weights, version=name)
        write_tiny(tiny, tiny_shop.models)
        record(tiny, tiny_shop.store)
    promote(tiny_shop.store, "tiny-2")
    return tiny_shop


def failing(error: Exception) -> Callable[[str], Recommender]:
    def open_version(version: str) -> Recommender:
        raise error

    return open_version


def test_a_rollback_changes_nothing_before_the_version_is_checked(shop: TinyShop) -> None:
    served = []

    def open_version(version: str) -> Recommender:
        served.append((version, registry.serving_name(shop.store)))
        return Recommender.open(shop.store, version, shop.models)

    assert rollback(shop.store, open_version).version == "tiny-1"
    assert served == [("tiny-1", "tiny-2")]
    assert registry.serving_name(shop.store) == "tiny-1"


@pytest.mark.parametrize(
    "error", [StoreError("db.store.disk_full", place="a", said="b"), MemoryError()]
)
def test_a_rollback_that_cannot_open_its_version_is_not_committed(
    shop: TinyShop, error: Exception
) -> None:
    with pytest.raises(type(error)):
        rollback(shop.store, failing(error))
    assert registry.serving_name(shop.store) == "tiny-2"
    assert rollback(shop.store).version == "tiny-1"


def test_a_rollback_to_a_damaged_version_names_the_one_that_goes_on_serving(
    shop: TinyShop,
) -> None:
    (shop.models / "tiny-1" / "items.onnx").unlink()
    with pytest.raises(BundleRefused, match=r"items\.onnx.* tiny-2 goes on serving\."):
        rollback(shop.store)
    promotions = registry.versions_and_promotions(shop.store)[1]
    assert promotions == ["tiny-1", "tiny-2"]


def test_a_rollback_does_not_undo_a_promotion_made_while_it_checks(shop: TinyShop) -> None:
    def open_version(version: str) -> Recommender:
        registry.promote(shop.store, "tiny-3")
        return Recommender.open(shop.store, version, shop.models)

    with pytest.raises(InputError, match="meanwhile"):
        rollback(shop.store, open_version)
    assert registry.serving_name(shop.store) == "tiny-3"


@pytest.mark.parametrize(
    "error",
    [
        StoreError("db.store.disk_full", place="a", said="b"),
        BundleRefused("engine.bundle.file_missing", folder="a", file="b"),
    ],
)
def test_a_promotion_that_cannot_open_its_version_is_not_committed(
    shop: TinyShop, error: Exception
) -> None:
    with pytest.raises(type(error)):
        promote(shop.store, "tiny-3", failing(error))
    assert registry.versions_and_promotions(shop.store)[1] == ["tiny-1", "tiny-2"]
