"""A row that cannot be read may not shrink its group, nor hand the launch to somebody else."""

from exports.case import Case, Group, Outcome, refused

KIND = "refused row shrinks its group"

_WHOLE = Group(
    "889001", "7001", "55", ["7002", "7003"], "successful", "2026-04-11 09:30:00", target_size=3
)

CASES = [
    Case(
        "douyin_partly_sent",
        "Douyin joins a state and its detail in brackets; its reader may not drop the member out of a full group.",
        {
            "orders.csv": """拼团ID,买家ID,是否团长,商品ID,订单状态,支付完成时间,成团人数
889001,7001,是,55,已完成,2026-04-11 09:30:00,3
889001,7002,否,55,待收货(部分发货),2026-04-11 09:42:10,3
889001,7003,否,55,已完成,2026-04-11 10:02:00,3
"""
        },
        Outcome([_WHOLE], rejected=0),
        [refused("待收货"), Outcome([], says=["待收货"])],
    ),
    Case(
        "guest_who_was_first",
        "WooCommerce leaves the customer's number empty for a guest: without roles the second buyer is no initiator.",
        {
            "orders.csv": """group_id,order_id,customer_id,product_id,status,date_created
G1,901,,55,completed,2026-04-11 09:30:00
G1,902,7002,55,completed,2026-04-11 09:42:10
G1,903,7003,55,completed,2026-04-11 10:02:00
G2,904,7004,55,completed,2026-04-12 10:00:00
G2,905,7005,55,completed,2026-04-12 10:10:00
"""
        },
        Outcome(
            [Group("G2", "7004", "55", ["7005"], "successful", "2026-04-12 10:00:00")],
            says=["G1|customer_id"],
        ),
        [refused("customer_id")],
    ),
    Case(
        "one_second_ago",
        "A list copied from the page shows 刚刚 and 3分钟前 for the newest orders: who launched is known, or nothing is.",
        {
            "orders.csv": """团号,用户ID,商品ID,订单状态,下单时间
T9,33,p1,已支付,刚刚
T9,32,p1,已支付,3分钟前
T9,31,p1,已支付,2026-05-01 10:00:00
T8,34,p1,已支付,2026-04-30 18:00:00
T8,35,p1,已支付,2026-04-30 18:10:00
"""
        },
        Outcome(
            [
                Group("T9", "31", "p1", ["32", "33"], "successful", may_be_refused=True),
                Group("T8", "34", "p1", ["35"], "successful", "2026-04-30 18:00:00"),
            ],
            says=["刚刚"],
        ),
        [refused("刚刚")],
    ),
    Case(
        "one_word_of_two_groups",
        "A shop's own state (待开票) hits one group; the other arrives whole, and of the hit one nothing is derived.",
        {
            "orders.csv": """拼团单号,会员编号,身份,货品编号,订单状态,付款时间
P01,11,团长,s1,已完成,2026-05-02 08:00:00
P01,12,参团,s1,已完成,2026-05-02 08:05:00
P02,13,团长,s1,已完成,2026-05-02 09:00:00
P02,14,参团,s1,待开票,2026-05-02 09:05:00
"""
        },
        Outcome(
            [Group("P01", "11", "s1", ["12"], "successful", "2026-05-02 08:00:00")],
            says=["待开票", "--state"],
        ),
        [refused("待开票", "--state")],
    ),
    Case(
        "state_of_the_leader",
        "The leader's own order has an unread state: the group has no other leader, whatever the roles of the rest.",
        {
            "orders.csv": """team_no,buyer_id,identity,goods_id,order_status,pay_time
5,21,leader,g1,awaiting_customs,2026-05-02 08:00:00
5,22,member,g1,paid,2026-05-02 08:05:00
5,23,member,g1,paid,2026-05-02 08:06:00
6,24,leader,g1,paid,2026-05-02 08:00:00
6,25,member,g1,paid,2026-05-02 08:05:00
"""
        },
        Outcome([Group("6", "24", "g1", ["25"], "successful")], says=["awaiting_customs"]),
        [refused("awaiting_customs")],
    ),
    Case(
        "cut_id_of_a_member",
        "A spreadsheet has shortened one member's number: the group of four is no group of three.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,成团人数
G1,101,p1,"102,1.0086E+17,104",已成团,4
G2,105,p1,106,已成团,2
"""
        },
        Outcome(
            [Group("G2", "105", "p1", ["106"], "successful", target_size=2)],
            rejected=1,
            says=[r"1\.0086E\+17"],
        ),
    ),
    Case(
        "unknown_group_state",
        "A word for the group's state that nobody knows (已冻结) is asked, never read from the number of its members.",
        {
            "groups.csv": """团号,团长,商品,团员,拼团状态
G1,101,p1,"102,103",拼团成功
G2,105,p1,106,已冻结
"""
        },
        Outcome([Group("G1", "101", "p1", ["102", "103"], "successful")], says=["已冻结"]),
        [refused("已冻结")],
    ),
    Case(
        "rows_that_disagree",
        "The rows of one group say full, failed and running: what became of it is not the first row's to say.",
        {
            "orders.csv": """团号,用户id,角色,商品id,拼团状态
G1,11,团长,p1,拼团成功
G1,12,团员,p1,拼团失败
G1,13,团员,p1,拼团中
G2,14,团长,p1,拼团成功
G2,15,团员,p1,拼团成功
"""
        },
        Outcome([Group("G2", "14", "p1", ["15"], "successful")], says=["G1"]),
        [Outcome(says=["G1|(other|different|several|contradict).{0,40}stat"])],
    ),
]
