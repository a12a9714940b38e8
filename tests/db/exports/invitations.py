"""Invitations that were refused or cancelled: kept apart, and never among those who joined."""

from exports.case import Case, Group, Outcome, refused

KIND = "refused invitations"

CASES = [
    Case(
        "declined_beside_joined",
        "A list of groups has who joined and who declined.",
        {
            "groups.csv": """group_id,initiator,item,participants,declined,status
1,u1,p1,"u2,u3",u4,successful
2,u2,p1,,"u3,u4",failed
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "u2", "p1", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "declined_in_chinese",
        "拒绝参团 is a column of its own, and 已邀请 names all who were asked: neither makes a member.",
        {
            "groups.csv": """团号,团长,商品,已邀请,团员,拒绝参团,状态
1,u1,p1,"u2,u3,u4",u2,u3,已成团
2,u2,p1,"u3,u4",,"u3,u4",未成团
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u2", "p1", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "invitations_a_row_each",
        "A list of invitations with an answer each: accepted, declined, no answer.",
        {
            "invitations.csv": """group_id,user_id,role,product_id,order_status
1,u1,initiator,p1,paid
1,u2,participant,p1,paid
1,u3,participant,p1,declined
1,u4,participant,p1,invited
"""
        },
        Outcome([Group("1", "u1", "p1", ["u2"], "successful")], rejected=0),
        [Outcome([], says=["declined|invited"]), refused("declined|invited")],
    ),
    Case(
        "cancelled_before_it_filled",
        "退出 and 取消参团 before the group filled up: not there at the end.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,拼团状态
1,u1,团长,p1,已支付,拼团成功
1,u2,团员,p1,已支付,拼团成功
1,u3,团员,p1,已退团,拼团成功
1,u4,团员,p1,取消参团,拼团成功
"""
        },
        Outcome([Group("1", "u1", "p1", ["u2"], "successful")], rejected=0),
        [Outcome([], says=["已退团|取消参团"]), refused("已退团|取消参团")],
    ),
]
