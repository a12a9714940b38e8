"""An import in a process of its own tells how far it is, and ends well or not at all."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from db.importing import background
from db.importing.background import Upload
from db.importing.column_choices import ColumnChoices, recall_choices, remember_choices
from db.importing.history import history
from db.queries.entities import counts
from db.store import Store

HEAD = "who,what,with\n"
CHOICES = ColumnChoices({"who": "initiator", "what": "item", "with": "participants"})


def written(path: Path, rows: int, first: int = 0) -> Path:
    text = "".join(f"u{k},i{k % 50},v{k}\n" for k in range(first, first + rows))
    path.write_text(HEAD + text)
    return path


def upload(path: Path) -> Upload:
    return Upload(path, path.name, choices=CHOICES, headings=("who", "what", "with"))


def begun(store: Store, *paths: Path, dry: bool = False, force: bool = False) -> Path:
    uploads = [upload(path) for path in paths]
    return background.start(store, uploads, dry=dry, strict=False, force=force)


def ended(folder: Path) -> background.Outcome:
    wait_until(lambda: not background.running(folder))
    return background.outcome(folder)


def wait_until(true: Callable[[], bool]) -> None:
    last = time.monotonic() + 120
    while not true():
        assert time.monotonic() < last, "it did not happen within two minutes"
        time.sleep(0.01)


def test_an_import_is_done_remembered_and_leaves_no_logs_behind(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", 3)
    path.write_text(path.read_text() + "u9,,v9\n")
    folder = begun(sqlite_store, path)
    assert background.files_of(folder) == ["a.csv"]
    assert [folder] == background.under_way(sqlite_store)
    done = ended(folder)
    assert (done.message, done.dry) == ("", False)
    assert done.reports[0]["new"]["groups"] == counts(sqlite_store).groups == 3
    assert background.errors(folder, 0)["line"].tolist() == [5]
    assert not list(folder.glob("[0-9]*"))
    assert path.exists()
    assert recall_choices(sqlite_store, ("who", "what", "with")) == CHOICES
    background.forget(folder)
    assert not folder.exists()


def test_a_dry_run_writes_and_remembers_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    done = ended(begun(sqlite_store, written(tmp_path / "a.csv", 3), dry=True))
    assert (done.dry, done.reports[0]["new"]["users"]) == (True, 6)
    assert (history(sqlite_store), counts(sqlite_store).groups) == ([], 0)
    assert recall_choices(sqlite_store, ("who", "what", "with")) == ColumnChoices()


def test_of_two_tabs_with_the_same_file_one_imports_and_one_gets_a_sentence(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", 6_000)
    outcomes = [ended(folder) for folder in [begun(sqlite_store, path), begun(sqlite_store, path)]]
    assert sorted(one.message == "" for one in outcomes) == [False, True]
    [refused] = [one for one in outcomes if one.message]
    assert refused.known_as == 1
    assert "was imported already" in refused.message
    assert counts(sqlite_store).groups == 6_000
    assert ended(begun(sqlite_store, path, force=True)).message == ""
    assert len(history(sqlite_store)) == 2


def test_two_tabs_with_different_files_wait_for_each_other(
    sqlite_store: Store, tmp_path: Path
) -> None:
    one = begun(sqlite_store, written(tmp_path / "a.csv", 4_000))
    two = begun(sqlite_store, written(tmp_path / "b.csv", 4_000, first=2_000))
    assert [ended(one).message, ended(two).message] == ["", ""]
    held = counts(sqlite_store)
    assert (held.groups, held.joins, held.users) == (8_000, 8_000, 12_000)


def test_a_killed_import_is_a_sentence_the_store_is_as_it_was_and_was_readable_all_the_time(
    sqlite_store: Store, tmp_path: Path
) -> None:
    folder = begun(sqlite_store, written(tmp_path / "a.csv", 50_000))
    wait_until(lambda: background.progress(folder).stage == "writing")
    told = background.progress(folder)
    assert 0 < told.share < 1
    assert counts(sqlite_store).groups == 0  # a reader sees the store as it was, and waits for none
    os.kill(background.read_json(folder / "process.json")["pid"], signal.SIGKILL)
    ending = ended(folder)
    assert "nothing was changed" in ending.message
    assert (counts(sqlite_store).groups, history(sqlite_store)) == (0, [])
    assert ended(begun(sqlite_store, written(tmp_path / "b.csv", 5))).message == ""
    assert not list(folder.glob("[0-9]*"))  # the uploads of the dead import were swept away


def test_an_import_that_is_stopped_changes_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    folder = begun(sqlite_store, written(tmp_path / "a.csv", 60_000))
    wait_until(lambda: background.progress(folder).stage == "reading")
    background.stop(folder)
    assert ended(folder).message
    assert history(sqlite_store) == []


def test_what_cannot_be_used_is_refused_with_its_rows(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "u1,,\nu2,,\n")
    folder = begun(sqlite_store, tmp_path / "a.csv")
    assert "None of the 2 rows of a.csv can be used" in ended(folder).message
    assert background.errors(folder, 0)["line"].tolist() == [2, 3]


def test_choices_are_remembered_by_their_headings_until_the_guess_is_taken_again(
    store: Store,
) -> None:
    remember_choices(store, ["a", "b"], ColumnChoices({"a": "item", "b": ""}, dates="day"))
    remember_choices(store, ["a", "b", "c"], ColumnChoices({"a": "user"}))
    assert recall_choices(store, ["a", "b"]) == ColumnChoices({"a": "item", "b": ""}, "day")
    assert recall_choices(store, ["b", "a"]) == ColumnChoices()
    remember_choices(store, ["a", "b"], ColumnChoices())
    assert recall_choices(store, ["a", "b"]) == ColumnChoices()
    assert recall_choices(store, ["a", "b", "c"]) == ColumnChoices({"a": "user"})
