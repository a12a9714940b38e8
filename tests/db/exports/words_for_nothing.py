"""What back offices write into a cell that has nothing, and what only looks like it."""

from exports.case import Case, Group, Outcome, either

KIND = "words for nothing"

CASES = [
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
]
