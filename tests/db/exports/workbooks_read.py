"""Workbooks as they are: sheets, formulas, dates of two epochs, ids as text and as numbers, hand-made .xls."""

from datetime import datetime

from exports.case import Case, Group, Outcome, refused
from exports.workbooks import xlsx

KIND = "workbook"

_HEADINGS = ["团号", "团长", "商品", "团员", "状态", "开团时间", "成团人数"]
_G1 = Group("G1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00", target_size=3)
_G2 = Group("G2", "u4", "p2", ["u5"], "successful", "2026-05-03 10:00:00", target_size=2)
_ROWS = [
    _HEADINGS,
    ["G1", "u1", "p1", "u2,u3", "已成团", datetime(2026, 5, 1, 10), 3],
    ["G2", "u4", "p2", "u5", "已成团", datetime(2026, 5, 3, 10), 2],
]

CASES = [
    Case(
        "workbook_called_csv",
        "A workbook that was renamed to .csv is a workbook still.",
        {"export.csv": xlsx(_ROWS)},
        Outcome([_G1, _G2], rejected=0),
        [refused("workbook|spreadsheet|Excel")],
    ),
    Case(
        "text_tabs_under_xls",
        "Tab-separated UTF-8 with a byte order mark, called .xls.",
        {"export.xls": "\ufeff团号\t团长\t商品\t团员\t状态\nG1\tu1\tp1\tu2,u3\t已成团\n"},
        Outcome([Group("G1", "u1", "p1", ["u2", "u3"], "successful")], rejected=0),
    ),
]
