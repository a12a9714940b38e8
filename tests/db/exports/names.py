"""Names, numbers beside them, and several people in one cell."""

from exports.case import Case, Group, Outcome, either, refused

KIND = "names"

CASES = [
    Case(
        "number_in_brackets",
        "People stand as name and number in brackets, everywhere in the sheet: one person is one id, with any brackets.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
1,暖阳(501),竹纤维毛巾(7),"青山(502)、木子(503)",已成团
2,青山(502),竹纤维毛巾(7),暖阳(501),已成团
"""
        },
        Outcome(
            [
                Group("1", "501", "7", ["502", "503"], "successful"),
                Group("2", "502", "7", ["501"], "successful"),
            ],
            users={"501": "暖阳", "502": "青山", "503": "木子"},
            rejected=0,
        ),
        [
            Outcome(
                [
                    Group(
                        "1",
                        "暖阳(501)",
                        either("7", "竹纤维毛巾(7)"),
                        ["青山(502)", "木子(503)"],
                        "successful",
                    ),
                    Group(
                        "2", "青山(502)", either("7", "竹纤维毛巾(7)"), ["暖阳(501)"], "successful"
                    ),
                ],
                rejected=0,
            )
        ],
    ),
    Case(
        "nickname_zero",
        "A user has called herself 0 and another 1: nicknames are no ids, no flags and no words for nothing.",
        {
            "orders.csv": """团号,用户id,用户昵称,角色,商品id,订单状态
G1,501,0,团长,p1,已支付
G1,502,1,团员,p1,已支付
G1,503,团长,团员,p1,已支付
"""
        },
        Outcome(
            [Group("G1", "501", "p1", ["502", "503"], "successful")],
            users={"501": either("0", None), "502": "1", "503": "团长"},
            rejected=0,
        ),
    ),
    Case(
        "goods_with_a_slash",
        "牛奶/250ml and 洗衣液/2 are titles: a slash and a number are no number of the goods without a blank around it.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
1,u1,牛奶/250ml,u2,已成团
2,u1,AC/DC唱片,u3,已成团
3,u1,面膜3+1,u4,已成团
"""
        },
        Outcome(
            [
                Group("1", "u1", "牛奶/250ml", ["u2"], "successful"),
                Group("2", "u1", "AC/DC唱片", ["u3"], "successful"),
                Group("3", "u1", "面膜3+1", ["u4"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "commas_in_names",
        "In a list of JSON each element is a person, whatever signs the name has.",
        {
            "groups.jsonl": """{"group_id": 1, "initiator": "u1", "item": "p1", "participants": ["Anna, Bob's mum", "木子/小鹿", "A+B"], "status": "successful"}
{"group_id": 2, "initiator": "Anna, Bob's mum", "item": "p1", "participants": ["u1"], "status": "successful"}
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["Anna, Bob's mum", "木子/小鹿", "A+B"], "successful"),
                Group("2", "Anna, Bob's mum", "p1", ["u1"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "customer_id_and_name",
        "WooCommerce has the customer's number and full name, PrestaShop the same: the name is the name, the number the id.",
        {
            "orders.csv": """group_id,Customer ID,Customer Name,role,Product ID,Product Name,order_status
G1,31,Anne O'Neill,initiator,900,"Soap, 3 pieces",completed
G1,32,Jörg Müller,participant,900,"Soap, 3 pieces",completed
"""
        },
        Outcome(
            [Group("G1", "31", "900", ["32"], "successful")],
            users={"31": "Anne O'Neill", "32": "Jörg Müller"},
            items={"900": "Soap, 3 pieces"},
            rejected=0,
        ),
    ),
    Case(
        "semicolons_bars_and_lines",
        "Members of one cell with semicolons, full-width ones, bars and line breaks between them.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
1,u1,p1,u2;u3,已成团
2,u1,p1,u2；u3,已成团
3,u1,p1,u2|u3,已成团
4,u1,p1,"u2
u3",已成团
5,u1,p1,"u2，u3，",已成团
"""
        },
        Outcome(
            [Group(str(n), "u1", "p1", ["u2", "u3"], "successful") for n in range(1, 6)], rejected=0
        ),
    ),
    Case(
        "and_others",
        "青山等3人 is one name and a number of people, 3位 only a number: none of it is a person's id.",
        {
            "groups.csv": """团号,团长,商品,团员,状态
1,u1,p1,青山等3人,已成团
2,u2,p1,3位,已成团
3,u3,p1,u4,已成团
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", either(["青山"], []), "successful", may_be_refused=True),
                Group("2", "u2", "p1", [], "successful", may_be_refused=True),
                Group("3", "u3", "p1", ["u4"], "successful"),
            ]
        ),
        [refused("3人|3位")],
    ),
    Case(
        "the_initiator_among_the_members",
        "Many lists count the initiator among the members: nobody joins her own group.",
        {
            "groups.csv": """团号,团长,商品,参团成员,状态,成团人数
1,u1,p1,"u1,u2,u3",已成团,3
2,u4,p1,u4,未成团,2
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful", target_size=3),
                Group("2", "u4", "p1", [], "failed", target_size=2),
            ],
            rejected=0,
        ),
    ),
    Case(
        "ids_with_signs",
        "Mail addresses with a plus and WeChat's openids with - and _ are ids: no sign inside of one parts it.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
1,anna+shop@example.com,p1,bob+deals@example.com,successful
2,bob+deals@example.com,p1,"anna+shop@example.com,c.d@example.com",successful
3,oX3_-a9Bc,p1,oY7-_k2,successful
4,oY7-_k2,p1,"oX3_-a9Bc;oZ-1_",successful
"""
        },
        Outcome(
            [
                Group("1", "anna+shop@example.com", "p1", ["bob+deals@example.com"], "successful"),
                Group(
                    "2",
                    "bob+deals@example.com",
                    "p1",
                    ["anna+shop@example.com", "c.d@example.com"],
                    "successful",
                ),
                Group("3", "oX3_-a9Bc", "p1", ["oY7-_k2"], "successful"),
                Group("4", "oY7-_k2", "p1", ["oX3_-a9Bc", "oZ-1_"], "successful"),
            ],
            rejected=0,
        ),
    ),
    Case(
        "base64_ids",
        "Ids in base64 have plus signs, slashes and equals signs; in a list with commas each is whole.",
        {
            "orders.csv": """group_id,user_id,role,product_id,order_status
1,a+b/c==,initiator,p/1+2,paid
1,d/e+f==,participant,p/1+2,paid
"""
        },
        Outcome([Group("1", "a+b/c==", "p/1+2", ["d/e+f=="], "successful")], rejected=0),
    ),
    Case(
        "case_matters",
        "Openids differ by case alone: oAbC and oABC are two people.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
1,oAbC,p1,"oABC,oabc",successful
"""
        },
        Outcome([Group("1", "oAbC", "p1", ["oABC", "oabc"], "successful")], rejected=0),
    ),
    Case(
        "members_as_objects",
        "An API lists the members as objects with a number and a nickname each.",
        {
            "groups.jsonl": """{"group_id": 1, "initiator": "u1", "item": "p1", "participants": [{"id": "u2", "nickname": "青山"}, {"id": "u3", "nickname": "木子"}], "status": "successful"}
"""
        },
        Outcome([Group("1", "u1", "p1", ["u2", "u3"], "successful")], rejected=0),
        [refused("participants"), Outcome([], says=["participants"])],
    ),
    Case(
        "codes_like_numbers",
        "12E3 and 3D7E10 are codes of goods, 1.20 is one too; nothing was shortened, and nothing becomes a number.",
        {
            "groups.csv": """group_id,initiator,item,participants,status
3D7E10,u1,12E3,u2,successful
0x1F,u2,1.20,u3,successful
"""
        },
        Outcome(
            [
                Group("3D7E10", "u1", "12E3", ["u2"], "successful"),
                Group("0x1F", "u2", "1.20", ["u3"], "successful"),
            ],
            rejected=0,
        ),
        [
            Outcome(
                [Group("0x1F", "u2", "1.20", ["u3"], "successful")],
                rejected=1,
                says=["12E3|3D7E10"],
            )
        ],
    ),
    Case(
        "signs_within_names_of_a_list",
        "Where commas separate people, & and / are parts of nicknames, with blanks around them or without.",
        {
            "groups.csv": """团号,团长,商品,团员,状态,成团人数
1,u1,p1,"Tom & Jerry,木子",已成团,3
2,u1,p1,"A/B妈,小鹿",已成团,3
3,Tom & Jerry,p1,"木子,小鹿",已成团,3
"""
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["Tom & Jerry", "木子"], "successful", target_size=3),
                Group("2", "u1", "p1", ["A/B妈", "小鹿"], "successful", target_size=3),
                Group("3", "Tom & Jerry", "p1", ["小鹿", "木子"], "successful", target_size=3),
            ],
            rejected=0,
        ),
    ),
]
