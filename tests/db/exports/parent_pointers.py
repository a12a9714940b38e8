"""Orders that point to the launch: 0 or nothing for the launch itself, else the launch's id."""

from exports.case import NOT_YET, Case, Group, Outcome, refused

KIND = "parent pointer"

_POINTER = r"\bparent|points? (to|at)|(no|without|lack\w*)\b.{0,30}(launch|initiator|leader)|group '?0'?\b|上级|父|head_id"

CASES = [
    Case(
        "yudao_records",
        "yudao's table of group records: head_id is 0 for the head's own record, and its number for the others'.",
        {
            "records.csv": """id,activity_id,spu_id,user_id,nickname,head_id,user_size,status,start_time
41,3,501,1001,阿宁,0,3,1,2026-05-01 10:00:00
42,3,501,1002,阿福,41,3,1,2026-05-01 10:20:00
43,3,501,1003,阿慧,41,3,1,2026-05-01 10:40:00
44,3,501,1004,阿明,0,3,2,2026-05-02 10:00:00
45,3,501,1005,阿强,44,3,2,2026-05-02 10:20:00
"""
        },
        Outcome(
            [
                Group(
                    "41",
                    "1001",
                    "501",
                    ["1002", "1003"],
                    "successful",
                    "2026-05-01 10:00:00",
                    target_size=3,
                ),
                Group("44", "1004", "501", ["1005"], NOT_YET, "2026-05-02 10:00:00", target_size=3),
            ]
        ),
        [refused(_POINTER)],
        arguments=[
            "--column",
            "head_id=group",
            "--column",
            "spu_id=item",
            "--column",
            "user_size=target_size",
            "--column",
            "status=",
        ],
    ),
    Case(
        "blank_for_the_launch",
        "An English shop system leaves the parent blank for the order that launches.",
        {
            "orders.csv": """order_id,parent_order_id,customer_id,product_id,order_status,created_at
5001,,c1,p1,completed,2026-05-01 10:00:00
5002,5001,c2,p1,completed,2026-05-01 10:20:00
5003,5001,c3,p1,completed,2026-05-01 10:40:00
5004,,c4,p2,completed,2026-05-02 10:00:00
5005,5004,c5,p2,completed,2026-05-02 10:20:00
"""
        },
        Outcome(
            [
                Group("5001", "c1", "p1", ["c2", "c3"], "successful", "2026-05-01 10:00:00"),
                Group("5004", "c4", "p2", ["c5"], "successful", "2026-05-02 10:00:00"),
            ],
            rejected=0,
        ),
        [refused(_POINTER), refused("group"), Outcome([], says=[_POINTER])],
        arguments=["--column", "parent_order_id=group"],
    ),
    Case(
        "null_for_the_launch",
        "A table as JSON lines, with null for the launch and numbers for the others.",
        {
            "orders.jsonl": """{"id": 1, "leader_record_id": null, "user_id": 11, "goods_id": 5, "order_status": "paid"}
{"id": 2, "leader_record_id": 1, "user_id": 12, "goods_id": 5, "order_status": "paid"}
{"id": 3, "leader_record_id": null, "user_id": 13, "goods_id": 5, "order_status": "paid"}
"""
        },
        Outcome(
            [
                Group("1", "11", "5", ["12"], "successful"),
                Group("3", "13", "5", []),
            ],
            rejected=0,
        ),
        [refused(_POINTER), refused("group"), Outcome([], says=[_POINTER])],
        arguments=["--column", "leader_record_id=group"],
    ),
    Case(
        "launch_before_the_export_began",
        "The export begins in June: a member points to a launch of May that is not in the file, and launched nothing.",
        {
            "records.csv": """id,pid,uid,goods_id,order_status,add_time
70,12,21,5,paid,2026-06-01 00:10:00
71,0,22,5,paid,2026-06-01 09:00:00
72,71,23,5,paid,2026-06-01 09:30:00
"""
        },
        Outcome([Group("71", "22", "5", ["23"], "successful", "2026-06-01 09:00:00")], says=["12"]),
        [refused(_POINTER)],
        arguments=["--column", "pid=group"],
    ),
    Case(
        "a_group_called_0",
        "A shop numbers its groups from 0 and knows roles: its first group is no pointer to nothing.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态
0,11,团长,p1,已支付
0,12,团员,p1,已支付
1,13,团长,p1,已支付
1,14,团员,p1,已支付
"""
        },
        Outcome(
            [
                Group("0", "11", "p1", ["12"], "successful"),
                Group("1", "13", "p1", ["14"], "successful"),
            ],
            rejected=0,
        ),
        [
            Outcome([Group("1", "13", "p1", ["14"], "successful")], says=["'?0'?"], rejected=2),
            refused(_POINTER),
        ],
    ),
    Case(
        "pointer_to_itself",
        "Some tables let the launch point to itself: that is a group number like any other.",
        {
            "orders.csv": """id,head_id,uid,goods_id,order_status,add_time
8,8,11,5,paid,2026-05-01 10:00:00
9,8,12,5,paid,2026-05-01 10:20:00
10,10,13,6,paid,2026-05-01 11:00:00
11,10,14,6,paid,2026-05-01 11:20:00
"""
        },
        Outcome(
            [
                Group("8", "11", "5", ["12"], "successful", "2026-05-01 10:00:00"),
                Group("10", "13", "6", ["14"], "successful", "2026-05-01 11:00:00"),
            ],
            rejected=0,
        ),
        arguments=["--column", "head_id=group"],
    ),
]
