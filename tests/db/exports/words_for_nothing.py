"""What back offices write into a cell that has nothing, and what only looks like it."""

from exports.case import ANY, Case, Group, Outcome, either, refused

KIND = "words for nothing"

CASES = [
    Case(
        "nothing_in_korean_and_japanese",
        "없음 and なし are nobody, as 无 is.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
1,k1,p1,없음,failed
2,k2,p1,なし,failed
3,k3,p1,n/a,failed
4,k4,p1,none,failed
5,k5,p1,"k1,k2",successful
"""
        },
        Outcome(
            [
                *(Group(str(n), f"k{n}", "p1", [], "failed") for n in range(1, 5)),
                Group("5", "k5", "p1", ["k1", "k2"], "successful"),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [
                    *(
                        Group(str(n), f"k{n}", "p1", [], "failed", may_be_refused=True)
                        for n in range(1, 5)
                    ),
                    Group("5", "k5", "p1", ["k1", "k2"], "successful"),
                ],
                says=["없음"],
            )
        ],
    ),
    Case(
        "pandas_leftovers",
        "A table that went through pandas has NaN, NaT and <NA> in whatever column had nothing.",
        {
            "groups.csv": """group_id,initiator,initiator_name,item,participants,status,launched_at,target_size
7,u1,NaN,p1,"u2,u3",successful,2026-05-01 10:00:00,3.0
nan,u2,<NA>,p1,NaN,failed,NaT,<NA>
8,u3,Nan,p1,u1,successful,2026-05-02 10:00:00,nan
"""
        },
        Outcome(
            [
                Group(
                    "7",
                    "u1",
                    "p1",
                    ["u2", "u3"],
                    "successful",
                    "2026-05-01 10:00:00",
                    target_size=3,
                ),
                Group(None, "u2", "p1", [], "failed", None, target_size=None),
                Group(
                    "8", "u3", "p1", ["u1"], "successful", "2026-05-02 10:00:00", target_size=None
                ),
            ],
            users={"u1": None, "u2": None},
            rejected=0,
        ),
    ),
    Case(
        "slashes_and_long_dashes",
        "People strike out what does not apply: a slash, a long dash, （空） from a pivot table.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,截止时间,成团人数
1,u1,p1,/,未成团,/,2
2,u2,p1,——,未成团,——,2
3,u3,p1,（空）,未成团,（空）,2
4,u4,p1,(空白),未成团,(空白),2
"""
        },
        Outcome(
            [
                Group(str(n), f"u{n}", "p1", [], "failed", expires_at=None, target_size=2)
                for n in range(1, 5)
            ],
            rejected=0,
        ),
    ),
    Case(
        "null_in_json_lines",
        "An API writes null, an empty list, an empty text and the word null.",
        {
            "groups.jsonl": """{"group_id": 1, "initiator": "u1", "item": "p1", "participants": null, "status": "failed"}
{"group_id": 2, "initiator": "u2", "item": "p1", "participants": [], "status": "failed"}
{"group_id": 3, "initiator": "u3", "item": "p1", "participants": "", "status": "failed"}
{"group_id": 4, "initiator": "u4", "item": "p1", "participants": "null", "status": "failed"}
{"group_id": null, "initiator": "u5", "item": "p1", "participants": ["u1", null], "status": "successful"}
"""
        },
        Outcome(
            [
                *(Group(str(n), f"u{n}", "p1", [], "failed") for n in range(1, 5)),
                Group(None, "u5", "p1", ["u1"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "names_that_begin_with_nothing",
        "无花果 and 无糖酸奶 are goods, and 无名 a nickname: only a whole cell is nothing.",
        {
            "groups.csv": """团号,团长,团长昵称,商品,商品名称,团员,状态
1,u1,无名,无花果,无花果干,"无名氏,u3",已成团
2,u2,无,p2,无糖酸奶,Nan女士,已成团
"""
        },
        Outcome(
            [
                Group("1", "u1", "无花果", ["无名氏", "u3"], "successful"),
                Group("2", "u2", "p2", ["Nan女士"], "successful"),
            ],
            users={"u1": "无名", "u2": either(None, "无")},
            items={"p2": "无糖酸奶"},
            rejected=0,
        ),
    ),
    Case(
        "groups_numbered_from_zero",
        "A table whose numbers begin at 0: the group 0 is a launch like the others.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
0,u1,p1,u2,successful
1,u3,p1,u4,successful
2,u5,p2,u6,failed
"""
        },
        Outcome(
            [
                Group(either("0", None), "u1", "p1", ["u2"], "successful"),
                Group("1", "u3", "p1", ["u4"], "successful"),
                Group("2", "u5", "p2", ["u6"], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "unnumbered_twice",
        "Groups without a number are written 无 this week and next week: the second file retires none of the first.",
        {
            "first.csv": "团号,团长,商品,团员,状态,开团时间\n无,u1,p1,u2,已成团,2026-05-01 10:00:00\n",
            "second.csv": "团号,团长,商品,团员,状态,开团时间\n无,u3,p2,u4,已成团,2026-05-08 10:00:00\n",
        },
        Outcome(
            [
                Group(None, "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00"),
                Group(None, "u3", "p2", ["u4"], "successful", "2026-05-08 10:00:00"),
            ]
        ),
    ),
    Case(
        "orders_without_a_group",
        "In an order list NULL and 无 as the group mean that the order was bought alone: such orders share no group.",
        {
            "orders.csv": """订单号,团号,用户id,商品id,订单状态,下单时间
O1,T1,11,p1,已支付,2026-05-01 10:00:00
O2,T1,12,p1,已支付,2026-05-01 10:05:00
O3,无,13,p1,已支付,2026-05-01 10:06:00
O4,无,14,p1,已支付,2026-05-01 11:00:00
O5,NULL,15,p1,已支付,2026-05-01 12:00:00
"""
        },
        Outcome([Group("T1", "11", "p1", ["12"], "successful")]),
        [refused("团号|group")],
    ),
    Case(
        "zero_dates_of_databases",
        "1900-01-00, 1899-12-30, 0001-01-01 and 1970-01-01 are what databases and spreadsheets make of no date.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at,expires_at
1,u1,p1,u2,successful,2026-05-01 10:00:00,1900-01-00 00:00:00
2,u2,p1,u6,successful,2026-05-01 10:00:00,1899-12-30 00:00:00
3,u3,p1,u2,successful,2026-05-01 10:00:00,0001-01-01 00:00:00
4,u4,p1,u2,successful,2026-05-01 10:00:00,1970-01-01 00:00:00
5,u5,p1,u2,successful,1970-01-01 08:00:00,2026-05-02 10:00:00
"""
        },
        Outcome(
            [
                *(
                    Group(str(n), f"u{n}", "p1", ANY, "successful", "2026-05-01 10:00:00", None)
                    for n in range(1, 5)
                ),
                Group("5", "u5", "p1", ["u2"], "successful", None, "2026-05-02 10:00:00"),
            ],
            rejected=0,
        ),
    ),
]
