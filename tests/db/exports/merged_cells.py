"""Merged cells stand in the first row of their block, and blank cells that are no merge stay blank."""

from exports.case import Case, Group, Outcome, refused
from exports.workbooks import xlsx

KIND = "merged cells"

_BLANK = r"merged|blank|empty|fill|missing|合并|填"

CASES = [
    Case(
        "taiwanese_blocks",
        "A Taiwanese sheet has a member a line, and the group's own cells only in the first line of its block.",
        {
            "groups.csv": """團號,團主,品項,團員,狀態,開團時間
A01,小美,鳳梨酥,阿宏,已成團,2026/05/01 10:00
,,,阿珍,,
,,,阿國,,
A02,阿宏,蛋捲,小美,已成團,2026/05/02 10:00
"""
        },
        Outcome(
            [
                Group(
                    "A01",
                    "小美",
                    "鳳梨酥",
                    ["阿宏", "阿珍", "阿國"],
                    "successful",
                    "2026-05-01 10:00:00",
                ),
                Group("A02", "阿宏", "蛋捲", ["小美"], "successful", "2026-05-02 10:00:00"),
            ],
            rejected=0,
        ),
        [
            refused(_BLANK),
            Outcome(
                [Group("A02", "阿宏", "蛋捲", ["小美"], "successful")], says=["A01"], rejected=3
            ),
        ],
    ),
    Case(
        "merged_in_a_workbook",
        "An .xlsx merges group, item and state over the orders of each group.",
        {
            "orders.xlsx": xlsx(
                [
                    ["团号", "商品编码", "拼团状态", "用户编号", "身份", "支付时间"],
                    ["G1", "p1", "拼团成功", "11", "团长", "2026-05-01 10:00:00"],
                    [None, None, None, "12", "团员", "2026-05-01 10:05:00"],
                    [None, None, None, "13", "团员", "2026-05-01 10:06:00"],
                    ["G2", "p2", "拼团失败", "14", "团长", "2026-05-02 10:00:00"],
                ],
                merged=["A2:A4", "B2:B4", "C2:C4"],
            )
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12", "13"], "successful", "2026-05-01 10:00:00"),
                Group("G2", "14", "p2", [], "failed", "2026-05-02 10:00:00"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "half_filled",
        "Somebody began to fill the merged cells by hand: some blocks repeat the group, some leave it blank.",
        {
            "orders.csv": """团号,商品id,用户id,角色,订单状态,下单时间
G1,p1,11,团长,已支付,2026-05-01 10:00:00
G1,p1,12,团员,已支付,2026-05-01 10:05:00
G2,p2,13,团长,已支付,2026-05-02 10:00:00
,,14,团员,已支付,2026-05-02 10:05:00
G3,p1,15,团长,已支付,2026-05-03 10:00:00
G3,,16,团员,已支付,2026-05-03 10:05:00
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12"], "successful"),
                Group("G2", "13", "p2", ["14"], "successful"),
                Group("G3", "15", "p1", ["16"], "successful"),
            ],
            rejected=0,
        ),
        [
            refused(_BLANK),
            Outcome([Group("G1", "11", "p1", ["12"], "successful")], says=["G2", "G3"]),
        ],
    ),
    Case(
        "bought_alone",
        "An order bought alone has no group number, and all its other cells: it is no member of the group above it.",
        {
            "orders.csv": """团号,订单编号,用户id,商品id,订单状态,下单时间
T1,O1,11,p1,已支付,2026-05-01 10:00:00
T1,O2,12,p1,已支付,2026-05-01 10:05:00
,O3,13,p1,已支付,2026-05-01 10:06:00
,O4,14,p2,已支付,2026-05-01 11:00:00
T2,O5,15,p2,已支付,2026-05-01 12:00:00
T2,O6,16,p2,已支付,2026-05-01 12:05:00
"""
        },
        Outcome(
            [
                Group("T1", "11", "p1", ["12"], "successful", "2026-05-01 10:00:00"),
                Group("T2", "15", "p2", ["16"], "successful", "2026-05-01 12:00:00"),
            ],
        ),
        [refused(_BLANK)],
    ),
    Case(
        "merged_downwards_and_sidewards",
        "A title over all columns, then merged dates: one day stands over the launches of that day.",
        {
            "launches.xlsx": xlsx(
                [
                    ["五月开团记录"],
                    ["开团日期", "团号", "团长", "商品", "团员", "状态"],
                    ["2026-05-01", "G1", "u1", "p1", "u2", "已成团"],
                    [None, "G2", "u3", "p2", "u4", "已成团"],
                    ["2026-05-02", "G3", "u1", "p2", "u4", "未成团"],
                ],
                merged=["A1:F1", "A3:A4"],
            )
        },
        Outcome(
            [
                Group("G1", "u1", "p1", ["u2"], "successful", "2026-05-01 00:00:00"),
                Group("G2", "u3", "p2", ["u4"], "successful", "2026-05-01 00:00:00"),
                Group("G3", "u1", "p2", ["u4"], "failed", "2026-05-02 00:00:00"),
            ],
            rejected=0,
        ),
    ),
]
