"""Lists that are taken away run nothing in a spreadsheet and lose nothing."""

import csv
import io
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from app.frame.downloads import csv_bytes
from app.frame.workbook import workbook_bytes


def read_back(frame):
    text = csv_bytes(frame).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "attack", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1"]
)
def test_neither_a_cell_nor_a_heading_runs_as_a_formula(attack):
    assert read_back(pd.DataFrame({attack: [attack]})) == [["'" + attack], ["'" + attack]]


def test_names_numbers_and_line_breaks_survive():
    frame = pd.DataFrame({"名称": ['他说"好",\n真的', "小雨", "a=b"], "n": [-3.5, 2.0, 3.0]})
    assert read_back(frame) == [
        ["名称", "n"],
        ['他说"好",\n真的', "-3.5"],
        ["小雨", "2.0"],
        ["a=b", "3.0"],
    ]


def test_what_is_missing_is_an_empty_cell():
    frame = pd.DataFrame(
        {"a": [None, float("nan"), "x"], "b": [1.5, None, None], "c": [pd.NaT, None, pd.NaT]}
    )
    assert read_back(frame)[1:] == [["", "1.5", ""], ["", "", ""], ["x", "", ""]]


def test_a_spreadsheet_is_told_that_the_file_is_utf_8():
    assert csv_bytes(pd.DataFrame({"名": ["小雨"]})).startswith(b"\xef\xbb\xbf")


def sheet_of(table, headings=None):
    content = workbook_bytes(table, headings or list(table.columns), "名单")
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_a_workbook_keeps_ids_as_texts_shares_as_percentages_and_times_as_times():
    table = pd.DataFrame(
        {
            "id": ["00123", "690123456789012345678", "1E5"],
            "spot_share": [0.25, 0.0001, None],
            "price": [19.9, None, 1280.0],
            "expires_at": [pd.Timestamp("2026-05-01 10:00"), pd.NaT, None],
            "rank": [1, 2, 3],
        }
    )
    sheet = sheet_of(table, ["编号", "可能性", "价格", "截止时间", "#"])
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows == [
        ["编号", "可能性", "价格", "截止时间", "#"],
        ["00123", 0.25, 19.9, datetime(2026, 5, 1, 10, 0), 1],
        ["690123456789012345678", 0.0001, None, None, 2],
        ["1E5", None, 1280, None, 3],
    ]
    assert [cell.data_type for cell in sheet["A"][1:]] == ["s"] * 3
    assert [cell.number_format for cell in sheet[2]] == [
        "General", "0.00%", "#,##0.00", "yyyy-mm-dd hh:mm", "General",
    ]  # fmt: skip
    assert (sheet.title, sheet.freeze_panes) == ("名单", "A2")


def test_columns_of_a_workbook_are_as_wide_as_what_they_hold_and_no_wider_than_a_page():
    sheet = sheet_of(pd.DataFrame({"a": ["u1"], "b": ["手工凤梨酥礼盒装"], "c": ["x" * 500]}))
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] < 10 < 16 < widths[1] < 20 < 60 < widths[2] < 62


@pytest.mark.parametrize("attack", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "http://a.example"])
def test_no_cell_and_no_heading_of_a_workbook_is_a_formula_or_a_link(attack):
    sheet = sheet_of(pd.DataFrame({attack: [attack]}))
    for cell in (sheet["A1"], sheet["A2"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (attack, "s", None)


def test_texts_that_no_workbook_can_hold_are_cut_or_marked_not_lost():
    sheet = sheet_of(pd.DataFrame({"a": ["x" * 40_000, "a\ud800b", "bell\x07"]}, dtype=object))
    assert len(sheet["A2"].value) == 32_767
    assert sheet["A3"].value == "a?b"
    assert "bell" in sheet["A4"].value


def test_an_empty_list_is_a_workbook_with_headings():
    assert [cell.value for cell in sheet_of(pd.DataFrame({"a": [], "b": []}))[1]] == ["a", "b"]
