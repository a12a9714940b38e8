"""Files of items and of people say what they change of those that the store has already."""

from pathlib import Path

import pytest

from db.importing.history import import_history
from db.importing.pipeline import import_files
from db.store import Store

FIRST = "item id,item name,stock,status,price\ni1,Milk,5,on,2.5\ni2,Tea,0,on,3\n"


@pytest.fixture
def say(sqlite_store: Store, tmp_path: Path):
    """``say(content)``: the notes on what a file of items or users changes."""

    def notes(content: str, dry_run: bool = False) -> list[str]:
        path = tmp_path / "file.csv"
        path.write_text(content)
        [report] = import_files(sqlite_store, [path], dry_run=dry_run)
        return [str(note) for note in report.notes if "chang" in note.key]

    return notes


def test_a_file_says_how_many_it_changes_and_in_what(say) -> None:
    assert say(FIRST) == []
    changed = FIRST.replace("5,on", "7,off").replace("i2,Tea,0", "i2,Tea,1") + "i3,Pen,1,on,1\n"
    told = ["Changed of what was known: 2, namely shelf status of 1, stock of 2."]
    assert say(changed, dry_run=True) == told
    assert say(changed) == told


def test_an_empty_cell_changes_nothing(say, sqlite_store) -> None:
    say(FIRST)
    assert say("item id,stock,status\ni1,,\ni2,,on\n") == ["Nothing of what was known changes."]
    assert len(import_history(sqlite_store)) == 2


def test_people_are_compared_too(say) -> None:
    say("user id,city,contactable\nu1,Rome,yes\nu2,Rome,yes\n")
    told = say("user id,user name,city,contactable\nu1,Ann,Oslo,no\nu2,,Rome,yes\n")
    assert told == [
        "Changed of what was known: 1, namely mark of who may be asked of 1, user name of 1, city of 1."
    ]
