"""What stands in a cell beside an id, or is no row of the log at all, is told apart before rows are validated."""

from collections.abc import Callable

import pytest

from db.importing.assembly.names_and_numbers import split_names
from db.importing.assembly.people import Met, people_of
from db.importing.assembly.seats import is_nobody, is_shared
from db.importing.assembly.totals import is_total
from db.importing.readers import delimited
from db.importing.report import ImportReport
from db.queries.entities import store_counts
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]

HEAD = "团号,团长,商品,团员,状态\n"


def keys(report: ImportReport) -> set[str]:
    return {note.key for note in report.notes}


@pytest.mark.parametrize(
    ("cells", "pairs"),
    [
        ({"暖阳 / 501", "青山 / 502"}, {"暖阳 / 501": ("501", "暖阳"), "青山 / 502": ("502", "青山")}),
        ({"暖阳(501)", "青山（ID:502）"}, {"暖阳(501)": ("501", "暖阳"), "青山（ID:502）": ("502", "青山")}),
        ({"501-暖阳", "502-青山"}, {"501-暖阳": ("501", "暖阳"), "502-青山": ("502", "青山")}),
        ({"暖阳 / 501", "青山"}, {}),  # not all of one form
        ({"袜子(3)", "毛巾(3)"}, {}),  # one number of two names is no id
        ({"88-A12", "89-B3"}, {}),  # codes
        ({"2025-06-01"}, {}),
    ],
)  # fmt: skip
def test_a_column_of_names_and_numbers_is_cut(
    cells: set[str], pairs: dict[str, tuple[str, str]]
) -> None:
    assert split_names(cells, people=False) == pairs


@pytest.mark.parametrize(
    ("cell", "people", "seats"),
    [
        (["u2 / u3"], ["u2", "u3"], 0),
        (["u2+u3"], ["u2", "u3"], 0),
        (["u2&u3"], ["u2", "u3"], 0),
        (["Lily 妈妈"], ["Lily 妈妈"], 0),
        (["3人"], [], 2),
        (["青山等3人"], ["青山"], 2),
        (["u2", "虚拟用户", "0", "***"], ["u2"], 3),
        (["leader", "u2", "u2"], ["u2"], 0),
        (["bob+deals@example.com"], ["bob+deals@example.com"], 0),
        (["+8613800001111"], ["+8613800001111"], 0),
        (["1.0086E+17"], ["1.0086E+17"], 0),
        (["Tom & Jerry", "木子"], ["Tom & Jerry", "木子"], 0),
    ],
)
def test_the_people_of_a_cell(cell: list[str], people: list[str], seats: int) -> None:
    assert people_of([cell], ["leader"], False, Met()) == ([people], [seats])


def test_elements_of_a_list_are_taken_as_they_are() -> None:
    assert people_of([["A+B"], ["木子/小鹿"]], ["x", "y"], True, Met())[0] == [
        ["A+B"],
        ["木子/小鹿"],
    ]


def test_user_0_is_nobody_unless_users_are_numbered_from_0() -> None:
    assert people_of([["0"]], ["501"], False, Met()) == ([[]], [1])
    assert people_of([["0", "1"], []], ["2", "3"], False, Met()) == ([["0", "1"], []], [0, 0])


def test_ids_of_nobody_and_of_many_are_known() -> None:
    assert all(map(is_nobody, ["0", "-1", "虚拟用户", "匿名用户", "Guest", "***"]))
    assert not any(map(is_nobody, ["10", "guest1", "u0", "暖阳", ""]))
    assert all(map(is_shared, ["138****1234", "张*", "微信用户", "默认昵称", "138XXXX1234"]))
    assert not any(map(is_shared, ["maxx", "暖阳", "13800001111", "XXL妈妈"]))


def test_rows_of_totals_are_known_by_their_words() -> None:
    words = ["合计", "总计：5", "小计", "Grand Total", "subtotal", "共3单", "합계", "合計"]
    assert all(map(is_total, words))
    assert not any(map(is_total, ["合计养生茶", "totality", "G1", "3", ""]))


def test_totals_and_pasted_headings_are_left_out(sqlite_store: Store, importing: Import) -> None:
    text = (
        HEAD + "G1,u1,p1,u2,已成团\n" + HEAD + "G2,u3,合计,u2,已成团\n小计,1,1,2,\n合计,合计,2,3,\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (2, 0)
    assert {"db.note.totals", "db.note.repeated_headings"} <= keys(report)
    assert list(read_logs(sqlite_store).items.index) == ["p1", "合计"]


def test_goods_may_be_called_total(sqlite_store: Store, importing: Import) -> None:
    report = importing(sqlite_store, "a.csv", "group,initiator,item,participants\n1,11,Total,12\n")
    assert (report.accepted, list(read_logs(sqlite_store).items.index)) == (1, ["Total"])


def test_what_is_left_of_a_column_of_names_and_numbers_is_refused(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "ROWS_PER_CHUNK", 2)
    rows = [
        "1,暖阳(501),p1,u2,已成团",
        "2,青山(502),p1,u3,已成团",
        "3,木子,p1,u4,已成团",
        "合计,,,,",
    ]
    report = importing(sqlite_store, "a.csv", HEAD + "\n".join(rows))
    assert [error.problem.key for error in report.errors] == ["db.row.not_name_and_number"]
    assert "db.note.names_and_numbers" in keys(report)
    logs = read_logs(sqlite_store)
    assert logs.users.loc["501", "name"] == "暖阳"
    assert "木子" not in logs.users.index


def test_members_of_a_block_belong_to_the_group_above_them(
    sqlite_store: Store, importing: Import
) -> None:
    text = HEAD + "A1,u1,p1,u2,已成团\n,,,u3,\n,,,u4,\nA2,u5,p1,u1,已成团\n"
    report = importing(sqlite_store, "a.csv", text)
    assert (report.rejected, store_counts(sqlite_store).groups) == (0, 2)
    assert store_counts(sqlite_store).joins == 4


def test_rows_of_one_group_add_up_and_rows_that_disagree_hold_it_back(
    sqlite_store: Store, importing: Import
) -> None:
    text = HEAD + "G1,u1,p1,u2,已成团\nG1,u1,p1,u3,已成团\nG2,u1,p1,u2,拼团中\nG2,u1,p1,u3,已成团\n"
    report = importing(sqlite_store, "a.csv", text)
    assert {error.line: error.problem.key for error in report.errors} == {
        4: "db.row.held_back",
        5: "db.row.repeated_group",
    }
    assert (store_counts(sqlite_store).groups, store_counts(sqlite_store).joins) == (1, 2)


def test_commas_between_thousands_are_no_part_of_ids(
    sqlite_store: Store, importing: Import
) -> None:
    text = HEAD + '"1,001","12,345","98,765","22,333",已成团\n'
    report = importing(sqlite_store, "a.csv", text)
    assert "db.note.thousands_in_ids" in keys(report)
    assert list(read_logs(sqlite_store).users.index) == ["12345", "22333"]
