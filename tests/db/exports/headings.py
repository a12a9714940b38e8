"""Headings in Korean, Japanese, Traditional Chinese and the English of programmers."""

from exports.case import Case, Group, Outcome

KIND = "headings"

_TWO = [
    Group("G1", "u1", "p1", ["u2", "u3"], "successful", "2026-05-01 10:00:00", target_size=3),
    Group("G2", "u4", "p1", [], "failed", "2026-05-03 10:00:00", target_size=3),
]

CASES = [
    Case(
        "camel_case",
        "Keys of a program: groupId, leaderId, memberIds.",
        {
            "groups.jsonl": """{"groupId": "G1", "leaderId": "u1", "goodsId": "p1", "memberIds": ["u2", "u3"], "groupStatus": "SUCCESS", "createTime": "2026-05-01 10:00:00", "groupSize": 3}
{"groupId": "G2", "leaderId": "u4", "goodsId": "p1", "memberIds": [], "groupStatus": "FAIL", "createTime": "2026-05-03 10:00:00", "groupSize": 3}
"""
        },
        Outcome(_TWO, rejected=0),
    ),
    Case(
        "units_and_stars",
        "Headings with stars for required columns, units and zones in brackets.",
        {
            "groups.csv": """*团号,*团长ID,*商品ID,团员ID（多个用逗号隔开）,状态（必填）,开团时间(北京时间),成团人数（人）,拼团价(元)
G1,u1,p1,"u2,u3",已成团,2026-05-01 10:00:00,3,19.9
G2,u4,p1,,未成团,2026-05-03 10:00:00,3,19.9
"""
        },
        Outcome(_TWO, group_prices={"p1": 19.9}, rejected=0),
    ),
]
