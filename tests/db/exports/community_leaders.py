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
        "leader_by_number_and_name",
        "The leader has a number and a name, as the buyers have.",
        {
            "orders.csv": """group_id,leader_id,leader_name,user_id,user_name,product_id,order_status
G1,900,Mei,11,Ann,p1,paid
G1,900,Mei,12,Bob,p1,paid
"""
        },
        Outcome(
            [Group("G1", "900", "p1", ["11", "12"], "successful")],
            users={"900": "Mei", "11": "Ann", "12": "Bob"},
            rejected=0,
        ),
    ),
    Case(
        "leader_whose_name_two_share",
        "The leader stands as a nickname that two buyers bear: nobody may choose between them silently.",
        {
            "orders.csv": """团号,团长,用户id,用户昵称,商品id,订单状态
G1,暖阳,501,暖阳,p1,已支付
G1,暖阳,502,暖阳,p1,已支付
G1,暖阳,503,青山,p1,已支付
"""
        },
        Outcome([], says=["暖阳|团长"]),
        [
            refused("暖阳|团长"),
            Outcome(says=["暖阳.*(shared|several|two|2)|(shared|several|two|2).*暖阳"]),
        ],
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
