"""Old versions are removed by the policy, the serving one never, and a kill leaves no half-removed version."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from recorded_versions import record_version

from db.errors import InputError
from db.models import registry
from db.store import Store
from engine.bundle import retention
from engine.bundle.lock import ReadLock, exclusive_access

NAMES = ("v1", "v2", "v3", "v4", "v5", "v6")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def stocked(store: Store, models: Path) -> Store:
    """Six versions with files, the first and the second promoted, the third pinned."""
    for day, version in enumerate(NAMES):
        (models / version).mkdir(parents=True)
        (models / version / "manifest.json").write_text("{}")
        (models / version / "items.onnx").write_bytes(b"x" * 998)
        record_version(store, version, created_at=day)
    registry.promote(store, "v1")
    registry.promote(store, "v2")
    registry.pin(store, "v3")
    return store


def there(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir())


def ready(store: Store) -> list[str]:
    return sorted(version.version for version in registry.versions(store))


def test_the_plan_says_why_each_version_is_kept_and_its_size(stocked: Store, models: Path) -> None:
    places = retention.plan(stocked, models, keep=1)
    assert [(place.version.version, place.kept_as) for place in places] == [
        ("v6", "newest"),
        ("v5", None),
        ("v4", None),
        ("v3", "pinned"),
        ("v2", "serving"),
        ("v1", "before"),
    ]
    assert {place.bytes for place in places} == {1000}
    assert there(models) == list(NAMES)


def test_serving_previous_pinned_and_newest_versions_survive_a_pruning(
    stocked: Store, models: Path
) -> None:
    done = retention.prune(stocked, models, keep=1)
    assert (done.removed, done.in_use, done.bytes) == (["v5", "v4"], [], 2000)
    assert there(models) == ready(stocked) == ["v1", "v2", "v3", "v6"]
    assert registry.rollback(stocked).version == "v1"
    assert retention.prune(stocked, models, keep=1).removed == ["v2"]


def test_an_unpinned_version_is_pruned_like_any_other(stocked: Store, models: Path) -> None:
    registry.pin(stocked, "v3", False)
    assert "v3" in retention.prune(stocked, models, keep=1).removed
    with pytest.raises(InputError, match="no model version 'v3'"):
        registry.pin(stocked, "v3")
    with pytest.raises(InputError, match="no model version 'v3'"):
        registry.promote(stocked, "v3")


def test_a_version_in_use_is_kept_until_its_last_reader_closes_it(
    stocked: Store, models: Path
) -> None:
    reading, also = ReadLock(models / "v4"), ReadLock(models / "v4")
    done = retention.prune(stocked, models, keep=1)
    assert (done.removed, done.in_use) == (["v5"], ["v4"])
    assert "v4" in ready(stocked)
    reading.release()
    assert retention.prune(stocked, models, keep=1).in_use == ["v4"]
    del also  # garbage, as when the last page that used it is closed
    assert retention.prune(stocked, models, keep=1).removed == ["v4"]


def test_the_hold_of_a_killed_reader_ends_with_it(stocked: Store, models: Path) -> None:
    script = "import sys; from pathlib import Path; from engine.bundle.lock import ReadLock\n"
    script += "held = ReadLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(models / "v4")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline().strip() == b"held"
        with exclusive_access(models / "v4") as free:
            assert not free
        reader.kill()
    with exclusive_access(models / "v4") as free:
        assert free


@pytest.mark.parametrize("after", ["forgotten", "renamed", "half removed"])
def test_a_pruning_killed_between_its_steps_is_finished_by_the_next(
    stocked: Store, models: Path, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Ends everything, as a kill does."""

    def kill(*_: object, **__: object) -> None:
        raise Killed

    def half(folder: Path) -> None:
        (folder / "manifest.json").unlink()
        raise Killed

    with monkeypatch.context() as patch:
        if after == "forgotten":
            patch.setattr(retention, "_remove", kill)
        else:
            patch.setattr(shutil, "rmtree", kill if after == "renamed" else half)
        with pytest.raises(Killed):
            retention.prune(stocked, models, keep=1)
    # Nobody finds the version any more, whatever is left of its files.
    assert "v5" not in ready(stocked)
    assert registry.serving_name(stocked) == "v2"
    retention.prune(stocked, models, keep=1)
    assert there(models) == ready(stocked) == ["v1", "v2", "v3", "v6"]


def test_a_promotion_that_comes_first_wins(
    stocked: Store, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = retention.plan

    def promoted_meanwhile(*args: object) -> list[retention.PlannedVersion]:
        places = planned(*args)  # type: ignore[arg-type]
        registry.promote(stocked, "v4")
        return places

    monkeypatch.setattr(retention, "plan", promoted_meanwhile)
    done = retention.prune(stocked, models, keep=1)
    assert done.removed == ["v5"]
    assert registry.serving_name(stocked) == "v4"
    assert (models / "v4" / "items.onnx").exists()


def test_a_rollback_passes_over_versions_that_are_gone(stocked: Store, models: Path) -> None:
    registry.promote(stocked, "v4")
    registry.promote(stocked, "v2")
    registry.promote(stocked, "v6")  # v1, v2, v4, v2, v6 in all
    assert sorted(retention.prune(stocked, models, keep=1).removed) == ["v1", "v4", "v5"]
    assert registry.rollback(stocked).version == "v2"
    with pytest.raises(InputError, match="no earlier model"):
        registry.rollback(stocked)


def test_keeping_none_is_refused_and_missing_files_do_no_harm(stocked: Store, models: Path) -> None:
    with pytest.raises(InputError, match="keep=0 is too few"):
        retention.prune(stocked, models, keep=0)
    shutil.rmtree(models / "v5")
    assert "v5" in retention.prune(stocked, models, keep=1).removed


def test_the_serving_version_is_known_by_its_name(stocked: Store, tmp_path: Path) -> None:
    assert registry.serving_name(stocked) == "v2"
    registry.rollback(stocked)
    assert registry.serving_name(stocked) == "v1"
    empty = Store.open(f"sqlite:///{tmp_path / 'empty.db'}")
    assert registry.serving_name(empty) is None
    empty.close()
