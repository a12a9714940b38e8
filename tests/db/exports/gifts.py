"""Several lines of one order: what the group is about is what all of them ordered."""

from exports.case import Case, Group, Outcome, refused

KIND = "gift line"

_G1 = Group("G1", "11", "p1", ["12", "13"], "successful")

CASES = [
    Case(
        "free_sample_first",
        "An English shop's order lines, a free sample above what the group is about.",
        {
            "lines.csv": """group_id,order_id,customer_id,role,product_id,product_name,order_status,created_at
G1,O1,11,initiator,s9,Free sample,paid,2026-05-01 10:00:00
G1,O1,11,initiator,p1,Soap,paid,2026-05-01 10:00:00
G1,O2,12,participant,p1,Soap,paid,2026-05-01 10:05:00
G1,O3,13,participant,s9,Free sample,paid,2026-05-01 10:06:00
G1,O3,13,participant,p1,Soap,paid,2026-05-01 10:06:00
"""
        },
        Outcome([_G1], rejected=0),
    ),
    Case(
        "gift_with_another_word",
        "加购品 and 买一送一 are gifts as well, newest first.",
        {
            "lines.csv": """拼团编号,订单编号,买家ID,是否团长,商品ID,商品名称,订单状态,下单时间
G1,O3,13,否,p1,毛巾,已完成,2026-05-01 10:06:00
G1,O2,12,否,z1,加购品 香皂,已完成,2026-05-01 10:05:00
G1,O2,12,否,p1,毛巾,已完成,2026-05-01 10:05:00
G1,O1,11,是,z2,买一送一 发绳,已完成,2026-05-01 10:00:00
G1,O1,11,是,p1,毛巾,已完成,2026-05-01 10:00:00
"""
        },
        Outcome([_G1], rejected=0),
    ),
    Case(
        "gift_alone_with_the_leader",
        "The leader's gift comes last, and nobody else has one; there are no names that tell.",
        {
            "lines.csv": """团号,订单号,用户id,角色,商品id,订单状态
G1,O1,11,团长,p1,已支付
G1,O2,12,团员,p1,已支付
G1,O3,13,团员,p1,已支付
G1,O1,11,团长,x7,已支付
"""
        },
        Outcome([_G1], rejected=0),
    ),
    Case(
        "refunded_gift",
        "One line of a member's order, the gift, is refunded; her order of the goods stands.",
        {
            "lines.csv": """团号,订单号,用户id,角色,商品id,商品名称,订单状态
G1,O1,11,团长,p1,毛巾,已支付
G1,O2,12,团员,g1,赠品,已退款
G1,O2,12,团员,p1,毛巾,已支付
G1,O3,13,团员,p1,毛巾,已支付
"""
        },
        Outcome([_G1], rejected=0),
    ),
    Case(
        "twice_the_same_member",
        "A member ordered twice in one group, with two order numbers: one member.",
        {
            "orders.csv": """团号,订单号,用户id,角色,商品id,订单状态,下单时间
G1,O1,11,团长,p1,已支付,2026-05-01 10:00:00
G1,O2,12,团员,p1,已支付,2026-05-01 10:05:00
G1,O4,12,团员,p1,已支付,2026-05-01 10:07:00
G1,O3,13,团员,p1,已支付,2026-05-01 10:06:00
"""
        },
        Outcome([_G1], rejected=0),
    ),
    Case(
        "free_trial_with_postage",
        "A group for a free sample of a new product, whose buyers pay the postage in a line of its own.",
        {
            "lines.csv": """团号,订单号,用户id,角色,商品id,商品名称,拼团价,订单状态
G1,O1,11,团长,p1,新品试用,0,已支付
G1,O1,11,团长,y1,运费补拍,8,已支付
G1,O2,12,团员,p1,新品试用,0,已支付
G1,O2,12,团员,y1,运费补拍,8,已支付
"""
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful")], rejected=0),
        [Outcome([], says=["G1|p1|y1"]), refused("item|商品|gift")],
    ),
    Case(
        "names_that_sound_like_gifts",
        "礼赠品牌 has 赠品 in it and a gift box is no gift: where it is the only thing that all ordered, the group is about it.",
        {
            "lines.csv": """团号,订单号,用户id,角色,商品id,商品名称,订单状态
G1,O1,11,团长,p1,礼赠品牌毛巾,已支付
G1,O1,11,团长,p7,洗脸巾,已支付
G1,O2,12,团员,p1,礼赠品牌毛巾,已支付
G1,O3,13,团员,p1,礼赠品牌毛巾,已支付
G2,O4,14,团长,p2,Tea gift box,已支付
G2,O5,15,团员,p2,Tea gift box,已支付
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12", "13"], "successful"),
                Group("G2", "14", "p2", ["15"], "successful"),
            ],
            rejected=0,
        ),
    ),
]
