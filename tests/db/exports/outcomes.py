"""Groups whose outcome no column says in a word: from counts and progress, or asked, never failed without a word."""

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "no outcome"

_SAID = r"(read|taken|counted|stored|land)\w* as|(?<!\b0 groups )\b(no|without|neither|lacks?)\b.{0,40}(state|status|outcome)|(没有|无|缺).{0,10}状态|--undecided|--state"

CASES = [
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
]
