"""One instant is one time on the shop's clock, however an export writes it."""

from datetime import datetime

import pyarrow as pa

from exports.case import Case, Group, Outcome, refused
from exports.workbooks import parquet, xlsx

KIND = "clock"

_SHANGHAI = {"MAMGBR_TIMEZONE": "Asia/Shanghai"}
_AT_TEN = "2026-05-01 10:00:00"
_ZONE = r"time ?zone|\bzone\b|\bUTC\b|时区"

CASES = [
    Case(
        "epochs_as_floats",
        "pandas turns epochs of a column with gaps into floats, seconds and milliseconds alike.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at,expires_at
1,u1,p1,u2,successful,1777600800.0,1777687200.0
2,u2,p1,u3,successful,1777600800000.0,
3,u3,p1,u4,successful,1.7776008E+12,1.7776872E+9
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN, "2026-05-02 10:00:00"),
                Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN, None),
                Group("3", "u3", "p1", ["u4"], "successful", _AT_TEN, "2026-05-02 10:00:00"),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN),
                    Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN),
                ],
                rejected=1,
                says=[r"1\.7776008E\+12"],
            ),
            Outcome(
                [
                    Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN),
                    Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN),
                    Group("3", "u3", "p1", ["u4"], "successful", None, None),
                ],
                says=[r"1\.7776008E\+12", r"1\.7776872E\+9"],
            ),
        ],
        environment=_SHANGHAI,
    ),
    Case(
        "new_york_into_summer",
        "New York's clocks went forward on 8 March 2026: half an hour before and after are two hours apart on the clock.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at,expires_at
1,u1,p1,u2,successful,2026-03-08T06:30:00Z,2026-03-08T07:30:00Z
2,u2,p1,u3,successful,1772954940,2026-07-01T12:00:00+00:00
3,u3,p1,u4,successful,2026-03-08 09:15:00,2026-11-01T05:30:00Z
"""
        },
        Outcome(
            [
                Group(
                    "1",
                    "u1",
                    "p1",
                    ["u2"],
                    "successful",
                    "2026-03-08 01:30:00",
                    "2026-03-08 03:30:00",
                ),
                Group(
                    "2",
                    "u2",
                    "p1",
                    ["u3"],
                    "successful",
                    "2026-03-08 03:29:00",
                    "2026-07-01 08:00:00",
                ),
                Group(
                    "3",
                    "u3",
                    "p1",
                    ["u4"],
                    "successful",
                    "2026-03-08 09:15:00",
                    "2026-11-01 01:30:00",
                ),
            ],
            rejected=0,
        ),
        environment={"MAMGBR_TIMEZONE": "America/New_York"},
    ),
    Case(
        "naver_offsets",
        "Naver's API writes +09:00 with milliseconds, other programs +0900 and +09.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at
1,u1,p1,u2,successful,2026-05-01T10:00:00.000+09:00
2,u2,p1,u3,successful,2026-05-01T10:00:00+0900
3,u3,p1,u4,successful,2026-05-01 10:00:00+09
4,u4,p1,u5,successful,2026-05-01T01:00:00.000Z
"""
        },
        Outcome(
            [
                Group(str(n), f"u{n}", "p1", [f"u{n + 1}"], "successful", _AT_TEN)
                for n in range(1, 5)
            ],
            rejected=0,
        ),
        environment={"MAMGBR_TIMEZONE": "Asia/Seoul"},
    ),
    Case(
        "shopify_offsets",
        "Shopify writes the offset behind a blank; with summer time two offsets stand in one file, and both are the shop's clock.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at
1,u1,p1,u2,successful,2026-03-07 10:00:00 -0500
2,u2,p1,u3,successful,2026-03-09 10:00:00 -0400
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", "2026-03-07 10:00:00"),
                Group("2", "u2", "p1", ["u3"], "successful", "2026-03-09 10:00:00"),
            ],
            rejected=0,
        ),
        environment={"MAMGBR_TIMEZONE": "America/New_York"},
    ),
    Case(
        "workbook_on_the_shops_clock",
        "A date cell of a workbook has no zone: it stands on the shop's clock, and an epoch beside it is an instant.",
        {
            "groups.xlsx": xlsx(
                [
                    ["团号", "团长", "商品", "团员", "状态", "开团时间", "截止时间"],
                    ["1", "u1", "p1", "u2", "已成团", datetime(2026, 5, 1, 10), 1777687200],
                    [
                        "2",
                        "u2",
                        "p1",
                        "u3",
                        "已成团",
                        datetime(2026, 5, 1, 23, 59, 59),
                        "2026-05-02T16:00:00Z",
                    ],
                ]
            )
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN, "2026-05-02 10:00:00"),
                Group(
                    "2",
                    "u2",
                    "p1",
                    ["u3"],
                    "successful",
                    "2026-05-01 23:59:59",
                    "2026-05-03 00:00:00",
                ),
            ],
            rejected=0,
        ),
        environment=_SHANGHAI,
    ),
    Case(
        "mongo_dates",
        "mongoexport wraps dates and long numbers into objects.",
        {
            "groups.jsonl": (
                '{"group_id": "1", "initiator": "u1", "item": "p1", "participants": ["u2"], "status": "successful",'
                ' "launched_at": {"$date": "2026-05-01T02:00:00.000Z"}}\n'
                '{"group_id": "2", "initiator": "u2", "item": "p1", "participants": ["u3"], "status": "successful",'
                ' "launched_at": {"$date": {"$numberLong": "1777600800000"}}}\n'
            )
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN),
                Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN),
            ],
            rejected=0,
        ),
        [refused("launched_at"), Outcome([], says=["launched_at"])],
        environment=_SHANGHAI,
    ),
    Case(
        "epochs_without_a_zone",
        "Only epochs, and nobody has said the zone: the one that was taken is named, with the way to say another.",
        {
            "groups.csv": "group_id,initiator,item,participants,status,launched_at\n1,u1,p1,u2,successful,1777600800\n"
        },
        Outcome(says=[_ZONE]),
        [refused(_ZONE)],
    ),
    Case(
        "arrow_timestamps",
        "A table of Parquet has instants with a zone and times without one.",
        {
            "groups.parquet": parquet(
                group_id=pa.array([1, 2]),
                initiator=pa.array(["u1", "u2"]).dictionary_encode(),
                item=pa.array([88, 88]),
                participants=pa.array([["u2"], ["u3", "u4"]]),
                status=pa.array(["successful", "failed"]),
                launched_at=pa.array(
                    [1777600800_000_000, 1777687200_000_000], pa.timestamp("us", tz="UTC")
                ),
                expires_at=pa.array([datetime(2026, 5, 2, 10), None], pa.timestamp("ns")),
            )
        },
        Outcome(
            [
                Group("1", "u1", "88", ["u2"], "successful", _AT_TEN, "2026-05-02 10:00:00"),
                Group("2", "u2", "88", ["u3", "u4"], "failed", "2026-05-02 10:00:00", None),
            ],
            rejected=0,
        ),
        environment=_SHANGHAI,
    ),
]
