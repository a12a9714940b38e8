"""An optional cell that cannot be read costs the cell, not the row."""

from exports.case import Case, Group, Outcome, either

KIND = "optional cells"

CASES = [
    Case(
        "prices_in_words",
        "面议, a range and 免费: unknown or odd, and the launch is as good as any other.",
        {
            "groups.csv": """团长,商品,团员,状态,原价
u1,p1,u2,已成团,面议
u1,p2,u2,已成团,12.9-19.9
u1,p3,u2,已成团,免费
u1,p4,u2,已成团,19.9元/份
"""
        },
        Outcome(
            [Group(None, "u1", f"p{n}", ["u2"], "successful") for n in range(1, 5)],
            prices={
                "p1": None,
                "p2": either(None, 12.9),
                "p3": either(None, 0.0),
                "p4": either(None, 19.9),
            },
            rejected=0,
            says=["面议|price|价"],
        ),
    ),
    Case(
        "sizes_in_words",
        "3人团, 三人团, 满3人 and 3-5人: how many a group wants, as people write it.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,成团人数
1,u1,p1,"u2,u3",已成团,3人团
2,u1,p1,"u2,u3",已成团,三人团
3,u1,p1,"u2,u3",已成团,满3人
4,u1,p1,"u2,u3",已成团,3-5人
5,u1,p1,"u2,u3",已成团,不限
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful", target_size=3),
                Group("2", "u1", "p1", ["u2", "u3"], "successful", target_size=either(3, None)),
                Group("3", "u1", "p1", ["u2", "u3"], "successful", target_size=either(3, None)),
                Group("4", "u1", "p1", ["u2", "u3"], "successful", target_size=either(3, None)),
                Group("5", "u1", "p1", ["u2", "u3"], "successful", target_size=None),
            ],
            rejected=0,
        ),
    ),
    Case(
        "deadlines_in_words",
        "长期有效, 24小时 and 不限: no deadline that a clock shows.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,开团时间,截止时间
1,u1,p1,u2,已成团,2026-05-01 10:00:00,长期有效
2,u1,p1,u2,已成团,2026-05-01 10:00:00,24小时
3,u1,p1,u2,已成团,2026-05-01 10:00:00,不限
4,u1,p1,u2,已成团,2026-05-01 10:00:00,2026-05-02 10:00:00
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00", None),
                Group(
                    "2",
                    "u1",
                    "p1",
                    ["u2"],
                    "successful",
                    "2026-05-01 10:00:00",
                    either(None, "2026-05-02 10:00:00"),
                ),
                Group("3", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00", None),
                Group(
                    "4",
                    "u1",
                    "p1",
                    ["u2"],
                    "successful",
                    "2026-05-01 10:00:00",
                    "2026-05-02 10:00:00",
                ),
            ],
            rejected=0,
        ),
    ),
    Case(
        "far_ends",
        "MySQL's last day, 2038 and 9999-12-31 23:59:59, stand for no end.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,launched_at,expires_at
1,u1,p1,u2,successful,2026-05-01 10:00:00,9999-12-31 23:59:59
2,u1,p1,u2,successful,2026-05-01 10:00:00,2038-01-19 03:14:07
3,u1,p1,u2,successful,2026-05-01 10:00:00,0001-01-01 00:00:00
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
                    "2026-05-01 10:00:00",
                    either(None, "9999-12-31 23:59:59"),
                ),
                Group(
                    "2",
                    "u1",
                    "p1",
                    ["u2"],
                    "successful",
                    "2026-05-01 10:00:00",
                    either(None, "2038-01-19 03:14:07"),
                ),
                Group("3", "u1", "p1", ["u2"], "successful", "2026-05-01 10:00:00", None),
            ],
            rejected=0,
        ),
    ),
    Case(
        "negative_and_zero",
        "A price of 0 or -1 where none was set, a size of 0.",
        {
            "groups.csv": """group_id,initiator,item,participants,status,price,target_size
1,u1,p1,u2,successful,-1,0
2,u1,p2,u2,successful,0,2
3,u1,p3,u2,successful,19.9,2
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful", target_size=None),
                Group("2", "u1", "p2", ["u2"], "successful", target_size=2),
                Group("3", "u1", "p3", ["u2"], "successful", target_size=2),
            ],
            prices={"p1": None, "p2": either(None, 0.0), "p3": 19.9},
            rejected=0,
        ),
    ),
]
