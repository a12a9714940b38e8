"""Rows of totals and footers are no groups, and goods that are called like one are goods."""

from exports.case import Case, Group, Outcome, either
from exports.workbooks import xlsx

KIND = "totals row"

_G1 = Group("G1", "u1", "p1", ["u2", "u3"], "successful", target_size=3)
_G2 = Group("G2", "u4", "p2", ["u5"], "successful", target_size=2)

CASES = [
    Case(
        "subtotals_in_the_middle",
        "A workbook with a 小计 under each day and a 总计 at the end, figures in every column.",
        {
            "groups.xlsx": xlsx(
                [
                    ["团号", "团长", "商品", "团员", "状态", "成团人数"],
                    ["G1", "u1", "p1", "u2,u3", "已成团", 3],
                    ["小计", "1", "1", "2", None, 3],
                    ["G2", "u4", "p2", "u5", "已成团", 2],
                    ["小计", "1", "1", "1", None, 2],
                    ["总计", "2", "2", "3", None, 5],
                ]
            )
        },
        Outcome([_G1, _G2], rejected=either(0, 3)),
    ),
    Case(
        "goods_called_total",
        "合计 is also the name of a tea here, and a whole row with an initiator, a state and a number is a group.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,成团人数
G1,u1,合计,"u2,u3",已成团,3
G2,u4,合计养生茶,u5,已成团,2
"""
        },
        Outcome(
            [
                Group("G1", "u1", "合计", ["u2", "u3"], "successful", target_size=3),
                Group("G2", "u4", "合计养生茶", ["u5"], "successful", target_size=2),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [Group("G2", "u4", "合计养生茶", ["u5"], "successful", target_size=2)],
                rejected=1,
                says=["合计"],
            )
        ],
    ),
    Case(
        "english_and_korean_totals",
        "Total, Grand Total and 합계 in the first cell, sums in the others.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,target_size
G1,u1,p1,"u2,u3",successful,3
Total,1,1,2,,3
G2,u4,p2,u5,successful,2
Grand Total,2,2,3,,5
합계,2,2,3,,5
"""
        },
        Outcome([_G1, _G2], rejected=either(0, 3)),
    ),
    Case(
        "footer_in_words",
        "A last line says when the list was made and how many rows it has.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,成团人数
G1,u1,p1,"u2,u3",已成团,3
G2,u4,p2,u5,已成团,2
导出时间：2026-05-20 12:00:00  导出人：admin
共2条记录,,,,,
"""
        },
        Outcome([_G1, _G2], rejected=either(0, 1, 2)),
    ),
    Case(
        "count_of_orders",
        "An order list ends with 共3单 and the sum of the payments under the right columns.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,实付金额,成团人数
G1,u1,团长,p1,已支付,19.9,3
G1,u2,团员,p1,已支付,19.9,3
G1,u3,团员,p1,已支付,19.9,3
共3单,3,,3,,59.7,
"""
        },
        Outcome([_G1], rejected=either(0, 1)),
    ),
    Case(
        "total_not_in_the_first_column",
        "A serial number is the first column, and 合計 stands in the second.",
        {
            "groups.csv": """序號,團號,團主,品項,團員,狀態,幾人團
1,G1,u1,p1,"u2,u3",已成團,3
2,G2,u4,p2,u5,已成團,2
,合計,2,2,3,,5
"""
        },
        Outcome([_G1, _G2], rejected=either(0, 1)),
    ),
]
