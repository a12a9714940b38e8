"""What people say about a file holds for the next file with the same headings."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.errors import InputError
from db.importing.answers import Answers, recall_answers, remember_answers
from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.migrate import upgrade_schema
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]

ALL = Answers(
    encoding="big5",
    sheet="訂單",
    delimiter=";",
    heading_line=3,
    dates="day",
    decimals="comma",
    columns={"who": "initiator", "note": ""},
    states={"未核销": "paid", "状态:1": "open"},
    undecided="failed",
)


def test_every_answer_comes_back_as_it_was_given(sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        remember_answers(connection, ["who", "what"], ALL)
    assert recall_answers(sqlite_store, ["who", "what"]) == ALL


def test_a_later_answer_overrides_an_earlier_one_column_by_column_and_word_by_word() -> None:
    later = Answers(dates="month", columns={"who": "user"}, states={"退件": "void"})
    both = ALL.updated(later)
    assert (both.dates, both.encoding) == ("month", "big5")
    assert both.columns == {"who": "user", "note": ""}
    assert both.states == {"未核销": "paid", "状态:1": "open", "退件": "void"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (Answers(dates="year"), "cannot begin with 'year'"),
        (Answers(decimals="dot"), "cannot be 'dot'"),
        (Answers(undecided="void"), "cannot be 'void'"),
        (Answers(states={"未核销": "maybe"}), "'未核销' cannot mean 'maybe'"),
        (Answers(states={"": "paid"}), "cannot mean"),
        (Answers(encoding="klingon"), "no encoding 'klingon'"),
        (Answers(delimiter="ab"), "single character"),
        (Answers(heading_line=-1), "counted from 1"),
    ],
)
def test_an_answer_that_no_file_can_be_read_with_is_refused(answers: Answers, said: str) -> None:
    with pytest.raises(InputError, match=said):
        answers.check()


def test_the_next_file_with_the_same_headings_is_read_alike_and_a_note_says_so(
    sqlite_store: Store, importing: Import
) -> None:
    heading, said = "who,item,with\n", Answers(columns={"who": "initiator", "with": "participants"})
    importing(sqlite_store, "a.csv", heading + "u1,i1,u2\n", answers=said, remember=True)
    report = importing(sqlite_store, "b.csv", heading + "u3,i1,u4\n", remember=True)
    assert "--column who=initiator, --column with=participants" in str(report.notes[0])
    assert list(read_logs(sqlite_store).users.index) == ["u1", "u2", "u3", "u4"]


def test_a_file_that_the_product_reads_wrongly_by_itself_is_recognised_all_the_same(
    sqlite_store: Store, importing: Import
) -> None:
    """Its headings are known as the product reads them without the answer."""
    table = "開團人,商品,團員\n甲{n},i1,乙{n}\n"
    said = Answers(encoding="big5", columns={"開團人": "initiator", "團員": "participants"})
    for n, answers in ((1, said), (2, Answers())):
        content = table.format(n=n).encode("big5")
        importing(sqlite_store, f"{n}.csv", content, answers=answers, remember=True)
    assert list(read_logs(sqlite_store).users.index) == ["甲1", "乙1", "甲2", "乙2"]


def test_a_dry_run_remembers_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("who,item\nu1,i1\n")
    said = Answers(columns={"who": "initiator"}, undecided="open")
    import_files(sqlite_store, [tmp_path / "a.csv"], answers=said, remember=True, dry_run=True)
    assert recall_answers(sqlite_store, ["who", "item"]) == Answers()


def test_choices_of_older_stores_become_answers(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade_schema(connection, "0006")
        connection.execute(
            text("INSERT INTO column_choices VALUES (:headings, :columns, 'day', 5)"),
            {
                # The SHA-256 of '["who", "what"]'.
                "headings": "6d7dcd96c8496d632d14eca7050033e79297d9c3c72cb1a44321538265cf8a7b",
                "columns": json.dumps({"who": "initiator", "what": ""}),
            },
        )
    engine.dispose()
    store = Store.open(f"sqlite:///{path}")
    columns = {"who": "initiator", "what": ""}
    assert recall_answers(store, ["who", "what"]) == Answers(columns=columns, dates="day")
    store.close()
