"""Whole layouts of known back offices, with all the columns that say nothing about groups."""

from exports.case import NOT_YET, Case, Group, Outcome, refused
from exports.workbooks import xlsx

KIND = "headings"

CASES = [
    Case(
        "youzan_orders",
        "Youzan's orders: the role stands under 团长/团员, the refund in a column of its own, names and goods twice.",
        {
            "orders.csv": """订单号,订单状态,拼团编号,团长/团员,买家ID,买家昵称,商品名称,商品ID,商品规格,商品单价,订单实付金额,订单创建时间,买家付款时间,成团时间,全部商品名称,退款状态
E2,交易完成,P1,团员,12,青山,毛巾,501,灰,39.90,29.90,2026-05-01 10:30:00,2026-05-01 10:31:00,2026-05-01 11:00:00,毛巾(1件),
E3,交易关闭,P1,团员,13,木子,毛巾,501,灰,39.90,29.90,2026-05-01 10:40:00,2026-05-01 10:41:00,,毛巾(1件),退款成功
E1,交易完成,P1,团长,11,暖阳,毛巾,501,白,39.90,29.90,2026-05-01 10:00:00,2026-05-01 10:01:00,2026-05-01 11:00:00,毛巾(1件),
E4,等待商家发货,P2,团长,14,秋水,毛巾,501,灰,39.90,29.90,2026-05-02 10:40:00,2026-05-02 10:41:00,,毛巾(1件),
"""
        },
        Outcome(
            [
                Group("P1", "11", "501", ["12"], "successful", "2026-05-01 10:00:00"),
                Group("P2", "14", "501", [], NOT_YET, "2026-05-02 10:40:00"),
            ],
            users={"11": "暖阳", "12": "青山"},
            items={"501": "毛巾"},
            rejected=0,
        ),
    ),
    Case(
        "likeshop_list",
        "likeshop's list of groups as a workbook: a title, numbers in square brackets before the names, nobody but the initiator.",
        {
            "teams.xlsx": xlsx(
                [
                    ["拼团记录"],
                    [
                        "拼团编号",
                        "开团会员",
                        "商品信息",
                        "成团人数",
                        "参团人数",
                        "拼团状态",
                        "开团时间",
                        "结束时间",
                    ],
                    [
                        "202605010001",
                        "[10001] 暖阳",
                        "[501] 竹纤维毛巾",
                        3,
                        3,
                        "拼团成功",
                        "2026-05-01 10:00:00",
                        "2026-05-02 10:00:00",
                    ],
                    [
                        "202605010002",
                        "[10002] 青山",
                        "[501] 竹纤维毛巾",
                        3,
                        1,
                        "拼团失败",
                        "2026-05-01 12:00:00",
                        "2026-05-02 12:00:00",
                    ],
                ],
                merged=["A1:H1"],
            )
        },
        Outcome(
            [
                Group(
                    "202605010001",
                    "10001",
                    "501",
                    [],
                    "successful",
                    "2026-05-01 10:00:00",
                    "2026-05-02 10:00:00",
                    3,
                ),
                Group(
                    "202605010002",
                    "10002",
                    "501",
                    [],
                    "failed",
                    "2026-05-01 12:00:00",
                    "2026-05-02 12:00:00",
                    3,
                ),
            ],
            users={"10001": "暖阳"},
            items={"501": "竹纤维毛巾"},
            rejected=0,
        ),
    ),
    Case(
        "cafe24_orders",
        "A Korean shop's orders in CP949, a column 공구구분 for the roles.",
        {
            "orders.csv": """주문번호,주문일시,주문상태,주문자ID,주문자명,상품코드,상품명,공구번호,공구구분
20260501-0000011,2026-05-01 10:00:00,배송완료,k1,김하늘,P0001,감귤,1,개설
20260501-0000012,2026-05-01 10:10:00,배송완료,k2,이바다,P0001,감귤,1,참여
20260501-0000013,2026-05-01 10:20:00,취소완료,k3,박구름,P0001,감귤,1,참여
""".encode("cp949")
        },
        Outcome(
            [Group("1", "k1", "P0001", ["k2"], "successful", "2026-05-01 10:00:00")],
            users={"k1": "김하늘", "k2": "이바다"},
            items={"P0001": "감귤"},
            rejected=0,
        ),
    ),
    Case(
        "woocommerce_plugin",
        "Orders of WooCommerce with the columns of a group-deal plugin, said where they are unknown.",
        {
            "orders.csv": """Order ID,Order Status,Order Date,Customer User ID,Billing First Name,Item #,SKU,Item Name,Group Deal ID,Group Deal Role
901,wc-completed,2026-05-01 10:00,31,Anne,1,BW-1,Beeswax wrap,G1,leader
902,wc-processing,2026-05-01 10:10,32,Bert,1,BW-1,Beeswax wrap,G1,member
903,wc-refunded,2026-05-01 10:20,33,Cleo,1,BW-1,Beeswax wrap,G1,member
"""
        },
        Outcome(
            [Group("G1", "31", "BW-1", ["32"], "successful", "2026-05-01 10:00:00")],
            items={"BW-1": "Beeswax wrap"},
            rejected=0,
        ),
        arguments=[
            *("--column", "Group Deal ID=group"),
            *("--column", "Group Deal Role=role"),
            *("--column", "Customer User ID=user"),
        ],
    ),
    Case(
        "paid_back_in_full",
        "An order reads 已完成 and was paid back in full: no join where the column of refunds is read, else that column is named.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,实付金额,退款金额
G1,11,团长,p1,已完成,29.9,0
G1,12,团员,p1,已完成,29.9,29.9
G1,13,团员,p1,已完成,29.9,5
"""
        },
        Outcome([Group("G1", "11", "p1", ["13"], "successful")], rejected=0),
        [
            Outcome([Group("G1", "11", "p1", ["12", "13"], "successful")], says=["退款金额"]),
            refused("退款金额"),
        ],
    ),
    Case(
        "shopxo_members",
        "ShopXO lists members, each with its leader's nickname, under headings of its own: what is missing is named.",
        {
            "teams.csv": """ID,用户信息,团长信息,商品信息,所需人数,已有人数,状态,开团时间,过期时间
1,暖阳,暖阳,毛巾,2,2,已成功,2026-05-01 10:00:00,2026-05-02 10:00:00
2,青山,暖阳,毛巾,2,2,已成功,2026-05-01 10:00:00,2026-05-02 10:00:00
"""
        },
        refused("用户信息", "团长信息", "--column"),
    ),
]
