"""Community group buying: each order names its leader, who need not order."""

from exports.case import ANY, Case, Group, Outcome, either, refused

KIND = "community leader"

CASES = [
    Case(
        "qunjielong",
        "Qunjielong's list names who opened the chain in each row; she orders in one of them herself.",
        {
            "chain.csv": """接龙编号,发起人,接龙人,商品ID,订单状态,接龙时间
J1,L1,u1,p1,已支付,2026-05-01 10:00:00
J1,L1,L1,p1,已支付,2026-05-01 10:03:00
J1,L1,u2,p1,已支付,2026-05-01 10:05:00
"""
        },
        Outcome([Group("J1", "L1", "p1", ["u1", "u2"], "successful")], rejected=0),
        [refused("接龙人|user"), refused("接龙编号|group")],
        arguments=["--column", "接龙人=user", "--column", "接龙编号=group"],
    ),
    Case(
        "helpers_who_sell",
        "Kuaituantuan's 帮卖团长 sells for the 团长: one of the two is the launch's initiator, and never a buyer.",
        {
            "orders.csv": """团号,团长ID,帮卖团长,用户id,商品id,订单状态,支付时间
G1,L1,H1,u1,p1,已支付,2026-05-01 10:00:00
G1,L1,H2,u2,p1,已支付,2026-05-01 10:05:00
"""
        },
        Outcome([Group("G1", "L1", "p1", ["u1", "u2"], "successful")], rejected=0),
        [refused("帮卖团长|团长")],
    ),
    Case(
        "cancelled_order_of_a_community",
        "A buyer of a community group cancelled: the group goes on with the others.",
        {
            "orders.csv": """团号,团长,用户id,商品id,订单状态,支付时间
G1,L1,u1,p1,已取消,2026-05-01 10:00:00
G1,L1,u2,p1,已支付,2026-05-01 10:05:00
G2,L1,u3,p1,已取消,2026-05-02 10:05:00
"""
        },
        Outcome(
            [
                Group("G1", "L1", "p1", ["u2"], "successful"),
                Group("G2", "L1", "p1", [], either("failed", "open")),
            ],
            rejected=0,
        ),
    ),
    Case(
        "one_campaign_many_leaders",
        "A campaign's number stands where a group's should, and each of its leaders has buyers: no leader is lost.",
        {
            "orders.csv": """团号,团长,用户id,商品id,订单状态,支付时间
C1,L1,u1,p1,已支付,2026-05-01 10:00:00
C1,L1,u2,p1,已支付,2026-05-01 10:05:00
C1,L2,u3,p1,已支付,2026-05-01 10:06:00
C2,L3,u4,p1,已支付,2026-05-01 10:07:00
"""
        },
        Outcome([Group("C2", "L3", "p1", ["u4"], "successful")], says=["C1"]),
        [
            Outcome(
                [
                    Group(ANY, "L1", "p1", ["u1", "u2"], "successful"),
                    Group(ANY, "L2", "p1", ["u3"], "successful"),
                    Group("C2", "L3", "p1", ["u4"], "successful"),
                ]
            ),
            refused("C1|团长"),
        ],
    ),
]
