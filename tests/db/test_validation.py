"""Every row is accepted, or rejected with its line, what is wrong and how to mend it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.messages import Message
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]


def test_line_numbers_count_quoted_line_breaks_and_blank_lines(
    sqlite_store: Store, importing: Import
) -> None:
    text = (
        "initiator,initiator_name,item,status\n"
        'u1,"two\nlines",i1,open\n'  # lines 2 and 3
        "\n"
        "u2,,i1,perhaps\n"  # line 5
        'u3,"three\nmore\nlines",i1,x\n'  # lines 6 to 8
        "u4,,i1,failed\n"
        "u5,,,open\n"  # line 10
    )
    report = importing(sqlite_store, "a.csv", text)
    assert report.accepted == 2
    assert [(error.line, error.column) for error in report.errors] == [
        (5, "status"),
        (6, "status"),
        (10, "item"),
    ]
    assert read_logs(sqlite_store).users["name"].iloc[0] == "two\nlines"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("u1,i1,u2,perhaps,,,", "is not a known state. Say what it means: --state WORD=MEANING"),
        ("u1,i1,u2,,,,1", "a group has at least 2 people"),
        (",i1,u2,,,,", "The initiator is missing. Fill it in"),
        ("u1,  ,u2,,,,", "The item is missing. Fill it in"),
        ("u1,i1", "The row has 2 cells but the heading has 7"),
        ("u1,i1,u2,,,,,u9", "Put quotation marks around a cell that contains the delimiter"),
        ("u" * 201 + ",i1,u2,,,,", "is longer than 200 characters"),
        ("u\x07,i1,u2,,,,", "The initiator contains a control character"),
        ("u1,i1,u\x07,,,,", "The id of a participant contains a control character"),
        ("x" * 1_100_000, "longer than a million characters"),
    ],
)
def test_a_bad_row_is_reported_with_what_is_wrong(
    sqlite_store: Store, importing: Import, row: str, problem: str
) -> None:
    heading = "initiator,item,participants,status,launched_at,price,target_size\n"
    report = importing(sqlite_store, "a.csv", f"{heading}a,b,c,,,,\n{row}\nd,e,f,,,,\n")
    assert (report.accepted, report.rejected) == (2, 1)
    assert report.errors[0].line == 3
    assert problem in str(report.errors[0].problem)
    assert list(read_logs(sqlite_store).users.index) == ["a", "c", "d", "f"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_undecodable_bytes_cost_only_their_row(
    sqlite_store: Store, importing: Import, encoding: str
) -> None:
    rows = "initiator,item,participants\n" + "".join(f"用户{k},i{k},u{k}\n" for k in range(20))
    report = importing(sqlite_store, "a.csv", rows.encode(encoding) + b"\xff\xff\x80,i,u\n")
    assert (report.accepted, report.rejected) == (20, 1)
    assert (report.errors[0].line, report.errors[0].column) == (22, "initiator")
    assert report.errors[0].problem.key == "db.row.not_text"
    assert "用户7" in read_logs(sqlite_store).users.index


def test_an_unclosed_quotation_mark_costs_only_its_row(
    sqlite_store: Store, importing: Import
) -> None:
    text = 'initiator,item,participants\nu1,i1,u2\nu3,"i2,u4\nu5,i1,u6\nu7,i1,u8\n'
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, [error.line for error in report.errors]) == (3, [3])


def test_orders_that_fit_no_group_are_reported(sqlite_store: Store, importing: Import) -> None:
    text = (
        "group,user,role,item,state\n"
        "G1,u1,leader,i1,paid\n"
        "G1,u2,member,i1,paid\n"
        "G2,u4,member,i1,paid\n"  # 4: no initiator
        "G3,u1,leader,i1,paid\n"  # 5
        "G3,u5,leader,i1,paid\n"  # 6: a second initiator
        ",u6,member,i1,paid\n"  # 7: no group
        "G4,u6,leader,i1,paid\n"  # 8
        "G4,u7,boss,i1,paid\n"  # 9: unknown role
        "G5,u6,leader,,paid\n"  # 10: no item
    )
    report = importing(sqlite_store, "a.csv", text)
    assert report.accepted == 2
    assert {error.line: error.problem.key for error in report.errors} == {
        4: "db.row.no_initiator_order",
        5: "db.row.held_back",
        6: "db.row.second_initiator",
        7: "db.row.missing",
        8: "db.row.held_back",
        9: "db.row.role",
        10: "db.row.no_item",
    }
    assert list(read_logs(sqlite_store).users.index) == ["u1", "u2"]


FIELDS = (
    "group",
    "initiator",
    "item",
    "participants",
    "status",
    "launched_at",
    "expires_at",
    "price",
    "target_size",
)
cells = st.sampled_from(
    [
        "",
        "u1",
        "u2",
        "u1 u2",
        "成团",
        "perhaps",
        "2025-06-01",
        "01/02/2025",
        "-3",
        "19.9",
        "1",
        "3人团",
        "1.2E+15",
    ]
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(*[cells] * len(FIELDS)), min_size=1, max_size=8))
def test_every_row_is_accepted_or_rejected_with_a_sentence(
    tmp_path: Path, sqlite_store: Store, rows: list[tuple[str, ...]]
) -> None:
    good = (
        "",
        "good",
        "item",
        "",
        "",
        "",
        "",
        "",
        "",
    )  # so that the file is not refused as a whole
    path = tmp_path / "any.csv"
    path.write_text(
        "\n".join(",".join(row) for row in [FIELDS, good, *rows]) + "\n", encoding="utf-8"
    )
    [report] = import_files(sqlite_store, [path], dry_run=True, force=True)
    filled = [row for row in rows if any(row)]
    assert report.accepted + report.rejected == 1 + len(filled)
    assert {error.line for error in report.errors} <= set(range(3, len(rows) + 3))
    assert len({error.line for error in report.errors}) == report.rejected
    for error in report.errors:
        assert str(error.problem).startswith(("The ", "A ")), error.problem
        assert Message.from_json(error.problem.to_json()) == error.problem
        assert (error.column in FIELDS, bool(error.row)) == (True, True)


def test_the_message_of_a_bad_cell_does_not_repeat_its_content(
    sqlite_store: Store, importing: Import
) -> None:
    report = importing(sqlite_store, "a.csv", "initiator,item,status\na,b,open\nc,d,=1+1\n")
    [error] = report.errors
    assert error.value == "=1+1"
    assert "1+1" not in str(error.problem)
