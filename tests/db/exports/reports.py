"""What a report tells a shop manager beside the rows: what was left out, and what looks odd."""

from exports.case import Case, Group, Outcome, refused

KIND = "report"


CASES = [
    Case(
        "held_back_and_counted",
        "One order of three cannot be read: its group is held back whole, its three rows are named, and the group is counted.",
        {
            "orders.csv": """group_id,user_id,role,product_id,order_status
1,u1,initiator,p1,paid
1,u2,participant,p1,quarantined
1,u3,participant,p1,paid
2,u4,initiator,p1,paid
2,u5,participant,p1,paid
"""
        },
        Outcome(
            [Group("2", "u4", "p1", ["u5"], "successful")],
            rejected=3,
            says=["quarantined", r"\b(1|one) groups? .{0,40}held back|held back.{0,40}\b1\b"],
        ),
        [refused("quarantined")],
    ),
]
