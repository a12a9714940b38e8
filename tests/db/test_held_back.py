"""A row that cannot be read costs its whole group: what is stored of any group is what the file says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import InputError
from db.importing.answers import NO_ANSWERS
from db.importing.log_file import LogFile, read_log
from db.importing.pipeline import import_files
from db.importing.readers.source import examine_file
from db.importing.report import ImportReport
from db.importing.staged import STATUS_NAMES, StagedLogs
from db.store import Store

Import = Callable[..., ImportReport]

ITEM, SIZE = "p7", 3


@dataclass(frozen=True)
class Truth:
    """One group as the shop knows it; its people in the order of their orders."""

    id: str
    people: tuple[str, ...]

    @property
    def status(self) -> str:
        """By its size."""
        return "successful" if len(self.people) >= SIZE else "failed"


Row = list[str]
GROUPS = [
    Truth("G101", ("u1", "u2", "u3")),
    Truth("G102", ("u4", "u2")),
    Truth("G103", ("u5",)),
    Truth("G104", ("u3", "u1", "u6", "u7")),
]
# What no reader can read, by the column that it stands in; * is any column.
BAD_CELLS = {
    "用户id": ["1.23456E+17", "u\x07", ""],
    "团长": ["1.23456E+17", ""],
    "角色": ["boss?"],
    "订单状态": ["待定???"],
    "拼团状态": ["冻结???"],
    "团员": ["1.23456E+17", "u\x07"],
    "成团人数": ["three or so?"],
}


def order_rows(with_roles: bool) -> list[Row]:
    head = ["团号", "用户id", "角色", "商品id", "订单状态", "支付时间", "成团人数"]
    rows = [
        [
            group.id,
            user,
            "团长" if not place else "团员",
            ITEM,
            "已支付",
            f"2026-05-0{day + 1} 10:0{place}:00",
            str(SIZE),
        ]
        for day, group in enumerate(GROUPS)
        for place, user in enumerate(group.people)
    ]
    if with_roles:
        return [head, *rows]
    return [[cell for k, cell in enumerate(row) if k != 2] for row in (head, *reversed(rows))]


def pointer_rows() -> list[Row]:
    rows, record = [["id", "k_id", "uid", "商品id", "订单状态", "支付时间", "成团人数"]], 100
    for day, group in enumerate(GROUPS):
        launch = record + 1
        for place, user in enumerate(group.people):
            record += 1
            time = f"2026-05-0{day + 1} 10:0{place}:00"
            rows.append(
                [str(record), str(launch if place else 0), user, ITEM, "已支付", time, str(SIZE)]
            )
    return rows


def group_rows() -> list[Row]:
    words = {"successful": "已成团", "failed": "未成团"}
    rows = [
        [
            group.id,
            group.people[0],
            ITEM,
            ";".join(group.people[1:]),
            words[group.status],
            str(SIZE),
        ]
        for group in GROUPS
    ]
    return [["团号", "团长", "商品", "团员", "拼团状态", "成团人数"], *rows]


LAYOUTS = {
    "roles": order_rows(True),
    "times": order_rows(False),
    "pointers": pointer_rows(),
    "a row a group": group_rows(),
}


def read(rows: list[Row]) -> tuple[StagedLogs, ImportReport] | None:
    """What an import would store; None if nothing of the file can be used."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "export.csv")
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
        try:
            return read_log(LogFile(path), examine_file(path), "auto", NO_ANSWERS)
        except InputError:
            return None


def groups_of(staged: StagedLogs) -> set[tuple[str, str, str, frozenset[str], str]]:
    """(initiator, item, first participant...) of every group, whatever its number."""
    members: dict[int, set[str]] = {}
    for group, user in zip(staged.member_group.tolist(), staged.member.tolist(), strict=True):
        members.setdefault(group, set()).add(staged.users[user])
    return {
        (
            str(staged.group_id[k]),
            staged.users[staged.initiator[k]],
            staged.items[staged.item[k]],
            frozenset(members.get(k, set())),
            STATUS_NAMES[int(staged.status[k])],
        )
        for k in range(len(staged.group_id))
    }


def truth_of(layout: str) -> set[tuple[str, str, str, frozenset[str], str]]:
    launches = {
        group.id: row[0]
        for group in GROUPS
        for row in pointer_rows()[1:]
        if row[1] == "0" and row[2] == group.people[0]
    }
    return {
        (
            launches[group.id] if layout == "pointers" else group.id,
            group.people[0],
            ITEM,
            frozenset(group.people[1:]),
            group.status,
        )
        for group in GROUPS
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_clean_file_brings_every_group(layout: str) -> None:
    found = read(LAYOUTS[layout])
    assert found is not None
    assert groups_of(found[0]) == truth_of(layout)
    assert found[1].rejected == 0


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_rows_that_cannot_be_read_never_make_a_wrong_group(
    layout: str, data: st.DataObject
) -> None:
    rows = [list(row) for row in LAYOUTS[layout]]
    bad = data.draw(st.sets(st.integers(1, len(rows) - 1), min_size=1, max_size=3))
    for place in bad:
        how = data.draw(st.sampled_from(["cell", "cell", "more cells", "fewer cells"]))
        if how == "more cells":
            rows[place].append("surplus")
        elif how == "fewer cells":
            rows[place].pop()
        else:
            columns = [k for k, heading in enumerate(rows[0]) if heading in BAD_CELLS]
            column = data.draw(st.sampled_from(columns))
            rows[place][column] = data.draw(st.sampled_from(BAD_CELLS[rows[0][column]]))
    found = read(rows)
    if found is None:
        return
    staged, report = found
    stored = groups_of(staged)
    assert stored <= truth_of(layout), report.notes
    stored_ids = {group[0] for group in stored}
    missing = {group[0] for group in truth_of(layout)} - stored_ids
    if missing:
        assert report.rejected >= len(missing)


def test_all_rows_of_a_held_back_group_name_the_line_at_fault(
    sqlite_store: Store, importing: Import
) -> None:
    rows = [list(row) for row in order_rows(True)]
    rows[2][4] = "待定???"
    text = "\n".join(map(",".join, rows))
    report = importing(sqlite_store, "a.csv", text)
    held = [error for error in report.errors if error.problem.key == "db.row.held_back"]
    assert [error.line for error in held] == [2, 4]
    assert {error.problem.values["line"] for error in held} == {3}
    assert any(note.key == "db.note.held_back" for note in report.notes)
    assert report.states["successful"] == 1


def test_a_row_that_lost_its_group_costs_the_group_that_it_stands_in(
    sqlite_store: Store, importing: Import
) -> None:
    rows = [list(row) for row in order_rows(True)]
    rows[2][0] = "1.23456E+17"  # between the rows of G101
    report = importing(sqlite_store, "a.csv", "\n".join(map(",".join, rows)))
    assert sorted(error.line for error in report.errors) == [2, 3, 4]


@pytest.mark.parametrize("headings", [["group", "user", "role", "item"], ["initiator", "item"]])
def test_a_file_of_columns_without_rows_is_refused_with_a_sentence(
    sqlite_store: Store, tmp_path: Path, headings: list[str]
) -> None:
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in headings}), tmp_path / "a")
    with pytest.raises(InputError, match="no rows"):
        import_files(sqlite_store, [tmp_path / "a"])


def test_a_launch_between_equal_times_is_told(sqlite_store: Store, importing: Import) -> None:
    head = "group,user,item,paid at\n"
    text = head + "G1,u1,i1,2026-05-01 10:00\nG1,u2,i1,2026-05-01 10:00\nG2,u3,i1,2026-05-01\n"
    report = importing(sqlite_store, "a.csv", text)
    [note] = [note for note in report.notes if note.key == "db.note.initiators_by_line"]
    assert note.values["n"] == 1


def test_a_group_of_which_only_one_order_has_no_time_is_held_back(
    sqlite_store: Store, importing: Import
) -> None:
    head = "group,user,item,paid at\n"
    text = head + "G1,u1,i1,\nG1,u2,i1,2026-05-01 10:00\nG2,u3,i1,2026-05-01 10:00\n"
    report = importing(sqlite_store, "a.csv", text)
    assert {error.line: error.problem.key for error in report.errors} == {
        2: "db.row.no_time_to_compare",
        3: "db.row.held_back",
    }
