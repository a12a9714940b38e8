"""What a report tells a shop manager beside the rows: what was left out, and what looks odd."""

from exports.case import Case, Group, Outcome, refused

KIND = "report"


def _groups(count: int, row: str) -> str:
    """Groups of count rows; ``row`` has {n} for the number and {d} for a day of May."""
    rows = [row.format(n=n, d=1 + n % 28, h=n % 24, m=n * 7 % 60) for n in range(1, count + 1)]
    return "group_id,initiator,item,participants,status,launched_at\n" + "\n".join(rows) + "\n"


CASES = [
    Case(
        "ignored_columns_by_name",
        "Columns that say nothing about groups are left out, and named.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,收货地址,快递单号
1,u1,p1,u2,已成团,人民路1号,SF001
2,u3,p1,,未成团,人民路2号,SF002
"""
        },
        Outcome(
            [Group("1", "u1", "p1", ["u2"], "successful"), Group("2", "u3", "p1", [], "failed")],
            rejected=0,
            says=["收货地址", "快递单号"],
        ),
    ),
    Case(
        "no_launch_that_failed",
        "A back office that exports full groups alone shows forty launches and no failure: the model would learn that none fails.",
        {
            "groups.csv": _groups(
                40, "{n},a{n},p{n},b{n},successful,2026-05-{d:02d} {h:02d}:{m:02d}:13"
            )
        },
        Outcome(rejected=0, says=[r"\bfail"]),
    ),
    Case(
        "one_user_in_nearly_every_group",
        "One participant joined nearly every group: a person of the shop's, or a number that many share.",
        {
            "groups.csv": _groups(
                60, "{n},a{n},p1,s777,successful,2026-05-{d:02d} {h:02d}:{m:02d}:13"
            )
        },
        Outcome(rejected=0, says=["s777"]),
    ),
    Case(
        "all_at_midnight",
        "Forty launches at midnight sharp: the export has lost the hours.",
        {"groups.csv": _groups(40, "{n},a{n},p{n},b{n},failed,2026-05-{d:02d} 00:00:00")},
        Outcome(rejected=0, says=["midnight|00:00|hour"]),
    ),
    Case(
        "groups_by_state",
        "How many groups came in successful, failed and open is told after every import.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
1,u1,p1,u2,successful
2,u1,p1,u2,successful
3,u1,p1,,failed
4,u1,p1,,open
"""
        },
        Outcome(rejected=0, says=[r"2 successful", r"1 failed", r"1 open"]),
    ),
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
