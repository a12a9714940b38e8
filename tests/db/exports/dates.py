"""Dates and hours as the spreadsheets and programs of many countries write them."""

from exports.case import Case, Either, Group, Outcome, refused

KIND = "clock"

_SHANGHAI = {"MAMGBR_TIMEZONE": "Asia/Shanghai"}
_AT_TEN = "2026-05-01 10:00:00"

CASES = [
    Case(
        "java_and_javascript",
        "Java prints CST, which is the shop's zone in China, and JavaScript the offset with a name in brackets.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at
1,u1,p1,u2,successful,Fri May 01 2026 10:00:00 GMT+0800 (中国标准时间)
2,u2,p1,u3,successful,Fri May 01 10:00:00 CST 2026
3,u3,p1,u4,successful,2026-05-01 10:00:00
"""
        },
        Outcome(
            [
                Group(str(n), f"u{n}", "p1", [f"u{n + 1}"], "successful", _AT_TEN)
                for n in range(1, 4)
            ],
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN, may_be_refused=True),
                    Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN, may_be_refused=True),
                    Group("3", "u3", "p1", ["u4"], "successful", _AT_TEN),
                ],
                says=["CST|GMT"],
            )
        ],
        environment=_SHANGHAI,
    ),
    Case(
        "years_of_other_calendars",
        "Taiwan counts years from 1912 and Thailand from 543 BC: 115 and 2569 are 2026, or no date at all.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at
1,u1,p1,u2,successful,115/05/01 10:00
2,u2,p1,u3,successful,2569-05-01 10:00
3,u3,p1,u4,successful,2026-05-01 10:00
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN, may_be_refused=True),
                Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN, may_be_refused=True),
                Group("3", "u3", "p1", ["u4"], "successful", _AT_TEN),
            ]
        ),
        [
            Outcome(
                [Group(str(n), f"u{n}", "p1", [f"u{n + 1}"], "successful") for n in range(1, 4)],
                says=["2569", "115"],
            )
        ],
    ),
    Case(
        "korean_excel",
        "Korean Excel writes 2026. 5. 1. 오전 10:00.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at
1,u1,p1,u2,successful,2026. 5. 1. 오전 10:00
2,u2,p1,u3,successful,2026. 5. 1. 오후 3:05:00
3,u3,p1,u4,successful,2026-05-01 10:00
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN),
                Group("2", "u2", "p1", ["u3"], "successful", "2026-05-01 15:05:00"),
                Group("3", "u3", "p1", ["u4"], "successful", _AT_TEN),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [Group("3", "u3", "p1", ["u4"], "successful", _AT_TEN)], rejected=2, says=["오전"]
            )
        ],
    ),
    Case(
        "months_in_words",
        "1-May-26 and May 1, 2026 10:00 AM leave nothing open about days and months.",
        {
            "groups.csv": """group_id;initiator;item;participants;status;launched_at
1;u1;p1;u2;successful;1-May-2026 10:00
2;u2;p1;u3;successful;May 1, 2026 10:00 AM
3;u3;p1;u4;successful;01 May 2026 10:00:00
"""
        },
        Outcome(
            [
                Group(str(n), f"u{n}", "p1", [f"u{n + 1}"], "successful", _AT_TEN)
                for n in range(1, 4)
            ],
            rejected=0,
        ),
        [refused("May")],
    ),
    Case(
        "day_and_hour_in_two_columns",
        "The day stands in one column and the hour in the next: no launch is in 1970, and none loses its day.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,开团日期,开团时间
1,u1,p1,u2,已成团,2026-05-01,10:00:00
2,u2,p1,u3,已成团,2026-05-02,10:00:00
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", _AT_TEN),
                Group("2", "u2", "p1", ["u3"], "successful", "2026-05-02 10:00:00"),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group("1", "u1", "p1", ["u2"], "successful", "2026-05-01 00:00:00"),
                    Group("2", "u2", "p1", ["u3"], "successful", "2026-05-02 00:00:00"),
                ],
                says=["开团时间"],
            ),
            Outcome([], says=["10:00:00"]),
            refused("10:00:00|开团时间"),
        ],
    ),
    Case(
        "the_last_minute_of_a_day",
        "24:00 is the midnight that ends the day; a minute 60 is none at all.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at,expires_at
1,u1,p1,u2,successful,2026-05-01 10:00,2026-05-01 24:00:00
2,u2,p1,u3,successful,2026-05-01 10:00,2026-05-01 10:60:00
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
                    _AT_TEN,
                    Either("2026-05-02 00:00:00", None),
                ),
                Group("2", "u2", "p1", ["u3"], "successful", _AT_TEN, None),
            ],
            rejected=0,
        ),
    ),
]
