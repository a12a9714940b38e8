"""A month of a shop's groups, made by chance, and the layouts in which three back offices would export it."""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from exports.case import Group, either
from exports.workbooks import xlsx

_MONTH = datetime(2026, 5, 1)
_EXPORTED = datetime(2026, 6, 1, 9)
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Join:
    """A participant's order; of what was paid back, nobody has joined."""

    user: str
    at: datetime
    paid_back: bool = False


@dataclass(frozen=True)
class Launch:
    """A group from its launch to the day of the export."""

    number: int
    initiator: str
    item: str
    size: int  # people, the initiator included
    at: datetime
    orders: Sequence[Join]

    @property
    def participants(self) -> list[str]:
        return [order.user for order in self.orders if not order.paid_back]

    @property
    def until(self) -> datetime:
        return self.at + timedelta(hours=24)

    @property
    def status(self) -> str:
        if len(self.participants) + 1 == self.size:
            return "successful"
        return "failed" if self.until <= _EXPORTED else "open"

    def truth(self, group: str, participants: object) -> Group:
        """What has to lie in the store."""
        size = self.size
        return Group(
            group,
            self.initiator,
            self.item,
            participants,
            self.status,
            str(self.at),
            str(self.until),
            size,
        )


def launches(count: int = 300, seed: int = 20260501) -> list[Launch]:
    """Groups of a month in the order of their launches; the last ones are still open."""
    chance = random.Random(seed)
    users = [f"{number:06d}" for number in chance.sample(range(1, 999999), count)]
    items = [str(987654321000 + number) for number in range(count // 8)]
    starts = sorted(
        _MONTH + timedelta(seconds=chance.randrange(31 * 86400 + 8 * 3600)) for _ in range(count)
    )
    made = []
    for number, at in enumerate(starts, 1):
        size = chance.choice([2, 2, 3, 5])
        initiator, *others = chance.sample(users, size + 2)
        came = size - 1 if chance.random() < 0.6 else chance.randrange(size - 1)
        came_at = sorted(at + timedelta(seconds=chance.randrange(1, 3600)) for _ in range(came))
        orders = [Join(*pair) for pair in zip(others, came_at, strict=False)]
        if chance.random() < 0.2:
            orders.append(
                Join(others[-1], at + timedelta(seconds=chance.randrange(1, 3600)), paid_back=True)
            )
        made.append(Launch(number, initiator, chance.choice(items), size, at, orders))
    return made


def newest_orders_first(groups: Sequence[Launch]) -> tuple[bytes, list[Group]]:
    """Orders as a marketplace lists them: GB18030, tabs behind long numbers, no roles, the newest first."""
    chance = random.Random(1)
    states = {"successful": "拼团成功", "failed": "拼团失败", "open": "拼团中"}
    good = ["待发货", "已发货，待收货", "已收货", "交易完成"]
    rows = []
    for group in groups:
        for order in [Join(group.initiator, group.at), *group.orders]:
            word = "未发货，退款成功" if order.paid_back else chance.choice(good)
            if group.status == "failed":
                word = "已取消，退款成功"
            spec = chance.choice(["白色", "灰色", "蓝色"])
            tail = [states[group.status], group.size, order.at, group.until]
            rows.append(
                [
                    f"T{group.number:05d}\t",
                    f"{order.user}\t",
                    f"{group.item}\t",
                    "竹纤维毛巾",
                    spec,
                    word,
                    *tail,
                ]
            )
    rows.sort(key=lambda row: row[-2], reverse=True)
    heading = [
        "团号",
        "用户id",
        "商品id",
        "商品名称",
        "商品规格",
        "订单状态",
        "拼团状态",
        "成团人数",
        "下单时间",
        "拼团截止时间",
    ]
    content = io.StringIO()
    csv.writer(content).writerows([heading, *rows])
    # The orders of a failed group are all paid back, so that the file does not tell who would have joined.
    truth = [
        group.truth(
            f"T{group.number:05d}",
            either([], sorted(group.participants))
            if group.status == "failed"
            else sorted(group.participants),
        )
        for group in groups
    ]
    return content.getvalue().encode("gb18030"), truth


POINTERS = ["k_id=group", "pid=item", "people=target_size"]
CODES = ["1=open", "2=successful", "3=failed"]


def pointers_and_epochs(groups: Sequence[Launch]) -> tuple[bytes, list[Group]]:
    """CRMEB's table: an order points to the launch's number, times are epochs, states are codes."""
    codes = {"open": 1, "successful": 2, "failed": 3}
    number = 0
    lines = ["id,uid,pid,people,price,add_time,stop_time,k_id,is_refund,status"]
    truth = []
    for group in groups:
        launch, tail = 0, f"{codes[group.status]}"
        for order in [Join(group.initiator, group.at), *group.orders]:
            if order.paid_back:
                continue
            number += 1
            times = f"{_epoch(order.at)},{_epoch(group.until)}"
            lines.append(
                f"{number},{order.user},{group.item},{group.size},39.90,{times},{launch},0,{tail}"
            )
            launch = launch or number
        truth.append(group.truth(str(launch), sorted(group.participants)))
    return "\n".join(lines).encode(), truth


def _epoch(time: datetime) -> int:
    return int(time.replace(tzinfo=_CHINA).timestamp())


def sheet_of_groups(groups: Sequence[Launch]) -> tuple[bytes, list[Group]]:
    """A Taiwanese workbook: a title over merged cells, a row a group, dates as dates, a row of totals."""
    states = {"successful": "已成團", "failed": "未成團", "open": "開團中"}
    rows: list[list[object]] = [
        ["五月開團明細"],
        ["團號", "團主", "品項編號", "團員", "狀態", "開團時間", "截止時間", "幾人團"],
    ]
    for group in groups:
        members = "、".join(group.participants) or None
        rows.append(
            [
                str(group.number),
                group.initiator,
                group.item,
                members,
                states[group.status],
                group.at,
                group.until,
                group.size,
            ]
        )
    people = sum(len(group.participants) + 1 for group in groups)
    rows.append(["合計", str(len(groups)), None, str(people), None, None, None, None])
    return xlsx(rows, merged=["A1:H1"]), [
        group.truth(str(group.number), sorted(group.participants)) for group in groups
    ]
