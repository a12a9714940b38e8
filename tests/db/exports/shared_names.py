"""Seats taken by nobody, and names that many people share."""

from exports.case import Case, Group, Outcome, refused

KIND = "shared names"

_SHARED = r"\*{2,}|匿名|微信用户|注销|\bGuest\b|[1-9]\d*\b.{0,40}(masked|shared|anonymous|default name)|(masked|shared|anonymous|default) (name|id|user)s?\b|脱敏|重名"

CASES = [
    Case(
        "robots_that_fill",
        "Other systems fill groups up with 机器人, number 0 or -1: seats, no persons.",
        {
            "orders.csv": """团号,用户id,用户昵称,角色,商品id,拼团状态,下单时间
G1,501,暖阳,团长,p1,拼团成功,2026-05-01 10:00:00
G1,0,机器人,团员,p1,拼团成功,2026-05-02 10:00:00
G1,0,机器人,团员,p1,拼团成功,2026-05-02 10:00:00
G2,504,青山,团长,p1,拼团成功,2026-05-03 10:00:00
G2,505,木子,团员,p1,拼团成功,2026-05-03 10:10:00
G2,0,机器人,团员,p1,拼团成功,2026-05-04 10:00:00
"""
        },
        Outcome(
            [
                Group("G1", "501", "p1", [], "successful", "2026-05-01 10:00:00"),
                Group("G2", "504", "p1", ["505"], "successful", "2026-05-03 10:00:00"),
            ],
        ),
    ),
    Case(
        "woocommerce_guests",
        "WooCommerce gives all guests the customer number 0: different people, and none of them known.",
        {
            "orders.csv": """group_id,customer_id,customer_name,role,product_id,order_status,created_at
G1,31,Anne,initiator,p1,completed,2026-05-01 10:00:00
G1,0,Guest,participant,p1,completed,2026-05-01 10:05:00
G2,32,Bert,initiator,p1,completed,2026-05-02 10:00:00
G2,0,Guest,participant,p1,completed,2026-05-02 10:05:00
"""
        },
        Outcome(
            [
                Group("G1", "31", "p1", [], "successful", "2026-05-01 10:00:00"),
                Group("G2", "32", "p1", [], "successful", "2026-05-02 10:00:00"),
            ],
        ),
        [refused("Guest|customer_id|0")],
    ),
    Case(
        "masked_nicknames",
        "暖***, 青*** and 已注销用户 as the only names: a note says that these are shared.",
        {
            "orders.csv": """团号,用户,角色,商品id,订单状态,支付时间
G1,暖***,团长,p1,已支付,2026-05-01 10:00:00
G1,青***,团员,p1,已支付,2026-05-01 10:05:00
G2,暖***,团长,p2,已支付,2026-05-02 10:00:00
G2,已注销用户,团员,p2,已支付,2026-05-02 10:05:00
G3,青***,团长,p2,已支付,2026-05-03 10:00:00
G3,已注销用户,团员,p2,已支付,2026-05-03 10:05:00
"""
        },
        Outcome(says=[_SHARED]),
        [refused(_SHARED)],
    ),
    Case(
        "masked_names_beside_ids",
        "Where numbers stand beside the masked phones, the numbers are the ids and nothing is shared.",
        {
            "orders.csv": """团号,用户ID,手机号,角色,商品ID,订单状态
G1,501,138****1234,团长,p1,已支付
G1,502,138****1234,团员,p1,已支付
"""
        },
        Outcome([Group("G1", "501", "p1", ["502"], "successful")], rejected=0),
    ),
    Case(
        "virtual_by_a_flag",
        "A column 是否虚拟 marks the seats that the shop filled itself; their numbers are made up.",
        {
            "orders.csv": """团号,用户id,角色,商品id,拼团状态,是否虚拟
G1,501,团长,p1,拼团成功,否
G1,900001,团员,p1,拼团成功,是
G1,502,团员,p1,拼团成功,否
"""
        },
        Outcome([Group("G1", "501", "p1", ["502"], "successful")]),
        [Outcome(says=["是否虚拟"])],
    ),
    Case(
        "anonymous_members_of_a_cell",
        "匿名用户 and *** among the members of a cell are seats beside a person.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,成团人数
1,u1,p1,"u2,匿名用户,***",已成团,4
2,u3,p1,"虚拟用户,虚拟用户",已成团,3
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", target_size=4),
                Group("2", "u3", "p1", [], "successful", target_size=3),
            ],
        ),
        [Outcome(says=[_SHARED, "虚拟"])],
    ),
]
