"""States as numbers and flags: asked for, or read once a person has said what they mean."""

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "state codes"


CASES = [
    Case(
        "full_or_not",
        "A flag 是否成团 says yes or no; no is failed or not full yet, never successful.",
        {
            "groups.csv": """团号,团长,商品,团员,是否成团
1,u1,p1,u2,是
2,u3,p1,u4,否
3,u5,p1,,否
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", ["u4"], NOT_YET),
                Group("3", "u5", "p1", [], NOT_YET),
            ],
            rejected=0,
        ),
        [
            refused("是否成团"),
            Outcome([Group("1", "u1", "p1", ["u2"], "successful")], says=["是否成团"]),
        ],
    ),
    Case(
        "true_and_false",
        "JSON lines with success: true and false.",
        {
            "groups.jsonl": """{"group_id": 1, "initiator": "u1", "item": "p1", "participants": ["u2"], "status": true}
{"group_id": 2, "initiator": "u3", "item": "p1", "participants": ["u4"], "status": false}
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", ["u4"], NOT_YET),
            ],
            rejected=0,
        ),
        [refused("status"), Outcome([], says=["true"])],
    ),
]
