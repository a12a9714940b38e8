"""Workbooks as they are: sheets, formulas, dates of two epochs, ids as text and as numbers, hand-made .xls."""

from datetime import datetime

from exports.case import Case, Group, Outcome, either, refused
from exports.workbooks import Formula, Missing, Phonetic, biff, xlsx

KIND = "workbook"

_HEADINGS = ["团号", "团长", "商品", "团员", "状态", "开团时间", "成团人数"]
_G1 = Group("G1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00", target_size=3)
_G2 = Group("G2", "u4", "p2", ["u5"], "successful", "2026-05-03 10:00:00", target_size=2)
_ROWS = [
    _HEADINGS,
    ["G1", "u1", "p1", "u2,u3", "已成团", datetime(2026, 5, 1, 10), 3],
    ["G2", "u4", "p2", "u5", "已成团", datetime(2026, 5, 3, 10), 2],
]
_NOTES = [["使用说明"], ["1. 本表由系统导出"], ["2. 请勿修改表头"]]

CASES = [
    Case(
        "list_on_the_second_sheet",
        "The first sheet explains the export, the second one is the list.",
        {"export.xlsx": xlsx(_NOTES, _ROWS, names=["说明", "拼团记录"])},
        Outcome([_G1, _G2], rejected=0),
        [refused("sheet|工作表", "拼团记录")],
    ),
    Case(
        "second_sheet_said",
        "The same with the sheet said by name.",
        {"export.xlsx": xlsx(_NOTES, _ROWS, names=["说明", "拼团记录"])},
        Outcome([_G1, _G2], rejected=0),
        arguments=["--sheet", "拼团记录"],
    ),
    Case(
        "hidden_first_sheet",
        "A hidden sheet of codes stands first: what a person sees in Excel is the list.",
        {
            "export.xlsx": xlsx(
                [["code", "name"], ["1", "a"]], _ROWS, names=["_codes", "groups"], hidden=[0]
            )
        },
        Outcome([_G1, _G2], rejected=0),
        [refused("sheet", "groups")],
    ),
    Case(
        "formulas_by_their_values",
        "The group's number is put together by a formula, the size is a sum, one cell has an error.",
        {
            "export.xlsx": xlsx(
                [
                    [*_HEADINGS, "原价"],
                    [
                        Formula('"G"&1', "G1"),
                        "u1",
                        "p1",
                        "u2,u3",
                        "已成团",
                        datetime(2026, 5, 1, 10),
                        Formula("1+2", 3.0),
                        Missing(),
                    ],
                    [
                        Formula('"G"&2', "G2"),
                        "u4",
                        "p2",
                        "u5",
                        "已成团",
                        datetime(2026, 5, 3, 10),
                        Formula("1+1", 2.0),
                        19.9,
                    ],
                ]
            )
        },
        Outcome([_G1, _G2], prices={"p1": None, "p2": 19.9}, rejected=0),
    ),
    Case(
        "dates_as_text",
        "Dates and sizes as text, ids with leading zeros as text.",
        {
            "export.xlsx": xlsx(
                [
                    _HEADINGS,
                    ["000271", "0012", "0098", "0013,0014", "已成团", "2026/5/1 10:00", "3"],
                    ["000272", "0015", "0098", "0012", "已成团", "2026年5月3日 10:00:00", "2"],
                ]
            )
        },
        Outcome(
            [
                Group(
                    "000271",
                    "0012",
                    "0098",
                    ["0013", "0014"],
                    "successful",
                    "2026-05-01 10:00:00",
                    target_size=3,
                ),
                Group(
                    "000272",
                    "0015",
                    "0098",
                    ["0012"],
                    "successful",
                    "2026-05-03 10:00:00",
                    target_size=2,
                ),
            ],
            rejected=0,
        ),
    ),
    Case(
        "from_1904",
        "A workbook from a Mac counts its days from 1904.",
        {"export.xlsx": xlsx(_ROWS, from_1904=True)},
        Outcome([_G1, _G2], rejected=0),
    ),
    Case(
        "role_as_true_and_false",
        "Boolean cells say who is the leader, whole numbers are the ids.",
        {
            "orders.xlsx": xlsx(
                [
                    ["拼团编号", "用户编号", "是否团长", "商品编号", "订单状态", "支付时间"],
                    [20260501001, 10000000011, True, 88, "已支付", datetime(2026, 5, 1, 10)],
                    [20260501001, 10000000012, False, 88, "已支付", datetime(2026, 5, 1, 10, 5)],
                ]
            )
        },
        Outcome(
            [
                Group(
                    "20260501001",
                    "10000000011",
                    "88",
                    ["10000000012"],
                    "successful",
                    "2026-05-01 10:00:00",
                )
            ],
            rejected=0,
        ),
    ),
    Case(
        "shortened_in_the_workbook",
        "The group's own number has 19 digits and is a number: cut after 15, both rows of it, named, and nothing joined.",
        {
            "orders.xlsx": xlsx(
                [
                    ["拼团编号", "用户编号", "是否团长", "商品编号", "订单状态", "支付时间"],
                    [1234567890123456789, 11, "是", 88, "已支付", datetime(2026, 5, 1, 10)],
                    [1234567890123456789, 12, "否", 88, "已支付", datetime(2026, 5, 1, 10, 5)],
                    [123456789012345, 13, "是", 88, "已支付", datetime(2026, 5, 2, 10)],
                    [123456789012345, 14, "否", 88, "已支付", datetime(2026, 5, 2, 10, 5)],
                ]
            )
        },
        Outcome(
            [Group("123456789012345", "13", "88", ["14"], "successful", "2026-05-02 10:00:00")],
            rejected=2,
            says=[r"1234567890123456|1\.2345678901234\d*E\+?18"],
        ),
    ),
    Case(
        "hand_made_xls",
        "Old PHP shops write an .xls record by record, without a workbook around it, in GBK.",
        {
            "export.xls": biff(
                [["团号", "团长", "商品", "团员", "状态"], ["G1", "u1", "p1", "u2,u3", "已成团"]]
            )
        },
        Outcome([Group("G1", "u1", "p1", ["u2", "u3"], "successful")], rejected=0),
        [refused("workbook|spreadsheet|Excel", r"csv|xlsx")],
    ),
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
    Case(
        "two_lists_in_one_workbook",
        "May and June stand on a sheet each, with the same headings: both are read, or the others are named.",
        {
            "export.xlsx": xlsx(
                [_HEADINGS, ["G1", "u1", "p1", "u2,u3", "已成团", datetime(2026, 5, 1, 10), 3]],
                [_HEADINGS, ["G2", "u4", "p2", "u5", "已成团", datetime(2026, 5, 3, 10), 2]],
                names=["5月", "6月"],
            )
        },
        Outcome([_G1, _G2], rejected=0),
        [
            Outcome([_G1], says=["6月"]),
            Outcome([_G2], says=["5月"]),
            refused("sheet|工作表", "5月", "6月"),
        ],
    ),
    Case(
        "readings_beside_the_signs",
        "Japanese Excel keeps the reading beside a name: it is no part of it.",
        {
            "groups.xlsx": xlsx(
                [
                    ["グループID", "initiator", "item", "item name", "participants", "status"],
                    ["1", "u1", "p1", Phonetic("有機蜜柑", "ユウキミカン"), "u2", "successful"],
                ]
            )
        },
        Outcome(
            [Group(either("1", None), "u1", "p1", ["u2"], "successful")],
            items={"p1": "有機蜜柑"},
            rejected=0,
        ),
    ),
    Case(
        "numbers_of_a_float_column",
        "Ids and sizes of a workbook are floats inside: 501.0 is 501, and 0 stays 0.",
        {
            "groups.xlsx": xlsx(
                [
                    ["团号", "团长", "商品", "团员", "状态", "成团人数", "原价"],
                    [1.0, 501.0, 88.0, 502.0, "已成团", 2.0, 19.9],
                    [2.0, 502.0, 88.0, "503,504", "已成团", 3.0, 19.900000000000002],
                ]
            )
        },
        Outcome(
            [
                Group("1", "501", "88", ["502"], "successful", target_size=2),
                Group("2", "502", "88", ["503", "504"], "successful", target_size=3),
            ],
            prices={"88": 19.9},
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group("1", "501", "88", ["502"], "successful", target_size=2),
                    Group("2", "502", "88", ["503", "504"], "successful", target_size=3),
                ],
                prices={"88": either(19.9, 19.900000000000002)},
                rejected=0,
            )
        ],
    ),
]
