"""Weekly and monthly exports that overlap, go on or are saved anew: nothing counts twice."""

from exports.case import Case, Group, Outcome, either

KIND = "several files"

_ORDERS = "团号,订单号,用户id,角色,商品id,订单状态,下单时间,成团人数\n"
_FIRST_WEEK = """G1,O1,11,团长,p1,已支付,2026-05-01 10:00:00,2
G1,O2,12,团员,p1,已支付,2026-05-01 10:05:00,2
G2,O3,13,团长,p1,已支付,2026-05-06 22:00:00,3
G2,O4,14,团员,p1,已支付,2026-05-06 23:00:00,3
"""
_ALREADY = r"[1-9]\d*\b.{0,60}(already|twice|again|duplicat|replace|known)|(already|twice|again|replac)\w*\b.{0,60}\b[1-9]|重复|已有|已存在|已经"
_G1 = Group("G1", "11", "p1", ["12"], "successful", "2026-05-01 10:00:00", target_size=2)

CASES = [
    Case(
        "two_weeks_of_orders",
        "Orders exported every week with the last two weeks in each file: a group that filled up after the first export.",
        {
            "week1.csv": _ORDERS + _FIRST_WEEK,
            "week2.csv": _ORDERS
            + _FIRST_WEEK
            + "G2,O5,15,团员,p1,已支付,2026-05-07 08:00:00,3\nG3,O6,16,团长,p2,已支付,2026-05-08 10:00:00,2\n",
        },
        Outcome(
            [
                _G1,
                Group(
                    "G2",
                    "13",
                    "p1",
                    ["14", "15"],
                    "successful",
                    "2026-05-06 22:00:00",
                    target_size=3,
                ),
                Group(
                    "G3",
                    "16",
                    "p2",
                    [],
                    either("failed", "open"),
                    "2026-05-08 10:00:00",
                    target_size=2,
                ),
            ]
        ),
    ),
    Case(
        "the_rest_of_a_group",
        "The second month's file has only the orders of that month: the group's later members, with their roles.",
        {
            "may.csv": _ORDERS
            + "G1,O1,11,团长,p1,已支付,2026-05-31 22:00:00,3\nG1,O2,12,团员,p1,已支付,2026-05-31 23:00:00,3\n",
            "june.csv": _ORDERS + "G1,O3,13,团员,p1,已支付,2026-06-01 08:00:00,3\n",
        },
        Outcome(
            [
                Group(
                    "G1",
                    "11",
                    "p1",
                    ["12", "13"],
                    "successful",
                    "2026-05-31 22:00:00",
                    target_size=3,
                )
            ],
            rejected=0,
        ),
        [
            Outcome(
                [Group("G1", "11", "p1", ["12"], status=either("open", "failed", "successful"))],
                rejected=1,
                says=["G1"],
            ),
            Outcome([Group("G1", "11", "p1", ["12"])], exits=2, says=["G1"]),
        ],
    ),
    Case(
        "open_then_full",
        "A list of groups exported twice: what was open is full the next time, under the same number.",
        {
            "monday.csv": "团号,团长,商品,团员,状态,开团时间\n7,u1,p1,u2,拼团中,2026-05-01 10:00:00\n8,u4,p1,,拼团中,2026-05-01 11:00:00\n",
            "friday.csv": '团号,团长,商品,团员,状态,开团时间\n7,u1,p1,"u2,u3",拼团成功,2026-05-01 10:00:00\n8,u4,p1,,拼团失败,2026-05-01 11:00:00\n',
        },
        Outcome(
            [
                Group("7", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00"),
                Group("8", "u4", "p1", [], "failed", "2026-05-01 11:00:00"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "open_then_full_without_a_number",
        "The same list without numbers: one launch of one person for one item at one second is one group.",
        {
            "monday.csv": "团长,商品,团员,状态,开团时间\nu1,p1,u2,拼团中,2026-05-01 10:00:00\n",
            "friday.csv": '团长,商品,团员,状态,开团时间\nu1,p1,"u2,u3",拼团成功,2026-05-01 10:00:00\n',
        },
        Outcome([Group(None, "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00")]),
        [
            Outcome(says=[_ALREADY]),
            Outcome([Group(None, "u1", "p1", ["u2"])], exits=2, says=[_ALREADY]),
        ],
    ),
    Case(
        "saved_anew",
        "The same launches, opened and saved by a spreadsheet in between: other dates, another order, other bytes.",
        {
            "export.csv": "团长,商品,团员,状态,开团时间\nu1,p1,u2,已成团,2026-05-01 10:00:00\nu3,p2,u4,已成团,2026-05-12 09:30:00\n",
            "saved.csv": "团长;商品;团员;状态;开团时间\r\nu3;p2;u4;已成团;2026/5/12 9:30\r\nu1;p1;u2;已成团;2026/5/1 10:00\r\n",
        },
        Outcome(
            [
                Group(None, "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00"),
                Group(None, "u3", "p2", ["u4"], "successful", "2026-05-12 09:30:00"),
            ]
        ),
        [
            Outcome(says=[_ALREADY]),
            Outcome(
                [
                    Group(None, "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00"),
                    Group(None, "u3", "p2", ["u4"], "successful", "2026-05-12 09:30:00"),
                ],
                exits=2,
                says=[_ALREADY],
            ),
        ],
    ),
    Case(
        "twice_the_same_people",
        "The same person launches the same item twice on one day, in one file: two groups, nothing is taken for a copy.",
        {
            "groups.csv": "团长,商品,团员,状态,开团时间\nu1,p1,u2,已成团,2026-05-01 10:00:00\nu1,p1,u2,已成团,2026-05-01 18:00:00\n",
        },
        Outcome(
            [
                Group(None, "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00"),
                Group(None, "u1", "p1", ["u2"], "successful", "2026-05-01 18:00:00"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "refunded_in_the_second_export",
        "A member's order was paid in the first export and is refunded in the second, of the same orders: no join.",
        {
            "week1.csv": _ORDERS
            + "G1,O1,11,团长,p1,已支付,2026-05-01 10:00:00,2\nG1,O2,12,团员,p1,已支付,2026-05-01 10:05:00,2\nG1,O3,13,团员,p1,已支付,2026-05-01 10:06:00,2\n",
            "week2.csv": _ORDERS
            + "G1,O1,11,团长,p1,已完成,2026-05-01 10:00:00,2\nG1,O2,12,团员,p1,已完成,2026-05-01 10:05:00,2\nG1,O3,13,团员,p1,退款成功,2026-05-01 10:06:00,2\n",
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful", "2026-05-01 10:00:00")]),
        [Outcome([Group("G1", "11", "p1", ["12", "13"], "successful")], says=["G1|refund|退款"])],
    ),
    Case(
        "put_together_by_hand",
        "Three exports were pasted below each other, with their headings and a row that stands in two of them.",
        {
            "all.csv": "团号,团长,商品,团员,状态\n1,u1,p1,u2,已成团\n2,u3,p1,u4,已成团\n团号,团长,商品,团员,状态\n2,u3,p1,u4,已成团\n3,u5,p1,,未成团\n",
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", ["u4"], "successful"),
                Group("3", "u5", "p1", [], "failed"),
            ],
            rejected=either(0, 1, 2),
        ),
    ),
    Case(
        "one_group_two_truths",
        "One file names a group twice, once open and once full: nothing tells which line is the newer one.",
        {
            "all.csv": '团号,团长,商品,团员,状态,开团时间\n1,u1,p1,u2,拼团中,2026-05-01 10:00:00\n1,u1,p1,"u2,u3",拼团成功,2026-05-01 10:00:00\n2,u4,p1,u5,拼团成功,2026-05-01 11:00:00\n',
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful", may_be_refused=True),
                Group("2", "u4", "p1", ["u5"], "successful"),
            ],
        ),
        [Outcome(says=["'?1'?.{0,40}(twice|again|already)|(twice|again|already).{0,40}'?1'?"])],
    ),
    Case(
        "two_shops_that_count_from_one",
        "Two shops of one owner both have a group 1, of other people for the same goods: neither becomes the other's.",
        {
            "north.csv": "团号,团长,商品,团员,状态\n1,u1,p1,u2,已成团\n",
            "south.csv": "团号,团长,商品,团员,状态\n1,u7,p1,u8,已成团\n",
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("1", "u7", "p1", ["u8"], "successful"),
            ],
            rejected=0,
        ),
        [
            Outcome([Group("1", "u1", "p1", ["u2"], "successful")], exits=2, says=["'?1'?|u7"]),
            Outcome([Group("1", "u7", "p1", ["u8"], "successful")], says=[_ALREADY]),
        ],
    ),
    Case(
        "numbers_that_begin_anew",
        "The numbers of groups begin anew each year, and one person launched the first of both years.",
        {
            "2025.csv": _ORDERS
            + "1,O1,11,团长,p1,已支付,2025-01-02 10:00:00,2\n1,O2,12,团员,p1,已支付,2025-01-02 10:05:00,2\n",
            "2026.csv": _ORDERS
            + "1,O1,11,团长,p1,已支付,2026-01-02 10:00:00,2\n1,O2,13,团员,p1,已支付,2026-01-02 10:05:00,2\n",
        },
        Outcome(
            [
                Group("1", "11", "p1", ["12"], "successful", "2025-01-02 10:00:00"),
                Group("1", "11", "p1", ["13"], "successful", "2026-01-02 10:00:00"),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [Group("1", "11", "p1", ["13"], "successful", "2026-01-02 10:00:00")],
                says=[_ALREADY],
            ),
            Outcome(
                [Group("1", "11", "p1", ["12"], "successful", "2025-01-02 10:00:00")],
                exits=2,
                says=["'?1'?"],
            ),
        ],
    ),
]
