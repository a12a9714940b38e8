"""Headings in Korean, Japanese, Traditional Chinese and the English of programmers."""

from exports.case import Case, Group, Outcome, refused
from exports.workbooks import xlsx

KIND = "headings"

_TWO = [
    Group("G1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00", target_size=3),
    Group("G2", "u4", "p1", [], "failed", "2026-05-03 10:00:00", target_size=3),
]

CASES = [
    Case(
        "words_of_plugins",
        "A list of groups in the words of shop plugins: groupon_id is the group here, and captain launched.",
        {
            "groups.csv": """groupon_id,captain,goods_id,group_members,status,start_date,required_members
G1,u1,p1,"u2,u3",success,2026-05-01 10:00:00,3
G2,u4,p1,,failed,2026-05-03 10:00:00,3
"""
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "korean_groups",
        "A Korean sheet of group purchases.",
        {
            "groups.csv": """공구번호,공구장,상품번호,상품명,참여자,상태,시작일시,목표인원
G1,u1,p1,무항생제 계란,"u2,u3",성공,2026-05-01 10:00:00,3
G2,u4,p1,무항생제 계란,,실패,2026-05-03 10:00:00,3
"""
        },
        Outcome(_TWO, items={"p1": "무항생제 계란"}, rejected=0),
    ),
    Case(
        "korean_orders",
        "Orders of a Korean shop, with Naver's words.",
        {
            "orders.csv": """그룹번호,주문번호,구매자ID,구매자명,역할,상품번호,상품명,주문상태,결제일
G1,2026050112345,u1,김하늘,개설자,p1,감귤,구매확정,2026-05-01 10:00:00
G1,2026050112346,u2,이바다,참여자,p1,감귤,배송중,2026-05-01 10:05:00
G1,2026050112347,u3,박구름,참여자,p1,감귤,취소완료,2026-05-01 10:06:00
"""
        },
        Outcome(
            [Group("G1", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00")],
            users={"u1": "김하늘", "u2": "이바다"},
            items={"p1": "감귤"},
            rejected=0,
        ),
    ),
    Case(
        "japanese_groups",
        "A Japanese sheet of joint purchases.",
        {
            "groups.csv": """グループ番号,主催者,商品番号,商品名,参加者,状態,開始日時,目標人数
G1,u1,p1,有機みかん,"u2、u3",成立,2026/05/01 10:00,3
G2,u4,p1,有機みかん,,不成立,2026/05/03 10:00,3
"""
        },
        Outcome(_TWO, items={"p1": "有機みかん"}, rejected=0),
    ),
    Case(
        "traditional_orders",
        "Orders of a Taiwanese shop, with SHOPLINE's words.",
        {
            "orders.csv": """拼團編號,訂單編號,顧客ID,顧客姓名,身分,商品編號,商品名稱,訂單狀態,訂單日期,成團人數
G1,20260501001,u1,林小美,團主,p1,鳳梨酥,已完成,2026/05/01 10:00:00,3
G1,20260501002,u2,陳阿宏,團員,p1,鳳梨酥,已出貨,2026/05/01 10:05:00,3
G1,20260501003,u3,黃阿珍,團員,p1,鳳梨酥,已付款,2026/05/01 10:06:00,3
G1,20260501004,u9,王阿國,團員,p1,鳳梨酥,已取消,2026/05/01 10:07:00,3
"""
        },
        Outcome(
            [_TWO[0]],
            users={"u1": "林小美"},
            items={"p1": "鳳梨酥"},
            rejected=0,
        ),
    ),
    Case(
        "camel_case",
        "Keys of a program: groupId, leaderId, memberIds.",
        {
            "groups.jsonl": """{"groupId": "G1", "leaderId": "u1", "goodsId": "p1", "memberIds": ["u2", "u3"], "groupStatus": "SUCCESS", "createTime": "2026-05-01 10:00:00", "groupSize": 3}
{"groupId": "G2", "leaderId": "u4", "goodsId": "p1", "memberIds": [], "groupStatus": "FAIL", "createTime": "2026-05-03 10:00:00", "groupSize": 3}
"""
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "units_and_stars",
        "Headings with stars for required columns, units and zones in brackets.",
        {
            "groups.csv": """*团号,*团长ID,*商品ID,团员ID（多个用逗号隔开）,状态（必填）,开团时间(北京时间),成团人数（人）,拼团价(元)
G1,u1,p1,"u2,u3",已成团,2026-05-01 10:00:00,3,19.9
G2,u4,p1,,未成团,2026-05-03 10:00:00,3,19.9
"""
        },
        Outcome(_TWO, group_prices={"p1": 19.9}, rejected=0),
    ),
    Case(
        "english_of_a_plugin",
        "A WooCommerce plugin's words: Group Leader, Group Members, Required Members, Start Date.",
        {
            "groups.csv": """Group ID,Group Leader,Product ID,Group Members,Group Status,Start Date,Required Members
G1,u1,p1,"u2,u3",Successful,2026-05-01 10:00:00,3
G2,u4,p1,,Failed,2026-05-03 10:00:00,3
"""
        },
        Outcome(_TWO, rejected=0),
        [Outcome(says=["Group Members"])],
    ),
    Case(
        "nested_buyers",
        "JSON lines of an order service: the buyer and the goods are objects of their own.",
        {
            "orders.jsonl": """{"group_id": "G1", "role": "initiator", "buyer": {"id": "u1", "name": "暖阳"}, "item": {"id": "p1", "title": "毛巾"}, "order_status": "paid", "created_at": "2026-05-01 10:00:00"}
{"group_id": "G1", "role": "participant", "buyer": {"id": "u2", "name": "青山"}, "item": {"id": "p1", "title": "毛巾"}, "order_status": "paid", "created_at": "2026-05-01 10:05:00"}
"""
        },
        Outcome(
            [Group("G1", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00")],
            users={"u1": "暖阳"},
            items={"p1": "毛巾"},
            rejected=0,
        ),
        [refused("buyer|item"), Outcome([], says=["buyer|item"])],
    ),
    Case(
        "gym_that_runs_groups",
        "A chain of gyms: 拼团编号, 会员, 身份, 参与时间; the course is the item.",
        {
            "records.csv": """拼团编号,开团时间,拼团门店,拼团状态,会员编号,会员姓名,身份,参与时间,新老用户,课程编号
G1,2026-05-01 10:00:00,人民广场店,拼团成功,u1,暖阳,团长,2026-05-01 10:00:00,老用户,p1
G1,2026-05-01 10:00:00,人民广场店,拼团成功,u2,青山,团员,2026-05-01 10:05:00,新用户,p1
"""
        },
        Outcome(
            [Group("G1", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00")],
            users={"u1": "暖阳", "u2": "青山"},
            rejected=0,
        ),
        arguments=["--column", "课程编号=item"],
    ),
    Case(
        "words_that_are_in_other_headings",
        "团长佣金, 用户备注, 商品数量 and 状态更新时间 have the words of columns in them and are none of those.",
        {
            "orders.csv": """团号,团长佣金,团长备注,用户ID,用户备注,角色,商品数量,商品金额,商品ID,订单状态,状态更新时间,下单时间
G1,0.5,自提,u1,不要辣,团长,2,39.8,p1,已支付,2026-06-01 00:00:00,2026-05-01 10:00:00
G1,0.5,,u2,,团员,1,19.9,p1,已支付,2026-06-01 00:00:00,2026-05-01 10:05:00
"""
        },
        Outcome([Group("G1", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00")], rejected=0),
    ),
    Case(
        "four_times_of_a_group",
        "开团时间, 成团时间, 失效时间 and 更新时间: launched at the first, running until the third.",
        {
            "groups.csv": """拼团编号,团长ID,商品ID,团员ID,拼团状态,更新时间,成团时间,开团时间,失效时间
G1,u1,p1,u2,拼团成功,2026-06-01 00:00:00,2026-05-01 12:00:00,2026-05-01 10:00:00,2026-05-02 10:00:00
"""
        },
        Outcome(
            [
                Group(
                    "G1",
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
    Case(
        "table_that_begins_at_b3",
        "A workbook's table begins in the second column of the third row, with a narrow blank column in between.",
        {
            "groups.xlsx": xlsx(
                [
                    [None, None],
                    [None, "五月开团"],
                    [None, "团号", "团长", None, "商品", "团员", "状态"],
                    [None, "G1", "u1", None, "p1", "u2", "已成团"],
                    [None, "G2", "u3", None, "p1", None, "未成团"],
                ]
            )
        },
        Outcome(
            [Group("G1", "u1", "p1", ["u2"], "successful"), Group("G2", "u3", "p1", [], "failed")],
            rejected=0,
        ),
    ),
]
