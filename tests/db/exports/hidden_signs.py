"""Signs that nobody sees, and signs that keep spreadsheets from shortening numbers."""

from exports.case import Case, Group, Outcome, either

KIND = "hidden signs"

CASES = [
    Case(
        "equals_and_quotation_marks",
        '="00126" keeps Excel from taking an id for a number: the id is 00126.',
        {
            "groups.csv": '''团号,团长,商品,团员,状态
"=""20260501001""","=""000126""","=""987654321012""","=""000127""",已成团
"=""20260501002""","=""000127""","=""987654321012""",,未成团
'''
        },
        Outcome(
            [
                Group("20260501001", "000126", "987654321012", ["000127"], "successful"),
                Group("20260501002", "000127", "987654321012", [], "failed"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "directions_and_soft_hyphens",
        "Marks of writing direction, a soft hyphen and a mark in the middle of the file, copied from chats.",
        {
            "groups.csv": """团号,\ufeff团长,商品,团员,状态\u200e
G1,\u202au1\u202c,p\u00ad1,"u2,\u200eu3",已成团
G2,u1\ufeff,p1,u2\u00a0,\u00a0已成团
"""
        },
        Outcome(
            [
                Group("G1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("G2", "u1", "p1", ["u2"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "emoji_joined_by_invisible_signs",
        "A family emoji is held together by zero-width joiners: it is one nickname in every cell, however it is kept.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
1,👨‍👩‍👧,p1,u2,已成团
2,u2,p1,"👨‍👩‍👧,u3",已成团
"""
        },
        Outcome(
            [
                Group("1", "👨‍👩‍👧", "p1", ["u2"], "successful"),
                Group("2", "u2", "p1", ["👨‍👩‍👧", "u3"], "successful"),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group("1", "👨👩👧", "p1", ["u2"], "successful"),
                    Group("2", "u2", "p1", ["👨👩👧", "u3"], "successful"),
                ],
                rejected=0,
            )
        ],
    ),
    Case(
        "tabs_around_numbers",
        "Pinduoduo and Taobao put tabs behind long numbers and apostrophes before them.",
        {
            "orders.csv": """团号,用户id,角色,商品id,订单状态
T1\t,'0000501\t,团长,'6901234567892\t,已支付\t
T1\t,'0000502\t,团员,'6901234567892\t,已支付\t
"""
        },
        Outcome([Group("T1", "0000501", "6901234567892", ["0000502"], "successful")], rejected=0),
    ),
    Case(
        "full_width_digits",
        "A Japanese or Taiwanese keyboard leaves full-width digits and letters: either one id, and the same in every row.",
        {
            "orders.csv": """團號,用戶id,角色,商品id,訂單狀態,成團人數
Ｇ１,u1,團主,p1,已付款,２
G1,u2,團員,p1,已付款,2
"""
        },
        Outcome([Group("G1", "u1", "p1", ["u2"], "successful", target_size=2)], rejected=0),
        [
            Outcome(
                [
                    Group(
                        "Ｇ１",
                        "u1",
                        "p1",
                        [],
                        either("failed", "open"),
                        target_size=either(2, None),
                    ),
                ],
                says=["G1"],
            ),
            Outcome([], says=["G1"]),
        ],
    ),
]
