"""`python -m db check` says in sentences what is wrong with a store and its models."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from recorded_versions import record_version
from sqlalchemy import create_engine, text

from db.checks import check_store
from db.command import main
from db.demo.generate import load_demo
from db.errors import StoreError
from db.migrate import backup
from db.models import registry
from db.store import Store


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def said(url: str, models: Path) -> list[str]:
    return [str(problem) for problem in check_store(url, models).problems]


def add_model(store: Store, models: Path, version: str, recorded: bool = True) -> Path:
    """A folder with one file and its manifest, and its row."""
    folder = models / version
    folder.mkdir(parents=True)
    (folder / "users.json").write_text("[]")
    digest = hashlib.sha256(b"[]").hexdigest()
    (folder / "manifest.json").write_text(
        json.dumps({"files": {"users.json": {"sha256": digest, "bytes": 2}}})
    )
    if recorded:
        manifest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
        record_version(store, version, manifest_sha256=manifest)
    return folder


def test_nothing_is_wrong_with_a_shop_and_its_rows_are_counted(
    url: str, store: Store, models: Path
) -> None:
    load_demo(store, users=50)
    add_model(store, models, "v1")
    found = check_store(url, models)
    assert found.problems == ()
    assert (found.counts["users"], found.counts["models"], found.counts["imports"]) == (50, 1, 1)


def test_files_of_models_that_are_gone_changed_or_unknown_are_named(
    url: str, store: Store, models: Path
) -> None:
    for version in ("gone", "lacking", "edited", "flipped", "removed"):
        add_model(store, models, version)
    add_model(store, models, "unknown", recorded=False)
    (models / "gone/manifest.json").unlink()
    (models / "lacking/users.json").unlink()
    (models / "flipped/users.json").write_text("{}")
    with (models / "edited/manifest.json").open("a") as file:
        file.write(" ")
    with store.write() as connection:
        registry.mark_removed(connection, "removed")
    found = said(url, models)
    assert len(found) == 6
    for start in (
        "The model version gone has no files in",
        "The file users.json of the model version lacking is missing or not what was exported",
        "The file manifest.json of the model version edited is missing or not",
        "The file users.json of the model version flipped is missing or not",
        "The files of the model version removed were to be removed",
        "The store does not know the model version unknown",
    ):
        assert any(one.startswith(start) for one in found), (start, found)


def test_rows_that_refer_to_nothing_are_counted(url: str, store: Store, models: Path) -> None:
    load_demo(store, users=50)
    engine = create_engine(store.url)
    with engine.begin() as connection:
        if store.path is None:
            connection.execute(text("SET session_replication_role = replica"))  # no foreign keys
        connection.execute(text("UPDATE user_facts SET import_id = 99 WHERE user_id IN (1, 2)"))
    engine.dispose()
    (only,) = said(url, models)
    assert only.startswith("Rows of user_facts that refer to rows of imports that are not there: 2")


def test_keys_that_the_next_import_would_give_out_again_are_counted(
    url: str, store: Store, models: Path
) -> None:
    load_demo(store, users=50)
    with store.write() as connection:
        connection.execute(text("UPDATE imports SET last_user = 40"))
    (only,) = said(url, models)
    assert only.startswith("Rows of users with keys above 40, which the next import gives out")


@pytest.fixture
def damaged(sqlite_store: Store) -> Path:
    """A store with a page of zeros in its middle, which opens all the same."""
    load_demo(sqlite_store, users=200)
    path = sqlite_store.path
    assert path is not None
    sqlite_store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(bytes(4096))
    return path


def test_a_damaged_file_is_named_and_a_backup_of_it_is_refused(
    damaged: Path, models: Path, tmp_path: Path
) -> None:
    (only,) = said(f"sqlite:///{damaged}", models)
    assert only.startswith(f"The file {damaged} is damaged: ")
    assert "Restore a backup (`python -m db restore FILE`)" in only
    copy = tmp_path / "copy.db"
    copy.write_text("the backup of yesterday")
    with pytest.raises(StoreError, match=r"The copy of .* is damaged .*so .*copy\.db was not writ"):
        backup(damaged, copy)
    assert copy.read_text() == "the backup of yesterday"
    assert [one.name for one in tmp_path.glob(".*.part*")] == []


@pytest.mark.parametrize("size", [0, 100, 3 * 4096])
def test_a_file_that_was_cut_is_named(sqlite_store: Store, models: Path, size: int) -> None:
    add_model(sqlite_store, models, "v1")
    path = sqlite_store.path
    assert path is not None
    sqlite_store.close()
    with path.open("r+b") as file:
        file.truncate(size)
    (only,) = said(f"sqlite:///{path}", models)
    assert str(path) in only
    assert "db restore" in only
    assert path.stat().st_size == size


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, models: Path) -> None:
    (only,) = said(f"sqlite:///{tmp_path}/none.db", models)
    assert only.startswith(f"There is no store at {tmp_path}/none.db.")
    assert not (tmp_path / "none.db").exists()


def test_the_command_ends_with_1_where_something_is_wrong(
    sqlite_store: Store,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MAMGBR_DB", str(sqlite_store.url))
    monkeypatch.setenv("MAMGBR_MODELS", str(models))
    assert main(["check"]) == 0
    assert capsys.readouterr().out.endswith("Nothing is wrong.\n")
    add_model(sqlite_store, models, "unknown", recorded=False)
    assert main(["check", "--json"]) == 1
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["ok"], len(found["problems"]), found["counts"]["users"]) == (False, 1, 0)
    assert printed.err.startswith("error: Wrong with the store or its models: 1.")


def test_a_store_that_is_written_meanwhile_is_checked_all_the_same(
    url: str, store: Store, models: Path
) -> None:
    with store.write() as connection:
        connection.execute(text("INSERT INTO shop_settings VALUES ('x', '1', 0)"))
        assert said(url, models) == []
        if store.path is not None:
            with closing(sqlite3.connect(store.path)) as other:
                assert other.execute("SELECT count(*) FROM shop_settings").fetchone() == (0,)
