"""The words of many back offices for what became of a group, of an order, of a refund."""

from exports.case import Case, Group, Outcome

KIND = "state words"


CASES = [
    Case(
        "closed_means_two_things",
        "已关闭 of a group is a failed one, of an order a cancelled one: both in one file.",
        {
            "orders.csv": """团号,用户id,角色,商品id,拼团状态,订单状态
G1,11,团长,p1,已成团,已完成
G1,12,团员,p1,已成团,已关闭
G1,13,团员,p1,已成团,已完成
G2,14,团长,p1,已关闭,已关闭
G2,15,团员,p1,已关闭,已关闭
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["13"], "successful"),
                Group("G2", "14", "p1", [], "failed"),
            ],
            rejected=0,
        ),
    ),
]
