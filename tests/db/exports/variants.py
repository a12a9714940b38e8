"""Members choose a colour or a size: the group's item stays one."""

from exports.case import Case, Group, Outcome, either

KIND = "variants"

CASES = [
    Case(
        "spec_beside_the_product",
        "Youzan lists the product's number, its name and a 规格 that differs.",
        {
            "orders.csv": """拼团编号,买家ID,是否团长,商品ID,商品名称,商品规格,订单状态
G1,11,是,p1,毛巾,白色;大,交易完成
G1,12,否,p1,毛巾,灰色;小,交易完成
G1,13,否,p1,毛巾,白色;小,交易完成
"""
        },
        Outcome(
            [Group("G1", "11", "p1", ["12", "13"], "successful")], items={"p1": "毛巾"}, rejected=0
        ),
    ),
    Case(
        "shopify_variants",
        "Shopify's lines have the variant's SKU and its name behind the product's.",
        {
            "orders.csv": """group_id,Email,role,Lineitem name,Lineitem sku,Financial Status
G1,a@example.com,initiator,Beeswax wrap - Large,BW-L,paid
G1,b@example.com,participant,Beeswax wrap - Small,BW-S,paid
G1,c@example.com,participant,Beeswax wrap - Large,BW-L,paid
"""
        },
        Outcome(
            [
                Group(
                    "G1", "a@example.com", "BW-L", ["b@example.com", "c@example.com"], "successful"
                )
            ],
            rejected=0,
        ),
        arguments=[
            "--column",
            "Email=user",
            "--column",
            "Lineitem sku=item",
            "--column",
            "Financial Status=order_state",
        ],
    ),
    Case(
        "sku_only_newest_first",
        "SKUs alone, newest first and without roles: the initiator's own variant names the item.",
        {
            "orders.csv": """group_id,user_id,sku_id,order_status,created_at
G1,13,TOWEL-W,paid,2026-05-01 12:00:00
G1,12,TOWEL-G,paid,2026-05-01 11:00:00
G1,11,TOWEL-B,paid,2026-05-01 10:00:00
"""
        },
        Outcome(
            [
                Group(
                    "G1", "11", either("TOWEL-B"), ["12", "13"], "successful", "2026-05-01 10:00:00"
                )
            ],
            rejected=0,
        ),
    ),
    Case(
        "product_over_sku_and_code",
        "商品ID, 规格ID and 商家编码 side by side: the product is the item.",
        {
            "orders.csv": """团号,用户id,角色,规格ID,商家编码,商品ID,商品标题,订单状态
G1,11,团长,s1,MJ-01,p1,毛巾,已支付
G1,12,团员,s2,MJ-02,p1,毛巾,已支付
"""
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful")], items={"p1": "毛巾"}, rejected=0),
    ),
]
