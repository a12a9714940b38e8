"""The words of many back offices for what became of a group, of an order, of a refund."""

from collections.abc import Sequence
from dataclasses import replace

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "state words"


def _orders_csv(words: Sequence[str]) -> str:
    """In each group the leader has paid, and the member's order is in that state."""
    rows = ["团号,用户id,角色,商品id,订单状态"]
    for number, word in enumerate(words):
        rows += [f"G{number},a{number},团长,p1,已支付", f'G{number},b{number},团员,p1,"{word}"']
    return "\n".join(rows) + "\n"


def _joined(number: int, joins: bool) -> Group:
    members = [f"b{number}"] if joins else []
    return Group(f"G{number}", f"a{number}", "p1", members, "successful" if joins else NOT_YET)


def _orders(name: str, why: str, paid: Sequence[str], void: Sequence[str]) -> Case:
    groups = [_joined(number, number < len(paid)) for number in range(len(paid) + len(void))]
    return Case(
        name,
        why,
        {"orders.csv": _orders_csv([*paid, *void])},
        Outcome(groups, rejected=0),
        _asked(groups),
    )


def _teams(name: str, why: str, heading: str, states: dict[str, list[str]]) -> Case:
    rows, groups = [f"group_id,initiator,item,participants,{heading}"], []
    for status, words in states.items():
        for word in words:
            number = len(groups)
            rows.append(f"T{number},u1,p{number},u2,{word}")
            groups.append(Group(f"T{number}", "u1", f"p{number}", ["u2"], status))
    csv = "\n".join(rows) + "\n"
    return Case(name, why, {"groups.csv": csv}, Outcome(groups, rejected=0), _asked(groups))


def _asked(groups: Sequence[Group]) -> list[Outcome]:
    """A word that is not known holds its group back, and is asked for with the option that answers."""
    return [
        Outcome([replace(group, may_be_refused=True) for group in groups], says=["--state"]),
        refused("--state"),
    ]


CASES = [
    _orders(
        "taobao_and_youzan",
        "Taobao, Youzan and Weidian tell who is waiting for whom.",
        paid=[
            "买家已付款，等待卖家发货",
            "卖家已发货，等待买家确认",
            "交易成功",
            "商家已发货",
            "待收货",
        ],
        void=["交易关闭", "等待买家付款", "交易关闭（已退款）", "已关闭", "维权退款完成"],
    ),
    _orders(
        "jd_and_douyin",
        "JD and Douyin.",
        paid=["等待出库", "等待确认收货", "完成", "备货中", "已发货", "部分发货"],
        void=["已取消", "(删除)等待付款", "待支付", "已关闭", "锁定-已取消"],
    ),
    _orders(
        "korean_order_states",
        "Naver, Coupang and Cafe24.",
        paid=["결제완료", "배송준비중", "배송중", "배송완료", "구매확정"],
        void=["결제대기", "입금대기", "취소완료", "반품완료", "주문취소"],
    ),
    _orders(
        "japanese_orders",
        "BASE, Mercari Shops and Rakuten.",
        paid=["入金済み", "発送待ち", "発送済み", "取引完了"],
        void=["入金待ち", "キャンセル", "返金済み"],
    ),
    _orders(
        "traditional_order_states",
        "SHOPLINE, 91APP and Shopee Taiwan.",
        paid=["已確認", "處理中", "已付款", "備貨中", "已出貨", "已送達", "待出貨"],
        void=["未付款", "已取消", "已退款", "取消訂單", "待付款"],
    ),
    _orders(
        "prestashop_and_magento",
        "PrestaShop, Magento and BigCommerce.",
        paid=[
            "Payment accepted",
            "Processing in progress",
            "Shipped",
            "Delivered",
            "complete",
            "Awaiting fulfillment",
            "partially_refunded",
        ],
        void=[
            "Canceled",
            "Cancelled",
            "Refunded",
            "Payment error",
            "Awaiting bank wire payment",
            "pending_payment",
            "closed",
            "Declined",
        ],
    ),
    _orders(
        "vietnamese_orders",
        "Haravan and Sapo.",
        paid=["Đã thanh toán", "Đang giao hàng", "Hoàn thành"],
        void=["Chưa thanh toán", "Đã hủy", "Đã hoàn tiền"],
    ),
    _orders(
        "refunds_that_came_to_nothing",
        "A refund that was refused or taken back leaves the order paid; one that is running is no join.",
        paid=["已发货，退款关闭", "待收货，拒绝退款", "已收货，撤销退款", "已发货，未申请退款"],
        void=["待发货，退款中", "已收货，退货退款成功", "待发货，全额退款"],
    ),
    _teams(
        "teams_of_mainland_systems",
        "Youzan, Weidian, ShopXO, mall4j and ECShop about their groups.",
        "拼团状态",
        {
            "successful": ["已成团", "成团成功", "拼团已完成", "团购成功", "已拼成"],
            "failed": [
                "拼团失败",
                "成团失败",
                "未拼成",
                "已过期",
                "已解散",
                "超时未成团",
                "拼团关闭",
            ],
            "open": ["拼团中", "组团中", "进行中", "等待成团", "招募中"],
        },
    ),
    _teams(
        "teams_in_korean",
        "Korean group buying: 공동구매.",
        "status",
        {
            "successful": ["성공", "공구성공", "달성", "마감(성공)"],
            "failed": ["실패", "미달성", "무산"],
            "open": ["진행중", "모집중"],
        },
    ),
    _teams(
        "teams_in_traditional_chinese",
        "Taiwan and Hong Kong.",
        "拼團狀態",
        {
            "successful": ["成團", "已成團", "拼團成功", "已達標"],
            "failed": ["未成團", "拼團失敗", "流團", "已流團", "未達標"],
            "open": ["開團中", "拼團中", "揪團中"],
        },
    ),
    _teams(
        "teams_in_english",
        "Plugins for WooCommerce and Magento.",
        "group_status",
        {
            "successful": ["success", "Completed", "FULL", "fulfilled", "group succeeded"],
            "failed": ["failed", "Expired", "cancelled", "timeout", "unsuccessful", "not reached"],
            "open": ["pending", "in progress", "active", "waiting", "ongoing"],
        },
    ),
    Case(
        "closed_means_two_things",
        "已关闭 of a group is a failed one, of an order a cancelled one: both in one file.",
        {
            "orders.csv": """团号,用户id,角色,商品id,拼团状态,订单状态
G1,11,团长,p1,已成团,已完成
G1,12,团员,p1,已成团,已关闭
G1,13,团员,p1,已成团,已完成
G2,14,团长,p1,已关闭,已关闭
G2,15,团员,p1,已关闭,已关闭
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["13"], "successful"),
                Group("G2", "14", "p1", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    _orders(
        "words_within_words",
        "支付失败 has 支付 in it, 未付款 has 付款, 退款失败 is no refund: parts of words decide nothing.",
        paid=["退款失败", "退款驳回", "已付款未发货", "退款已拒绝"],
        void=["支付失败", "未付款", "未支付", "付款超时", "支付超时关闭", "付款后取消", "无效订单"],
    ),
    _orders(
        "english_words_within_words",
        "Incomplete is not complete, and a refund that was denied is none.",
        paid=[
            "refund rejected",
            "refund denied",
            "unfulfilled",
            "partially fulfilled",
            "ready to ship",
        ],
        void=[
            "unpaid",
            "not paid",
            "incomplete",
            "payment failed",
            "pending payment",
            "chargeback",
            "abandoned",
        ],
    ),
    _teams(
        "teams_within_words",
        "成团失败 has 成团 in it, 未成功 has 成功, 即将成团 is still open.",
        "状态",
        {
            "successful": ["已成功", "成团", "拼成"],
            "failed": ["未成功", "不成团", "成团失败", "没有成团", "unsuccessful", "incomplete"],
            "open": ["即将成团", "成团中", "未结束", "尚未成团，进行中"],
        },
    ),
    Case(
        "paid_and_waiting",
        "待成团 is an order that is paid for in a group that is not full yet: its buyer has joined.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,成团人数
G1,11,团长,p1,待成团,3
G1,12,团员,p1,待成团,3
G2,13,团长,p1,支付成功待成团,3
G2,14,团员,p1,支付成功待成团,3
"""
        },
        Outcome(
            [
                Group("G1", "11", "p1", ["12"], NOT_YET, target_size=3),
                Group("G2", "13", "p1", ["14"], NOT_YET, target_size=3),
            ],
            rejected=0,
        ),
        _asked(
            [
                Group("G1", "11", "p1", ["12"], NOT_YET, target_size=3),
                Group("G2", "13", "p1", ["14"], NOT_YET, target_size=3),
            ]
        ),
    ),
]
