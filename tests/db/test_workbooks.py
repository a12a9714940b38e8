"""Workbooks are read as they are: every sheet, merged cells, whole ids, dates, formulas by their values."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from db.errors import InputError
from db.importing.answers import Answers
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.importing.report import ImportReport
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]

HEADINGS = ["团号", "团长", "商品", "团员", "成团状态", "开团时间", "几人团"]
ROWS = [
    ["G1", "u1", "p1", "u2,u3", "已成团", datetime(2026, 5, 1, 10), 3],
    ["G2", "u4", "p2", "u5", "已成团", datetime(2026, 5, 2, 10), 2],
]


def workbook(
    *sheets: tuple[str, Sequence[Sequence[object]]],
    change: Callable[[Worksheet], object] = lambda _: None,
) -> bytes:
    """An .xlsx of sheets; ``change`` is done to the first."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book.worksheets[0])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def groups(store: Store) -> list[tuple[str, str, int]]:
    """Initiator, item and number of joins of each group."""
    logs = read_logs(store)
    return [
        (logs.users.index[logs.group_initiator[k]], logs.items.index[logs.group_item[k]],
         int((logs.join_group == k).sum()))
        for k in range(len(logs.group_item))
    ]  # fmt: skip


def test_a_title_over_the_heading_and_dates_as_dates_are_read(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    content = workbook(
        ("订单", [["六月拼团"], HEADINGS, *ROWS]), change=lambda sheet: sheet.merge_cells("A1:G1")
    )
    report = importing(sqlite_store, "a.xlsx", content)
    assert (report.format, report.accepted, report.rejected) == ("xlsx", 2, 0)
    assert groups(sqlite_store) == [("u1", "p1", 2), ("u4", "p2", 1)]
    assert str(read_logs(sqlite_store).group_launched_at[0]) == "2026-05-01T10:00:00"
    seen = preview_file(tmp_path / "a.xlsx")
    assert (seen.heading_line, seen.sheet, seen.sheets) == (2, "订单", ("订单",))
    assert seen.rows.iloc[0].tolist() == [
        "G1",
        "u1",
        "p1",
        "u2,u3",
        "已成团",
        "2026-05-01 10:00:00",
        "3",
    ]


def test_the_sheet_with_the_best_known_headings_is_read_and_a_note_names_the_others(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    other = [HEADINGS, ["G9", "u9", "p9", "", "未成团", None, None]]
    content = workbook(("说明", [["商品", "备注"]]), ("5月", [HEADINGS, *ROWS]), ("6月", other))
    report = importing(sqlite_store, "a.xlsx", content)
    [note] = [one for one in report.notes if one.key == "db.note.sheet"]
    assert (note.values["sheet"], note.values["others"]) == (("5月",), ("说明", "6月"))
    chosen = Answers(sheet="6月")
    assert preview_file(tmp_path / "a.xlsx", answers=chosen).sheets == ("说明", "5月", "6月")
    [second] = import_files(sqlite_store, [tmp_path / "a.xlsx"], answers=chosen)
    assert second.accepted == 1
    assert groups(sqlite_store)[2] == ("u9", "p9", 0)
    with pytest.raises(InputError, match="was imported already"):
        import_files(sqlite_store, [tmp_path / "a.xlsx"], answers=chosen)
    with pytest.raises(InputError, match=r"no sheet '7月'\. It has '说明', '5月' and '6月'"):
        import_files(sqlite_store, [tmp_path / "a.xlsx"], answers=Answers(sheet="7月"))


def test_the_value_of_a_merged_cell_counts_for_all_its_rows(
    sqlite_store: Store, importing: Import
) -> None:
    rows = [
        ["团号", "用户", "商品", "角色", "订单状态"],
        ["G1", "u1", "p1", "团长", "已支付"],
        [None, "u2", None, "团员", "已支付"],
        [None, "u3", None, "团员", "已支付"],
        ["G2", "u4", "p2", "团长", "已支付"],
    ]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("C2:C4")

    report = importing(sqlite_store, "a.xlsx", workbook(("s", rows), change=merge))
    assert (report.accepted, report.rejected) == (4, 0)
    assert groups(sqlite_store) == [("u1", "p1", 2), ("u4", "p2", 0)]


def test_ids_are_whole_or_refused_with_their_number(sqlite_store: Store, importing: Import) -> None:
    rows = [
        ["initiator", "item", "participants"],
        [18612345678, "0012", 123456789012345],
        [1234567890123457, 7.0, 5],  # its last digit is no 0: nobody has shortened it
        [123456789012345678, "p1", 6],
    ]
    report = importing(sqlite_store, "a.xlsx", workbook(("s", rows)))
    assert [(error.line, error.value) for error in report.errors] == [(4, "1.23456789012346E+17")]
    assert list(read_logs(sqlite_store).users.index) == [
        *("18612345678", "123456789012345", "1234567890123457", "5"),
    ]
    assert list(read_logs(sqlite_store).items.index) == ["0012", "7"]


def test_formulas_count_by_their_values_and_errors_are_nothing(
    sqlite_store: Store, importing: Import
) -> None:
    rows = [
        ["initiator", "item", "item name", "participants"],
        ["u1", "p1", "#N/A", "u2"],
    ]
    content = workbook(("s", rows))
    # As a spreadsheet saves a formula: with its last value.
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                cell = b'<c r="B2" t="str"><f>"p"&amp;1</f><v>p1</v></c>'
                start, end = part.index(b'<c r="B2"'), part.index(b'<c r="C2"')
                part = part[:start] + cell + part[end:]
            new.writestr(name, part)
    importing(sqlite_store, "a.xlsx", packed.getvalue())
    items = read_logs(sqlite_store).items
    assert (list(items.index), items["name"].isna().tolist()) == (["p1"], [True])


def test_cells_far_away_and_a_million_empty_rows_do_no_harm(
    sqlite_store: Store, importing: Import
) -> None:
    def paint(sheet: Worksheet) -> None:
        sheet["XFD1048576"].fill = PatternFill("solid", fgColor="FF0000")

    content = workbook(
        ("s", [["initiator", "item", "participants"], ["u1", "p1", "u2"]]), change=paint
    )
    assert importing(sqlite_store, "a.xlsx", content).accepted == 1

    def write(sheet: Worksheet) -> None:
        sheet["XFD1048576"] = 1

    content = workbook(
        ("s", [["initiator", "item", "participants"], ["u2", "p1", "u3"]]), change=write
    )
    with pytest.raises(InputError, match="a cell may stand far away from the table"):
        importing(sqlite_store, "b.xlsx", content)


def test_a_bomb_in_a_workbook_is_refused_by_its_size(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMGBR_UPLOAD_MB", "1")
    packed = io.BytesIO(workbook(("s", [["initiator", "item"]])))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * 20_000_000)
    with pytest.raises(InputError, match="unpacks to more than 10 MB"):
        importing(sqlite_store, "a.xlsx", packed.getvalue())


def test_tables_of_web_pages_are_read_with_cells_over_several_rows(
    sqlite_store: Store, importing: Import
) -> None:
    page = (
        "<table border=1><tr><th colspan=4>六月</th></tr><tr><td>团号<td>用户<td>商品<td>角色</tr>"
        "<tr><td rowspan=2>G1</td><td>u1</td><td>p1</td><td>团长</td></tr>"
        "<tr><td>u2&nbsp;</td><td>p1</td><td>团员</td></tr></table>"
    )
    report = importing(sqlite_store, "orders.xls", page.encode("gb18030"))
    assert (report.format, report.accepted) == ("html", 2)
    assert groups(sqlite_store) == [("u1", "p1", 1)]


@pytest.mark.parametrize("inner", ["orders.csv", "orders.xlsx"])
def test_the_only_file_in_a_zip_archive_is_read(
    sqlite_store: Store, importing: Import, inner: str
) -> None:
    content = "团长,商品,团员\nu1,p1,u2\n".encode("gb18030")
    if inner.endswith("xlsx"):
        content = workbook(("s", [["团长", "商品", "团员"], ["u1", "p1", "u2"]]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"导出/{inner}", content)
        archive.writestr("__MACOSX/._orders", b"x")
    assert importing(sqlite_store, "a.zip", packed.getvalue()).accepted == 1
    assert groups(sqlite_store) == [("u1", "p1", 1)]


def test_an_archive_of_several_files_names_them(sqlite_store: Store, importing: Import) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "y")
    with pytest.raises(InputError, match=r"archive of 2 files, such as 'a\.csv' and 'b\.csv'"):
        importing(sqlite_store, "a.zip", packed.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        '[{"group": "G1", "initiator": "u1", "item": "p1", "participants": ["u2"]}]',
        '{"code": 0, "data": [{"initiator": "u1", "item": "p1", "participants": ["u2"]}]}',
        '{\n "data": {\n  "total": 1,\n  "options": [{"id": 1}],\n  "list": [\n   {"initiator": "u1",\n'
        '    "item": "p1", "participants": [{"uid": "u2"}]}\n  ]\n }\n}',
        '{"initiator": "u1",\n "item": "p1",\n "participants": "u2"}\n',
        '[\n{"initiator": "u1", "item": "p1", "participants": "u2"},\n3\n]',
    ],
)
def test_lists_in_json_are_read_wherever_they_are(
    sqlite_store: Store, importing: Import, tmp_path: Path, text: str
) -> None:
    report = importing(sqlite_store, "answer.json", text)
    assert (report.format, report.accepted) == ("json", 1)
    assert groups(sqlite_store) == [("u1", "p1", 1)]
    assert preview_file(tmp_path / "answer.json").rows["initiator"].tolist() == ["u1"]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO `eb_store_pink` VALUES (11,501,'wx1',9001);",
        "-- MySQL dump 10.13\n\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE `a` (\n  `id` int\n);\n",
        "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n",
        "/*\n Navicat Premium Data Transfer\n*/\nSET NAMES utf8mb4;\nSET FOREIGN_KEY_CHECKS = 0;\n",
    ],
)
def test_sql_dumps_are_named_and_the_next_step_is_csv(
    sqlite_store: Store, importing: Import, text: str
) -> None:
    with pytest.raises(InputError, match=r"is an SQL dump, .* as CSV"):
        importing(sqlite_store, "dump.sql", text)


def test_a_workbook_in_xml_is_named(sqlite_store: Store, importing: Import) -> None:
    text = (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    )
    with pytest.raises(InputError, match=r"is a workbook in XML .* CSV"):
        importing(sqlite_store, "a.xls", text)


def test_a_workbook_is_found_by_a_relative_path(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xlsx").write_bytes(
        workbook(("s", [["initiator", "item", "participants"], ["u1", "p1", "u2"]]))
    )
    monkeypatch.chdir(tmp_path)
    assert import_files(sqlite_store, ["a.xlsx"])[0].accepted == 1
