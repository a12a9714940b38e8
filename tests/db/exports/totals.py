"""Rows of totals and footers are no groups, and goods that are called like one are goods."""

from exports.case import Case, Group, Outcome, either

KIND = "totals row"

_G1 = Group("G1", "u1", "p1", ["u2", "u3"], "successful", target_size=3)
_G2 = Group("G2", "u4", "p2", ["u5"], "successful", target_size=2)

CASES = [
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
]
