"""Two columns of one meaning: the better one is read, the other is no reason to stop."""

from exports.case import Case, Group, Outcome, either, refused

KIND = "two columns of one meaning"

CASES = [
    Case(
        "created_paid_updated",
        "An English table has created_at, paid_at and updated_at; the row's last change is no launch.",
        {
            "orders.csv": """group_id,user_id,role,product_id,order_status,updated_at,created_at,paid_at
G1,11,initiator,p1,paid,2026-06-09 00:00:00,2026-05-01 10:00:00,2026-05-01 10:01:00
G1,12,participant,p1,paid,2026-06-09 00:00:00,2026-05-01 10:02:00,2026-05-01 10:03:00
"""
        },
        Outcome(
            [
                Group(
                    "G1",
                    "11",
                    "p1",
                    ["12"],
                    "successful",
                    either("2026-05-01 10:00:00", "2026-05-01 10:01:00"),
                )
            ],
            rejected=0,
        ),
    ),
    Case(
        "state_and_after_sales",
        "Douyin and Pinduoduo have the order's state and the state of its refund in a column of its own.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,售后状态
G1,11,团长,p1,已完成,无售后
G1,12,团员,p1,已完成,无售后或售后取消
G1,13,团员,p1,已完成,退款成功
"""
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful")], rejected=0),
        [refused("售后状态"), Outcome([], says=["售后状态"])],
    ),
    Case(
        "refund_in_a_column_of_yes_and_no",
        "是否退款 is 是 for a member whose order reads 已支付.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,是否退款
G1,11,团长,p1,已支付,否
G1,12,团员,p1,已支付,否
G1,13,团员,p1,已支付,是
"""
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful")], rejected=0),
        [refused("是否退款"), Outcome(says=["是否退款"])],
    ),
    Case(
        "buyer_and_receiver",
        "买家ID, 买家昵称, 收货人 and 收货手机: the receiver is a third person's name at best.",
        {
            "orders.csv": """团号,买家ID,买家昵称,收货人,收货手机,是否团长,商品ID,订单状态
G1,11,暖阳,张三,13800000001,是,p1,已支付
G1,12,青山,张三,13800000001,否,p1,已支付
"""
        },
        Outcome(
            [Group("G1", "11", "p1", ["12"], "successful")],
            users={"11": "暖阳", "12": "青山"},
            rejected=0,
        ),
    ),
    Case(
        "two_columns_called_state",
        "Two columns are called 状态, the group's and the order's: read as such by their words, or asked by number.",
        {
            "orders.csv": """团号,用户id,角色,商品id,状态,状态
G1,11,团长,p1,拼团成功,已发货
G1,12,团员,p1,拼团成功,已退款
G2,13,团长,p1,拼团失败,已退款
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", [], "successful"),
                Group("G2", "13", "p1", [], "failed"),
            ],
            rejected=0,
        ),
        [refused(r"状态 ?[(（#]?2|second|第二|第2|twice")],
    ),
    Case(
        "three_prices",
        "原价, 拼团价 and 实付金额: what was paid in the end, coupons off, is neither price.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,原价,拼团价,实付金额
G1,11,团长,p1,已支付,39.9,29.9,24.9
G1,12,团员,p1,已支付,39.9,29.9,59.8
"""
        },
        Outcome(
            [Group("G1", "11", "p1", ["12"], "successful")],
            prices={"p1": 39.9},
            group_prices={"p1": 29.9},
            rejected=0,
        ),
    ),
    Case(
        "two_ends",
        "A planned end of the campaign and the group's own deadline; the later one is not the group's.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,开团时间,截止时间,活动结束时间
1,u1,p1,u2,已成团,2026-05-01 10:00:00,2026-05-02 10:00:00,2026-05-31 23:59:59
"""
        },
        Outcome(
            [
                Group(
                    "1",
                    "u1",
                    "p1",
                    ["u2"],
                    "successful",
                    "2026-05-01 10:00:00",
                    "2026-05-02 10:00:00",
                )
            ],
            rejected=0,
        ),
    ),
]
