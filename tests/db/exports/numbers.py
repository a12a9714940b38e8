"""Prices with commas for points, thousands in either style, and currencies on either side."""

from exports.case import Case, Outcome, either, refused

KIND = "decimal comma"

CASES = [
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
]
