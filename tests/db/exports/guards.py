"""What was right before stays right."""

from decimal import Decimal

import pyarrow as pa

from exports.case import NOT_YET, Case, Group, Outcome, either
from exports.workbooks import parquet

KIND = "guard"

_TWO = [
    Group("G1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00", target_size=3),
    Group("G2", "u4", "p2", ["u5"], "successful", "2026-05-03 10:00:00", target_size=2),
]

CASES = [
    Case(
        "semicolons_and_sep",
        "Excel's own first line sep=; above the headings.",
        {
            "groups.csv": """sep=;
团号;团长;商品;团员;状态;开团时间;成团人数
G1;u1;p1;u2,u3;已成团;2026-05-01 10:00:00;3
G2;u4;p2;u5;已成团;2026-05-03 10:00:00;2
"""
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "utf16_with_semicolons",
        "UTF-16 with the other byte order and semicolons.",
        {
            "groups.csv": b"\xfe\xff"
            + """团号;团长;商品;团员;状态;开团时间;成团人数
G1;u1;p1;u2,u3;已成团;2026-05-01 10:00:00;3
G2;u4;p2;u5;已成团;2026-05-03 10:00:00;2
""".encode("utf-16-be")
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "half_past_three",
        "Twelve-hour clocks: 下午3:05, PM and 上午12:00, which is midnight.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at
1,u1,p1,u2,successful,2026/5/1 下午3:05
2,u1,p1,u2,successful,2026-05-01 03:05 PM
3,u1,p1,u2,successful,2026-05-01 12:05 AM
4,u1,p1,u2,successful,2026年5月1日 下午12:05
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", "2026-05-01 15:05:00"),
                Group("2", "u1", "p1", ["u2"], "successful", "2026-05-01 15:05:00"),
                Group("3", "u1", "p1", ["u2"], "successful", "2026-05-01 00:05:00"),
                Group("4", "u1", "p1", ["u2"], "successful", "2026-05-01 12:05:00"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "leading_zeros_differ",
        "007 and 7 are two people, 1.0 and 1 one where a spreadsheet made floats of a column.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
1,007,p1,7,已成团
2,7,p1,007,已成团
"""
        },
        Outcome(
            [
                Group("1", "007", "p1", ["7"], "successful"),
                Group("2", "7", "p1", ["007"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "days_before_months_by_one_row",
        "One row tells that the day comes first: then it does in all of them.",
        {
            "groups.csv": """initiator,item,participants,launched at
u1,p1,u2,03/10/2025
u1,p2,u3,25/11/2025
"""
        },
        Outcome(
            [
                Group(None, "u1", "p1", ["u2"], launched_at="2025-10-03 00:00:00"),
                Group(None, "u1", "p2", ["u3"], launched_at="2025-11-25 00:00:00"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "days_said",
        "Nothing tells, and a person says that the month comes first.",
        {"groups.csv": "initiator,item,participants,launched at\nu1,p1,u2,03/10/2025\n"},
        Outcome([Group(None, "u1", "p1", ["u2"], launched_at="2025-03-10 00:00:00")], rejected=0),
        arguments=["--dates", "month"],
    ),
    Case(
        "friends_of_json_lines",
        "JSON lines with numbers as ids: whole, whatever their length.",
        {
            "groups.jsonl": """{"group_id": 1234567890123456789, "initiator": 987654321098765432, "item": 88, "participants": [987654321098765433], "status": "successful"}
"""
        },
        Outcome(
            [
                Group(
                    "1234567890123456789",
                    "987654321098765432",
                    "88",
                    ["987654321098765433"],
                    "successful",
                )
            ],
            rejected=0,
        ),
    ),
    Case(
        "a_refunded_leader_without_the_groups_state",
        "The leader refunded, two others paid, and no column says what became of the group: no member launches it.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态,下单时间
G1,11,团长,p1,已退款,2026-05-01 10:00:00
G1,12,团员,p1,已支付,2026-05-01 10:05:00
G1,13,团员,p1,已支付,2026-05-01 10:06:00
"""
        },
        Outcome(
            [
                Group(
                    "G1",
                    "11",
                    "p1",
                    status=either("failed", "open", "successful"),
                    may_be_refused=True,
                )
            ]
        ),
    ),
    Case(
        "quoted_behind_a_blank",
        "A program by hand writes a blank behind each comma, before the quotation marks too.",
        {
            "groups.csv": """group_id, initiator, item, participants, status
"1", "u1", "p1", "u2, u3", "successful"
"2", "u3", "p1", "", "failed"
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "u3", "p1", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "mysql_into_outfile",
        "MySQL's own text: tabs, \\N for nothing, a backslash before signs.",
        {
            "groups.txt": "group_id\tinitiator\titem\tparticipants\tstatus\tlaunched_at\n"
            "1\tu1\tp1\tu2,u3\tsuccessful\t2026-05-01 10:00:00\n2\tu4\tp2\t\\N\tfailed\t\\N\n"
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00"),
                Group("2", "u4", "p2", [], "failed", None),
            ],
            rejected=0,
        ),
    ),
    Case(
        "bars",
        "Bars between the cells, as psql prints them.",
        {
            "groups.csv": "group_id|initiator|item|participants|status\n1|u1|p1|u2,u3|successful\n2|u4|p2||failed\n"
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "u4", "p2", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "more_and_fewer_cells",
        "One row has a comma too many and one a cell too few: the others are right, and those two are named or right.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
1,u1,p1,u2,successful
2,u3,p1,u4,successful,
3,u5,p1
4,u6,p1,u7,successful,extra,cells
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", ["u4"], "successful", may_be_refused=True),
                Group("3", "u5", "p1", status=NOT_YET, may_be_refused=True),
                Group("4", "u6", "p1", ["u7"], "successful", may_be_refused=True),
            ],
        ),
    ),
    Case(
        "json_lines_with_a_mark",
        "JSON lines with a byte order mark, Windows line ends, a blank line, and floats for ids.",
        {
            "groups.jsonl": '\ufeff{"group_id": 1.0, "initiator": 501.0, "item": "p1", "participants": [502.0], "status": "successful"}\r\n'
            '\r\n{"group_id": 2.0, "initiator": 503.0, "item": "p1", "participants": [], "status": "failed"}\r\n'
        },
        Outcome(
            [Group("1", "501", "p1", ["502"], "successful"), Group("2", "503", "p1", [], "failed")],
            rejected=0,
        ),
    ),
    Case(
        "bytes_of_impala",
        "Impala's Parquet has texts without a mark that they are text: u1, not b'u1'.",
        {
            "groups.parquet": parquet(
                group_id=pa.array([b"1", b"2"]),
                initiator=pa.array([b"u1", "暖阳".encode()]),
                item=pa.array([b"p1", b"p1"]),
                participants=pa.array([b"u2,u3", None]),
                status=pa.array([b"successful", b"failed"]),
            )
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "暖阳", "p1", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "decimals_and_structs",
        "Parquet with exact decimals, whole numbers of 64 bits and a struct that nobody asked for.",
        {
            "groups.parquet": parquet(
                group_id=pa.array([9007199254740993, 2], pa.int64()),
                initiator=pa.array([501, 502], pa.int64()),
                item=pa.array(["p1", "p2"]),
                participants=pa.array([[502, 503], []], pa.list_(pa.int64())),
                status=pa.array(["successful", "failed"]),
                price=pa.array([Decimal("19.90"), None], pa.decimal128(10, 2)),
                address=pa.array([{"city": "上海"}, None]),
            )
        },
        Outcome(
            [
                Group("9007199254740993", "501", "p1", ["502", "503"], "successful"),
                Group("2", "502", "p2", [], "failed"),
            ],
            prices={"p1": 19.9, "p2": None},
            rejected=0,
        ),
    ),
]
