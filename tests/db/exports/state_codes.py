"""States as numbers and flags: asked for, or read once a person has said what they mean."""

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "state codes"

_HOW = r"--state"

_LIKESHOP = """id,team_sn,user_id,identity,goods_id,people,status,create_time
1,T2601,501,1,88,2,1,1777600800
2,T2601,502,2,88,2,1,1777600900
3,T2602,503,1,88,2,2,1777601000
4,T2603,504,1,88,2,0,1777602000
"""

CASES = [
    Case(
        "likeshop_codes",
        "likeshop writes 0 running, 1 full, 2 failed: other meanings than CRMEB's of the same digits.",
        {"team_join.csv": _LIKESHOP},
        Outcome(
            [
                Group("T2601", "501", "88", ["502"], "successful", target_size=2),
                Group("T2602", "503", "88", [], "failed", target_size=2),
                Group("T2603", "504", "88", [], "open", target_size=2),
            ]
        ),
        [
            refused(_HOW, "status"),
            Outcome(
                [
                    Group("T2601", "501", "88", ["502"], "successful", target_size=2),
                    Group("T2602", "503", "88", [], NOT_YET, target_size=2),
                    Group("T2603", "504", "88", [], NOT_YET, target_size=2),
                ],
                says=["status"],
            ),
        ],
        arguments=["--column", "team_sn=group", "--column", "identity=role"],
    ),
    Case(
        "likeshop_codes_said",
        "The same with the codes' meaning said.",
        {"team_join.csv": _LIKESHOP},
        Outcome(
            [
                Group("T2601", "501", "88", ["502"], "successful", target_size=2),
                Group("T2602", "503", "88", [], "failed", target_size=2),
                Group("T2603", "504", "88", [], "open", target_size=2),
            ],
            rejected=0,
        ),
        also=[
            Outcome(
                [
                    Group("T2602", "503", "88", [], "failed"),
                    Group("T2603", "504", "88", [], "open"),
                ],
                rejected=2,
                says=["identity"],
            )
        ],
        arguments=[
            "--column",
            "team_sn=group",
            "--column",
            "identity=role",
            "--state",
            "0=open",
            "--state",
            "1=successful",
            "--state",
            "2=failed",
        ],
    ),
    Case(
        "order_codes_said",
        "The states of orders as numbers, said: 0 unpaid, 1 paid, 4 refunded.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态
G1,11,团长,p1,1
G1,12,团员,p1,1
G1,13,团员,p1,4
G1,14,团员,p1,0
"""
        },
        Outcome([Group("G1", "11", "p1", ["12"], "successful")], rejected=0),
        arguments=["--state", "0=void", "--state", "1=paid", "--state", "4=void"],
    ),
    Case(
        "codes_that_clash",
        "Group and order both have a 2, full here and sent there: a person is asked, and neither is read as the other.",
        {
            "orders.csv": """团号,用户id,角色,商品id,拼团状态,订单状态
G1,11,团长,p1,2,2
G1,12,团员,p1,2,1
G2,13,团长,p1,3,2
"""
        },
        refused(_HOW, "拼团状态"),
        [Outcome([], says=[_HOW])],
    ),
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
        "is_success",
        "An English flag with 1 and 0.",
        {
            "groups.csv": """group_id,initiator,item,participants,is_success
1,u1,p1,u2,1
2,u3,p1,u4,0
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", ["u4"], NOT_YET),
            ],
            rejected=0,
        ),
        [refused("is_success|--state"), Outcome([], says=["is_success"])],
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
    Case(
        "padded_codes_said",
        "Codes with a leading zero are words: 03 is said, and 3 would be another.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
1,u1,p1,u2,01
2,u3,p1,u4,03
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u3", "p1", ["u4"], "failed"),
            ],
            rejected=0,
        ),
        arguments=["--state", "01=successful", "--state", "03=failed"],
    ),
]
