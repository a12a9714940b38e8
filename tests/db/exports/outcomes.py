"""Groups whose outcome no column says in a word: from counts and progress, or asked, never failed without a word."""

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "no outcome"

_SAID = r"(read|taken|counted|stored|land)\w* as|(?<!\b0 groups )\b(no|without|neither|lacks?)\b.{0,40}(state|status|outcome)|(没有|无|缺).{0,10}状态|--undecided|--state"

CASES = [
    Case(
        "wanted_and_joined",
        "A list of launches with how many are wanted and how many came, and nobody's name but the initiator's.",
        {
            "groups.csv": """拼团单号,团长ID,商品ID,成团人数,已参团人数,开团时间
1,501,88,3,3,2026-05-01 10:00:00
2,504,88,3,1,2026-05-02 10:00:00
"""
        },
        Outcome(
            [
                Group("1", "501", "88", [], "successful", target_size=3),
                Group("2", "504", "88", [], NOT_YET, target_size=3),
            ]
        ),
        [
            refused(_SAID),
            Outcome(
                [Group("1", "501", "88", [], NOT_YET), Group("2", "504", "88", [], NOT_YET)],
                says=[_SAID],
            ),
        ],
    ),
    Case(
        "still_one_missing",
        "Progress in words: 已满 and 还差1人.",
        {
            "groups.csv": """团号,团长,商品,团员,拼团进度
1,u1,p1,"u2,u3",已满
2,u4,p1,u5,还差1人
3,u6,p1,,还差2人
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "u4", "p1", ["u5"], NOT_YET),
                Group("3", "u6", "p1", [], NOT_YET),
            ]
        ),
        [refused("还差"), Outcome(says=["拼团进度|还差"]), Outcome(says=[_SAID])],
    ),
    Case(
        "three_of_three",
        "An English list with 3 of 3 and 1 of 3.",
        {
            "groups.csv": """group_id,host,product,members,progress
1,u1,p1,"u2,u3",3 of 3
2,u4,p1,,1 of 3
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "u4", "p1", [], NOT_YET),
            ]
        ),
        [refused("progress|initiator"), Outcome(says=["progress"]), Outcome(says=[_SAID])],
    ),
    Case(
        "launches_only",
        "Only who launched what, and when: whether it filled up nobody says, so that a person is asked.",
        {
            "launches.csv": """team_id,leader_id,goods_id,start_time
1,501,88,2026-05-01 10:00:00
2,504,88,2026-05-02 10:00:00
"""
        },
        refused(_SAID),
        [Outcome([Group("1", "501", "88", []), Group("2", "504", "88", [])], says=[_SAID])],
    ),
    Case(
        "launches_only_said",
        "The same with the answer: these launches are known to have failed.",
        {
            "launches.csv": """team_id,leader_id,goods_id,start_time
1,501,88,2026-05-01 10:00:00
2,504,88,2026-05-02 10:00:00
"""
        },
        Outcome(
            [Group("1", "501", "88", [], "failed"), Group("2", "504", "88", [], "failed")],
            rejected=0,
        ),
        arguments=["--undecided", "failed"],
    ),
    Case(
        "blank_states_between",
        "A column of states that is blank in some rows: those may not land as failed or as successful without a word.",
        {
            "groups.csv": """团号,团长,商品,团员,拼团状态
1,u1,p1,u2,拼团成功
2,u3,p1,,
3,u5,p1,,拼团失败
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", [], NOT_YET, may_be_refused=True),
                Group("3", "u5", "p1", [], "failed"),
            ],
            says=[_SAID],
        ),
        [refused(_SAID)],
    ),
]
