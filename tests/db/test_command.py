"""The commands keep their words, their output and their exit codes."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from db.command import main

Db = Callable[..., tuple[int, str, str]]

GOOD = "initiator,item,participants\nu1,i1,u2\n"


@pytest.fixture
def db(
    tmp_path: Path,
    sqlite_template: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Db:
    """Run a command on a store of its own: ``db("stats")`` returns exit code, stdout and stderr."""
    (tmp_path / "store.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tmp_path}/store.db")

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # argparse
            code = int(leaving.code or 0)
        return code, *capsys.readouterr()

    return run


def test_import_then_imports_then_undo(db: Db, tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_text(GOOD + "u3,,\n")
    code, out, err = db("import", path)
    assert code == 0
    assert "1 rows imported as import 1, 1 rejected" in out
    assert "logs.csv:3, column 'item', value '': The item is missing. Fill it in." in err
    code, out, _ = db("imports", "--json")
    [entry] = json.loads(out)
    assert list(entry) == ["id", "file", "sha256", "accepted", "rejected", "created_at", "undone"]
    assert (entry["id"], entry["accepted"], entry["rejected"], entry["undone"]) == (1, 1, 1, False)
    assert "logs.csv" in db("imports")[1]
    code, out, _ = db("undo", 1)
    assert (code, "removed 1 groups" in out) == (0, True)
    assert json.loads(db("imports", "--json")[1])[0]["undone"] is True


def test_stats_count_by_status(db: Db, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD + "u1,i2,\n")
    db("import", tmp_path / "a.csv")
    stats = json.loads(db("stats", "--json")[1])
    assert (stats["users"], stats["items"], stats["groups"], stats["joins"]) == (2, 2, 2, 1)
    assert (stats["successful"], stats["failed"], stats["open"]) == (1, 1, 0)
    assert "1 successful, 1 failed, 0 open" in db("stats")[1]


def test_a_dry_run_changes_nothing_and_json_lists_the_errors(db: Db, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD + "u1,,\n")
    code, out, _ = db("import", tmp_path / "a.csv", "--dry-run", "--json")
    [report] = json.loads(out)
    assert (code, report["id"], report["accepted"], report["rejected"]) == (0, None, 1, 1)
    assert report["errors"][0]["line"] == 3
    assert json.loads(db("imports", "--json")[1]) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import"], "There is no file to import"),
        (["import", "nowhere.csv"], "There is no file nowhere.csv"),
        (["import", "{tmp}/empty.csv"], "is empty"),
        (["import", "{tmp}/bad.csv"], "None of the 1 rows of bad.csv can be used"),
        (["import", "{tmp}/half.csv", "--strict"], "a strict import takes all rows or none"),
        (["import", "{tmp}/half.csv", "--format", "parquet"], "is not a Parquet file"),
        (["import", "{tmp}/half.csv", "--format", "xml"], "invalid choice"),
        (["import", "{tmp}/half.csv", "--column", "x"], "lacks the sign ="),
        (["undo", "7"], "There is no import 7"),
        (["undo", "x"], "invalid int value"),
        (["demo", "--users", "2"], "cannot have 2 users"),
        (["demo", "--until", "June"], "'June' is no day. Write it like 2025-06-30."),
        (["backup", "{tmp}/store.db"], "is the store itself"),
        ([], "COMMAND"),
    ],
)
def test_bad_input_exits_with_2_and_a_sentence(
    db: Db, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "bad.csv").write_text("initiator,item\nu1,\n")
    (tmp_path / "half.csv").write_text(GOOD + "u1,,\n")
    code, out, err = db(*[argument.format(tmp=tmp_path) for argument in arguments])
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_options_say_how_a_file_is_read(db: Db, tmp_path: Path) -> None:
    text = "report\ninitiator*item*launched_at\n王*i1*01/02/2025\n"
    (tmp_path / "a.csv").write_bytes(text.encode("big5"))
    options = ["--encoding", "big5", "--delimiter", "*", "--heading-line", "2", "--dates", "day"]
    options += ["--undecided", "failed"]
    code, out, _ = db("import", tmp_path / "a.csv", *options, "--json")
    assert (code, json.loads(out)[0]["accepted"]) == (0, 1)
    for wrong in (["--encoding", "klingon"], ["--delimiter", "::"], ["--heading-line", "-1"]):
        code, _, err = db("import", tmp_path / "a.csv", *wrong, "--force")
        assert (code, "Traceback" in err) == (2, False)
        assert wrong[1] in err


def test_a_store_that_cannot_be_opened_exits_with_1(
    db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tmp_path}")
    code, out, err = db("stats")
    assert (code, out) == (1, "")
    assert "is a folder" in err


def test_a_backup_is_a_store_of_its_own(db: Db, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    db("import", tmp_path / "a.csv")
    assert db("backup", tmp_path / "copy.db")[0] == 0
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM groups").fetchone() == (1,)
    copy.close()
    code, _, err = db("backup", tmp_path / "no" / "such" / "copy.db")
    assert (code, "Check the folder and the free space" in err) == (1, True)


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db", "demo", "--users", "60", "--until", "2025-06-30"],
        env=os.environ | {"MAMGBR_DB": f"sqlite:///{tmp_path}/new/store.db"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Made 60 users, 450 items, ")
