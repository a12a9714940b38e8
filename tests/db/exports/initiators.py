"""Who launched: by role, else by the earliest time, else by the first line with a note."""

from datetime import datetime

from exports.case import Case, Group, Outcome, refused
from exports.workbooks import xlsx

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
        "newest_first_in_a_workbook",
        "The same as date cells of a workbook.",
        {
            "orders.xlsx": xlsx(
                [
                    ["拼团编号", "会员ID", "商品ID", "订单状态", "下单时间"],
                    ["G1", 33, "p1", "已发货", datetime(2026, 5, 1, 12)],
                    ["G1", 32, "p1", "已发货", datetime(2026, 5, 1, 11)],
                    ["G1", 31, "p1", "已发货", datetime(2026, 5, 1, 10)],
                ]
            )
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
        "role_flags_newest_first",
        "is_leader is 1 for one order of a group.",
        {
            "orders.csv": """team_id,user_id,is_leader,goods_id,order_status,add_time
G1,33,0,p1,paid,2026-05-01 12:00:00
G1,32,0,p1,paid,2026-05-01 11:00:00
G1,31,1,p1,paid,2026-05-01 10:00:00
"""
        },
        Outcome([_FIRST], rejected=0),
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
        "day_without_the_hour",
        "The export has days only: two orders of one day, newest first, and the third of the day before.",
        {
            "orders.csv": """团号,用户id,商品id,订单状态,支付日期
G1,33,p1,已支付,2026-05-02
G1,32,p1,已支付,2026-05-02
G1,31,p1,已支付,2026-05-01
"""
        },
        Outcome(
            [Group("G1", "31", "p1", ["32", "33"], "successful", "2026-05-01 00:00:00")], rejected=0
        ),
        [refused("支付日期|time|时间")],
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
    Case(
        "ticks",
        "A tick marks the leader: ✓, √ or 是 beside blank cells.",
        {
            "orders.csv": """团号,用户id,是否团长,商品id,订单状态,下单时间
G1,33,,p1,已支付,2026-05-01 12:00:00
G1,31,√,p1,已支付,2026-05-01 10:00:00
G2,35,✓,p1,已支付,2026-05-01 10:00:00
G2,36,,p1,已支付,2026-05-01 10:01:00
G3,37,Y,p1,已支付,2026-05-01 10:00:00
G3,38,N,p1,已支付,2026-05-01 10:01:00
"""
        },
        Outcome(
            [
                Group("G1", "31", "p1", ["33"], "successful"),
                Group("G2", "35", "p1", ["36"], "successful"),
                Group("G3", "37", "p1", ["38"], "successful"),
            ],
            rejected=0,
        ),
        [refused("√|✓"), Outcome([Group("G3", "37", "p1", ["38"], "successful")], says=["√|✓"])],
    ),
    Case(
        "words_for_roles",
        "开团人 and 参团人, OWNER and MEMBER, 團主 and 團員, 방장 and 참여자, captain and crew.",
        {
            "orders.csv": """group_id,user_id,role,product_id,order_status,created_at
1,12,参团人,p1,paid,2026-05-01 09:00:00
1,11,开团人,p1,paid,2026-05-01 10:00:00
2,14,MEMBER,p1,paid,2026-05-01 09:00:00
2,13,OWNER,p1,paid,2026-05-01 10:00:00
3,16,團員,p1,paid,2026-05-01 09:00:00
3,15,團主,p1,paid,2026-05-01 10:00:00
4,18,참여자,p1,paid,2026-05-01 09:00:00
4,17,방장,p1,paid,2026-05-01 10:00:00
5,20,joiner,p1,paid,2026-05-01 09:00:00
5,19,host,p1,paid,2026-05-01 10:00:00
"""
        },
        Outcome(
            [
                Group(str(n), str(9 + 2 * n), "p1", [str(10 + 2 * n)], "successful")
                for n in range(1, 6)
            ],
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group(
                        str(n),
                        str(9 + 2 * n),
                        "p1",
                        [str(10 + 2 * n)],
                        "successful",
                        may_be_refused=True,
                    )
                    for n in range(1, 6)
                ],
                says=["role"],
            )
        ],
    ),
    Case(
        "two_leaders",
        "Two orders of one group are a leader's: a mistake of the shop's that nobody decides silently.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,下单时间
G1,31,团长,p1,已支付,2026-05-01 10:00:00
G1,32,团长,p1,已支付,2026-05-01 10:05:00
G1,33,团员,p1,已支付,2026-05-01 10:06:00
G2,34,团长,p1,已支付,2026-05-01 10:00:00
G2,35,团员,p1,已支付,2026-05-01 10:05:00
"""
        },
        Outcome([Group("G2", "34", "p1", ["35"], "successful")], says=["G1"]),
    ),
]
