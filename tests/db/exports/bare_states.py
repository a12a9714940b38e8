"""The bare column 状态 or status: of the orders in a list of orders, of the groups in a list of groups."""

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "order's state"

_ORDERS = r"['\"“‘「](completed|已完成|完了|已签收)|states? of (the |an )?orders?\b|\border states?\b|订单"

CASES = [
    Case(
        "english_status_of_orders",
        "WooCommerce's status column holds completed and cancelled: orders' states, and the group lacks two of three.",
        {
            "orders.csv": """group_id,customer_id,role,product_id,status,target_size
G1,11,initiator,p1,completed,3
G1,12,participant,p1,cancelled,3
G1,13,participant,p1,refunded,3
"""
        },
        Outcome([Group("G1", "11", "p1", [], NOT_YET, target_size=3)], rejected=0),
        [refused(_ORDERS), Outcome(says=[_ORDERS])],
    ),
    Case(
        "finished_groups",
        "In a list of groups 已完成 under 状态 is the group's: it is full.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
G1,11,p1,"12,13",已完成
G2,14,p1,,已关闭
G3,15,p1,16,进行中
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12", "13"], "successful"),
                Group("G2", "14", "p1", [], "failed"),
                Group("G3", "15", "p1", ["16"], "open"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "signed_for",
        "已签收 and 已关闭 under 状态 of orders: who signed has joined, a closed order is no join.",
        {
            "orders.csv": """团号,用户id,角色,商品id,状态
G1,11,团长,p1,已签收
G1,12,团员,p1,已签收
G1,13,团员,p1,已关闭
"""
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful")], rejected=0),
    ),
    Case(
        "groups_state_repeated_in_orders",
        "The bare 状态 of an order list says 拼团中 and 拼团失败 in each row: the groups' states.",
        {
            "orders.csv": """团号,用户id,角色,商品id,状态
G1,11,团长,p1,拼团中
G1,12,团员,p1,拼团中
G2,13,团长,p1,拼团失败
G2,14,团员,p1,拼团失败
G3,15,团长,p1,拼团成功
G3,16,团员,p1,拼团成功
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12"], "open"),
                Group("G2", "13", "p1", status="failed"),
                Group("G3", "15", "p1", ["16"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "success_of_the_payment",
        "支付状态 成功 is a payment that went through; whether the group filled up it does not say.",
        {
            "orders.csv": """团号,用户id,角色,商品id,支付状态,成团人数
G1,11,团长,p1,支付成功,3
G1,12,团员,p1,支付成功,3
G2,13,团长,p1,支付成功,2
G2,14,团员,p1,支付成功,2
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12"], NOT_YET, target_size=3),
                Group("G2", "13", "p1", ["14"], "successful", target_size=2),
            ],
            rejected=0,
        ),
    ),
]
