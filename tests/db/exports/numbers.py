"""Prices with commas for points, thousands in either style, and currencies on either side."""

from exports.case import Case, Outcome, either, refused

KIND = "decimal comma"

CASES = [
    Case(
        "polish_zloty",
        "Poland writes 1 299,00 zł: a blank between the thousands, a comma, the currency behind.",
        {
            "groups.csv": """initiator;item;participants;price;group price
a1;p1;a2;19,99 zł;9,50 zł
a2;p2;a3;1 299,00 zł;999,00 zł
a3;p3;a4;2\u00a0450,00 zł;2\u00a0000,00 zł
"""
        },
        Outcome(
            prices={"p1": 19.99, "p2": 1299.0, "p3": 2450.0},
            group_prices={"p1": 9.5, "p2": 999.0, "p3": 2000.0},
            rejected=0,
        ),
        [Outcome(prices={"p1": None, "p2": None, "p3": None}, says=["price"])],
    ),
    Case(
        "brazilian_real",
        "Brazil writes R$ 1.299,90 in a file with commas between quoted cells.",
        {
            "groups.csv": """initiator,item,participants,price
a1,p1,a2,"R$ 19,90"
a2,p2,a3,"R$ 1.299,90"
a3,p3,a4,"R$ 5,00"
"""
        },
        Outcome(prices={"p1": 19.9, "p2": 1299.9, "p3": 5.0}, rejected=0),
        [Outcome(prices={"p1": None, "p2": None, "p3": None}, says=["price"]), refused("19,90")],
    ),
    Case(
        "swiss_francs",
        "Switzerland parts the thousands with an apostrophe.",
        {
            "groups.csv": """initiator;item;participants;price
a1;p1;a2;CHF 19.90
a2;p2;a3;CHF 1'299.50
a3;p3;a4;CHF 2’450.00
"""
        },
        Outcome(prices={"p1": 19.9, "p2": 1299.5, "p3": 2450.0}, rejected=0),
        [Outcome(prices={"p1": either(None, 19.9), "p2": None, "p3": None}, says=["price"])],
    ),
    Case(
        "vietnamese_dong",
        "Haravan writes 199.000₫: dots between the thousands and never any cents.",
        {
            "groups.csv": """initiator,item,participants,price
a1,p1,a2,199.000₫
a2,p2,a3,1.250.000₫
a3,p3,a4,85.000₫
"""
        },
        Outcome(prices={"p1": 199000.0, "p2": 1250000.0, "p3": 85000.0}, rejected=0),
        [
            Outcome(prices={"p1": None, "p2": None, "p3": None}, says=["price"]),
            Outcome(prices={"p1": None, "p2": either(None, 1250000.0), "p3": None}, says=["price"]),
            refused(r"199\.000|--decimals"),
        ],
    ),
    Case(
        "chinese_thousands",
        "A Chinese column of round prices with commas: 1,299 and 12,500 are thousands, no euros.",
        {
            "groups.csv": """团长,商品,团员,原价,拼团价
a1,p1,a2,"1,299",999
a2,p2,a3,"12,500","9,980"
a3,p3,a4,850,799.5
"""
        },
        Outcome(
            prices={"p1": 1299.0, "p2": 12500.0, "p3": 850.0},
            group_prices={"p1": 999.0, "p2": 9980.0, "p3": 799.5},
            rejected=0,
        ),
    ),
    Case(
        "korean_won",
        "Korea writes 12,900원 and ₩1,290,000.",
        {
            "groups.csv": """initiator,item,participants,price
a1,p1,a2,"12,900원"
a2,p2,a3,"₩1,290,000"
a3,p3,a4,"900원"
"""
        },
        Outcome(prices={"p1": 12900.0, "p2": 1290000.0, "p3": 900.0}, rejected=0),
        [Outcome(prices={"p1": None, "p2": either(None, 1290000.0), "p3": None}, says=["price"])],
    ),
    Case(
        "taiwan_dollar",
        "Taiwan writes NT$1,280 and 元 behind.",
        {
            "groups.csv": """團主,品項,團員,原價,狀態
小美,鳳梨酥,阿宏,"NT$1,280",已成團
阿宏,蛋捲,小美,350元,已成團
"""
        },
        Outcome(prices={"鳳梨酥": 1280.0, "蛋捲": 350.0}, rejected=0),
        [Outcome(prices={"鳳梨酥": None, "蛋捲": either(None, 350.0)}, says=["原價|price"])],
    ),
]
