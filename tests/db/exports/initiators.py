"""Who launched: by role, else by the earliest time, else by the first line with a note."""

from exports.case import Case, Group, Outcome, refused

KIND = "initiator by line"

_FIRST_LINE = r"first (line|row|order)|(no|without|neither)\b.{0,40}\b(role|time)|(same|equal|one) (time|moment|second)|(首|第一)(行|条|单)|没有.{0,12}(角色|时间)|earliest|launched first"
_FIRST = Group("G1", "31", "p1", ["32", "33"], "successful", "2026-05-01 10:00:00")

CASES = [
    Case(
        "newest_first_in_english",
        "A back office lists the newest order first and knows no roles.",
        {
            "orders.csv": """group_id,customer_id,product_id,order_status,created_at
G1,33,p1,completed,2026-05-01T12:00:00
G1,32,p1,completed,2026-05-01T11:00:00
G1,31,p1,completed,2026-05-01T10:00:00
"""
        },
        Outcome([_FIRST], rejected=0),
    ),
    Case(
        "only_the_leader_is_marked",
        "The role stands at the leader alone, the members' cells are blank; she paid last, and still launched.",
        {
            "orders.csv": """团号,用户id,身份,商品id,订单状态,支付时间
G1,33,,p1,已支付,2026-05-01 10:03:00
G1,32,,p1,已支付,2026-05-01 10:02:00
G1,31,团长,p1,已支付,2026-05-01 10:04:00
"""
        },
        Outcome([Group("G1", "31", "p1", ["32", "33"], "successful")], rejected=0),
    ),
    Case(
        "all_at_one_second",
        "All orders of a group have one time, and no role: whichever is taken for the launch, a note says so.",
        {
            "orders.csv": """团号,用户id,商品id,订单状态,支付时间
G1,31,p1,已支付,2026-05-01 10:00:00
G1,32,p1,已支付,2026-05-01 10:00:00
G1,33,p1,已支付,2026-05-01 10:00:00
"""
        },
        Outcome([Group("G1", "31", "p1", ["32", "33"], "successful")], says=[_FIRST_LINE]),
        [Outcome([], says=["G1"]), refused(_FIRST_LINE)],
    ),
    Case(
        "unpaid_first_order",
        "The first order of a group was never paid: who paid next without a role is not simply the one who launched.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,下单时间
G1,31,团长,p1,待付款,2026-05-01 10:00:00
G2,34,团长,p1,已支付,2026-05-01 11:00:00
G2,35,团员,p1,已支付,2026-05-01 11:05:00
"""
        },
        Outcome(
            [
                Group("G1", "31", "p1", [], "failed"),
                Group("G2", "34", "p1", ["35"], "successful"),
            ],
            rejected=0,
        ),
    ),
]
