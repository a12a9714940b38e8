"""Line breaks of other systems, and line breaks inside cells and headings."""

from exports.case import Case, Group, Outcome
from exports.workbooks import xlsx

KIND = "line breaks"

_TWO = [
    Group("G1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00"),
    Group("G2", "u4", "p2", ["u5"], "successful", "2026-05-03 10:00:00"),
]

CASES = [
    Case(
        "old_macintosh",
        "Excel for the Mac can end its lines with a carriage return alone.",
        {
            "groups.csv": '团号,团长,商品,团员,状态,开团时间\rG1,u1,p1,"u2,u3",已成团,2026-05-01 10:00:00\rG2,u4,p2,u5,已成团,2026-05-03 10:00:00\r'
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "address_of_three_lines",
        "An address with line breaks, commas and doubled quotation marks in an order's cell.",
        {
            "orders.csv": """group_id,user_id,role,product_id,order_status,address,created_at\r
G1,u1,initiator,p1,paid,"Flat 3, ""Rose"" House\r
12 High Street\r
Leeds",2026-05-01 10:00:00\r
G1,u2,participant,p1,paid,"1 Mill Lane\r
\r
York",2026-05-01 10:05:00\r
"""
        },
        Outcome([Group("G1", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00")], rejected=0),
    ),
    Case(
        "breaks_in_a_workbook",
        "A workbook's cell holds the members a line each, and its headings are broken too.",
        {
            "groups.xlsx": xlsx(
                [
                    [
                        "团号\n（系统）",
                        "团长\nID",
                        "商品\nID",
                        "团员\n（每行一个）",
                        "状态",
                        "开团\n时间",
                    ],
                    ["G1", "u1", "p1", "u2\nu3\n", "已成团", "2026-05-01 10:00:00"],
                    ["G2", "u4", "p2", "u5", "已成团", "2026-05-03 10:00:00"],
                ]
            )
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "headings_of_two_lines",
        "A sheet has the headings in groups: 团信息 over 团号 and 团长, 商品信息 over 商品.",
        {
            "groups.xlsx": xlsx(
                [
                    ["团信息", None, "商品信息", "参团信息", None, None],
                    ["团号", "团长", "商品", "团员", "状态", "开团时间"],
                    ["G1", "u1", "p1", "u2,u3", "已成团", "2026-05-01 10:00:00"],
                    ["G2", "u4", "p2", "u5", "已成团", "2026-05-03 10:00:00"],
                ],
                merged=["A1:B1", "D1:F1"],
            )
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "blank_lines_between",
        "Blank lines and lines of commas alone between the rows, and many at the end.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,开团时间

G1,u1,p1,"u2,u3",已成团,2026-05-01 10:00:00
,,,,,
G2,u4,p2,u5,已成团,2026-05-03 10:00:00
,,,,,
,,,,,

"""
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "title_and_blank_line_above",
        "A title, who exported it and when, and a blank line above the headings.",
        {
            "groups.csv": """5月拼团明细表,,,,,
导出人：运营小王,导出时间：2026-06-01 09:00,,,,

团号,团长,商品,团员,状态,开团时间
G1,u1,p1,"u2,u3",已成团,2026-05-01 10:00:00
G2,u4,p2,u5,已成团,2026-05-03 10:00:00
"""
        },
        Outcome(_TWO, rejected=0),
    ),
]
