"""Maps the columns of a file to fields by their headings, in English and in Chinese."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from db.errors import InputError
from db.messages import Message, Term, Value

# Field -> its headings, as ``normalised_heading`` writes them.
HEADINGS: dict[str, str] = {
    "group": (
        "group groupid groupno team teamid 团 团id 团号 团编号 拼团id 拼团号 拼团编号 开团id "
        "开团编号 团购id 团购编号 团单号 拼团单号"
    ),
    "initiator": (
        "initiator initiatorid leader leaderid launcher launcherid organizer organizerid "
        "groupleader groupleaderid 团长 团长id 团长编号 团长用户id 开团人 开团人id 开团用户 "
        "开团用户id 发起人 发起人id 发起者"
    ),
    "participants": (
        "participants participantids participant members memberids joiners joinerids 团员 "
        "团员id 团员列表 团员编号 成员 成员id 成员列表 参团人 参团人id 参团用户 参团用户id "
        "参团成员 参与者 参与人 参与用户"
    ),
    "user": (
        "user userid uid buyer buyerid customer customerid member memberid 用户 用户id "
        "用户编号 买家 买家id 会员 会员id 会员编号 客户 客户id 下单人 下单用户 下单用户id"
    ),
    "role": (
        "role userrole memberrole isleader isinitiator 角色 身份 用户角色 成员角色 是否团长 "
        "团内身份"
    ),
    "item": (
        "item itemid product productid goods goodsid sku skuid 商品 商品id 商品编号 商品编码 "
        "货号 产品 产品id 产品编号 拼团商品 拼团商品id"
    ),
    "status": (
        "status state groupstatus groupstate result outcome 状态 成团状态 拼团状态 团状态 "
        "是否成团 拼团结果 成团结果 开团状态"
    ),
    "order_state": (
        "orderstatus orderstate paymentstatus paystatus 订单状态 支付状态 付款状态 交易状态"
    ),
    "launched_at": (
        "launchedat launchtime launched starttime startedat createdat createtime opentime "
        "groupstarttime 开团时间 发起时间 创建时间 开始时间 成团开始时间 拼团开始时间"
    ),
    "ordered_at": (
        "orderedat ordertime paidat paytime joinedat jointime 下单时间 支付时间 付款时间 "
        "参团时间 加入时间 订单时间"
    ),
    "time": "time timestamp date datetime 时间 日期",
    "expires_at": (
        "expiresat expiretime expiry deadline endtime endsat endedat 截止时间 结束时间 "
        "到期时间 过期时间 失效时间 拼团结束时间"
    ),
    "cancelled_at": (
        "cancelledat canceledat canceltime refundedat refundtime declinedat rejectedat 取消时间 "
        "退款时间 退款成功时间 关闭时间 拒绝时间 取消時間 退款時間"
    ),
    "target_size": (
        "targetsize groupsize size requiredsize 几人团 成团人数 拼团人数 团人数 目标人数 "
        "需要人数 团规模 开团人数 拼团规格"
    ),
    "item_name": (
        "itemname productname goodsname title itemtitle 商品名 商品名称 商品标题 产品名称 品名"
    ),
    "category": "category itemcategory productcategory 分类 类目 品类 商品分类 商品类目 商品品类",
    "price": (
        "price itemprice listprice originalprice 原价 单价 价格 售价 商品价格 商品原价 单买价 "
        "市场价"
    ),
    "group_price": (
        "groupprice groupbuyprice groupbuyingprice teamprice 拼团价 团购价 团价 拼团价格 "
        "成团价 团购价格"
    ),
    "min_participants": "minparticipants minimumparticipants 最少参团人数 最低参团人数 起团人数",
    "initiator_name": (
        "initiatorname leadername leadernickname initiatornickname 团长昵称 团长姓名 团长名称 "
        "团长名 发起人昵称 发起人姓名 开团人昵称"
    ),
    "user_name": (
        "username name nickname buyername buyernickname membername customername 用户名 昵称 "
        "用户昵称 用户姓名 买家昵称 会员昵称 会员名 姓名"
    ),
    "friend": "friend friendid 好友 好友id 朋友 朋友id",
    # What ties the rows of a table of orders together.
    "record": "id recordid pinkid grouponrecordid 记录id 记录编号 编号 編號 拼团记录id 主键",
    "parent": (
        "kid headid heads parentid grouponid pinkkid 上级id 上级编号 父id 父级id 父记录id "
        "开团记录id 开团记录编号 团长记录id"
    ),
    "order": (
        "orderid orderno ordernumber ordersn ordercode 订单号 订单编号 订单id 订单单号 主订单号 "
        "主订单编号 关联订单id 关联订单号 訂單編號 訂單號碼 訂單號 주문번호 주문id 注文番号"
    ),
    "virtual": "isvirtual virtual isrobot isbot 是否虚拟 是否虚拟用户 是否机器人 是否虛擬 虚拟标识",
}

# A log is complete without these; the first of several columns counts.
_TIES = ("record", "parent", "order", "cancelled_at", "virtual")

_FIELD_OF_HEADING = {heading: field for field, text in HEADINGS.items() for heading in text.split()}

# A bare word is the id if it is the only such column, and the name beside a column that is clearly the id.
_BARE = {
    "initiator": (
        "initiator_name",
        ["initiator", "leader", "launcher", "团长", "发起人", "开团人"],
    ),
    "user": ("user_name", ["user", "buyer", "customer", "member", "用户", "买家", "会员", "客户"]),
    "item": ("item_name", ["item", "product", "goods", "商品", "产品", "拼团商品"]),
    "group": ("", ["group", "team", "团"]),
}


class ColumnsError(InputError):
    """The columns do not make a log: fields are ``missing``, or two columns mean ``doubled``."""

    def __init__(
        self,
        key: str | Message,
        /,
        missing: Sequence[str] = (),
        doubled: str = "",
        **values: Value,
    ) -> None:
        super().__init__(key, **values)
        self.missing = tuple(missing)
        self.doubled = doubled

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles with the fields at fault."""
        return type(self), (self.message, self.missing, self.doubled)


GROUPS, ORDERS, FRIENDSHIPS = "groups", "orders", "friendships"  # shapes: what a row is
_NEEDED = {
    GROUPS: ("initiator", "item"),
    ORDERS: ("group", "user", "item"),
    FRIENDSHIPS: ("user", "friend"),
}


@dataclass(frozen=True)
class ColumnMapping:
    """Which field each column holds (None: ignored), and what a row is."""

    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    shape: str  # GROUPS, ORDERS or FRIENDSHIPS

    def heading(self, field: str) -> str:
        """The heading of the column of ``field``; the field's own name if there is no such column."""
        return self.headings[self.fields.index(field)] if field in self.fields else field


@lru_cache(maxsize=4096)
def normalised_heading(heading: str) -> str:
    """The heading in lower case, without spaces, punctuation, full-width forms and bracketed text."""
    text = unicodedata.normalize("NFKC", heading).lower()
    text = re.sub(r"[(\[{【].*?[)\]}】]", "", text)
    return re.sub(r"[\W_]+", "", text)


def field_of(heading: str) -> str | None:
    """The field that a heading means, None if it is not known."""
    return _FIELD_OF_HEADING.get(normalised_heading(heading))


def map_columns(
    headings: Sequence[str],
    columns: Mapping[str, str] | None = None,
    friendships: bool = False,
) -> ColumnMapping:
    """Decide what each column holds; ``columns`` (heading -> field) overrides the guess.

    Raises ColumnsError if a needed column is missing or two columns mean the same, InputError if
    ``columns`` names an unknown field.
    """
    chosen = columns or {}
    for heading, field in chosen.items():
        if field and field not in HEADINGS:
            raise InputError(
                "db.columns.unknown_field",
                field=(field,),
                heading=(heading,),
                fields=", ".join(HEADINGS),
            )
    fields = guess_fields(headings, chosen)
    shape = _shape(headings, fields, friendships)
    if "time" in fields:
        meaning = "ordered_at" if shape == ORDERS else "launched_at"
        fields[fields.index("time")] = None if meaning in fields else meaning
    _refuse_doubled(headings, fields)
    return ColumnMapping(tuple(headings), tuple(fields), shape)


def guess_fields(headings: Sequence[str], columns: Mapping[str, str]) -> list[str | None]:
    """What each column seems to hold, whether or not that makes a log; ``columns`` overrides."""
    fields = [columns.get(heading, field_of(heading)) or None for heading in headings]
    _settle_bare_words(headings, fields, columns)
    _settle_ordering_user(fields)
    _settle_ties(headings, fields, columns)
    return fields


def _settle_bare_words(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str]
) -> None:
    for field, (name_field, words) in _BARE.items():
        places = [k for k, found in enumerate(fields) if found == field]
        bare = [
            k
            for k in places
            if normalised_heading(headings[k]) in words and headings[k] not in chosen
        ]
        if len(places) == 2 and len(bare) == 1:
            fields[bare[0]] = None if name_field in fields else name_field or None


def _settle_ordering_user(fields: list[str | None]) -> None:
    """In a file of orders, a column called 团员 or participant is the user who ordered."""
    if "role" in fields and "user" not in fields and "participants" in fields:
        fields[fields.index("participants")] = "user"


def _settle_ties(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str]
) -> None:
    """Keep one column for each tie; in a table of groups ``head_id`` is the initiator."""
    for field in _TIES:
        places = [k for k, found in enumerate(fields) if found == field]
        said = [k for k in places if headings[k] in chosen]
        for k in places:
            if k != (said or places)[0]:
                fields[k] = None
    if "parent" in fields and not {"user", "initiator"} & set(fields):
        k = fields.index("parent")
        if normalised_heading(headings[k]) == "headid" and headings[k] not in chosen:
            fields[k] = "initiator"


def _shape(headings: Sequence[str], fields: Sequence[str | None], friendships: bool) -> str:
    for shape in (FRIENDSHIPS,) if friendships else (ORDERS, GROUPS, FRIENDSHIPS):
        if all(field in fields for field in _NEEDED[shape]) or (
            shape == ORDERS and {"user", "item", "record", "parent"} <= set(fields)
        ):
            return shape
    shape = FRIENDSHIPS if friendships else ORDERS if "user" in fields else GROUPS
    missing = [field for field in _NEEDED[shape] if field not in fields]
    raise ColumnsError(
        "db.columns.missing",
        missing=missing,
        columns=_with_examples(missing),
        headings=tuple(heading[:40] for heading in headings[:20]),
    )


def _with_examples(fields: Sequence[str]) -> Message:
    """The fields, each with an English and a Chinese heading as examples."""
    first, *rest = fields
    words = HEADINGS[first].split()
    chinese = next((word for word in words if not word.isascii()), "")
    examples = ", ".join(filter(None, (words[0], chinese)))
    message = Message("db.columns.example", {"field": Term("field", first), "words": examples})
    if not rest:
        return message
    return Message("db.columns.pair", {"first": message, "rest": _with_examples(rest)})


def _refuse_doubled(headings: Sequence[str], fields: Sequence[str | None]) -> None:
    for field in dict.fromkeys(filter(None, fields)):
        named = [headings[k] for k, found in enumerate(fields) if found == field]
        if len(named) > 1:
            raise ColumnsError(
                "db.columns.doubled",
                doubled=field,
                headings=tuple(named[:3]),
                field=Term("field", field),
            )
