"""Whatever call fails or kills a promotion or a pruning: a version serves whose files are there, none is half there."""

import shutil
from pathlib import Path

import pytest
from faults import CALLS, FULL_DISK, KILL, every_fault
from recorded_versions import record_version

from db.models import registry
from db.store import Store
from engine.bundle import retention

NAMES = ("v1", "v2", "v3", "v4")
FILES = ("manifest.json", "items.onnx")

pytestmark = pytest.mark.slow


class Shelf:
    """Four versions with files, of which the second serves, laid out anew for each fault."""

    def __init__(self, root: Path) -> None:
        self.folder, self.kept = root / "shop", root / "kept"
        self.url = f"sqlite:///{self.folder / 'shop.db'}"
        self.models = self.folder / "models"
        store = Store.open(f"sqlite:///{self.kept / 'shop.db'}")
        for day, version in enumerate(NAMES):
            folder = self.kept / "models" / version
            folder.mkdir(parents=True)
            for file in FILES:
                (folder / file).write_text("{}")
            record_version(store, version, created_at=day)
        registry.promote(store, "v1")
        registry.promote(store, "v2")
        store.close()

    def fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.kept, self.folder)

    def whole_versions(self) -> list[str]:
        """The versions in the registry, each with all its files, and the one that serves among them."""
        store = Store.open(self.url)
        names = sorted(version.version for version in registry.versions(store))
        for name in names:
            assert sorted(path.name for path in (self.models / name).iterdir()) == sorted(FILES)
        serving = registry.serving(store)
        assert serving is not None
        assert serving.version in names
        store.close()
        return names

    def serving(self) -> str:
        store = Store.open(self.url)
        serving = registry.serving(store)
        store.close()
        assert serving is not None
        return serving.version


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def promote(url: str, version: str) -> None:
    store = Store.open(url)
    registry.promote(store, version)
    store.close()


def prune(url: str, models: str) -> None:
    store = Store.open(url)
    retention.prune(store, Path(models), keep=1)
    store.close()


@pytest.mark.parametrize("effect", [FULL_DISK, KILL])
@pytest.mark.parametrize("call", CALLS)
def test_any_call_of_a_promotion_may_fail_or_kill_it(call: str, effect: str, shelf: Shelf) -> None:
    for nth, ending in every_fault(call, effect, shelf.fresh, promote, shelf.url, "v4"):
        serving = shelf.serving()
        if ending.killed:
            assert serving in ("v2", "v4"), nth
        else:
            assert serving == ("v4" if ending.succeeded else "v2"), (nth, ending)
        assert shelf.whole_versions() == list(NAMES)


@pytest.mark.parametrize("effect", [FULL_DISK, KILL])
@pytest.mark.parametrize("call", [*CALLS, "rmdir", "unlinkat"])
def test_any_call_of_a_pruning_may_fail_or_kill_it(call: str, effect: str, shelf: Shelf) -> None:
    for nth, ending in every_fault(call, effect, shelf.fresh, prune, shelf.url, str(shelf.models)):
        whole = shelf.whole_versions()
        assert set(whole) >= {"v1", "v2", "v4"}, nth
        if ending.succeeded:
            assert whole == ["v1", "v2", "v4"], (nth, ending)
        prune(shelf.url, str(shelf.models))  # the next one completes it
        left = sorted(path.name for path in shelf.models.iterdir())
        assert left == shelf.whole_versions() == ["v1", "v2", "v4"], nth
