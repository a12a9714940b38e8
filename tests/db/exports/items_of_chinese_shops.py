"""Items as the back offices of Chinese shops export them."""

from exports.case import Case, Outcome, item, refused

KIND = "items of Chinese shops"

CASES = [
    Case(
        "youzan_goods",
        "Sold out is a word of the status: on the shelf, and none left.",
        {
            "goods.csv": """商品ID,商品名称,商品类型,商品分组,价格,库存,总销量,商品状态,创建时间
1001,纸尿裤 L 码,实物,"母婴,热卖",129.00,35,20,销售中,2026-03-01 10:00:00
1002,婴儿湿巾,实物,母婴,19.90,0,98,已售罄,2026-03-02 10:00:00
1003,奶瓶刷,实物,喂养,9.90,12,1,仓库中,2026-03-03 10:00:00
"""
        },
        Outcome(
            shelf={
                "1001": item(
                    "纸尿裤 L 码", category="母婴,热卖", price=129.0, stock=35, status="on"
                ),
                "1002": item("婴儿湿巾", category="母婴", price=19.9, stock=0, status="on"),
                "1003": item("奶瓶刷", category="喂养", price=9.9, stock=12, status="off"),
            },
            groups=[],
            people={},
            rejected=0,
            says=["items", "sold out 1"],
        ),
    ),
    Case(
        "crmeb_products",
        "is_show is whether the shop shows it, is_del whether it is gone: a JSON list from the API.",
        {
            "products.json": """[
 {"id": 11, "store_name": "儿童雨衣", "cate_name": "童装", "price": "59.00", "stock": 20, "is_show": 1, "is_del": 0},
 {"id": 12, "store_name": "水杯", "cate_name": "喂养", "price": "39.00", "stock": 5, "is_show": 0, "is_del": 0},
 {"id": 13, "store_name": "旧款书包", "cate_name": "童装", "price": "99.00", "stock": 7, "is_show": 1, "is_del": 1}
]
"""
        },
        Outcome(
            shelf={
                "11": item("儿童雨衣", category="童装", price=59.0, stock=20, status="on"),
                "12": item("水杯", category="喂养", price=39.0, stock=5, status="hidden"),
                "13": item("旧款书包", category="童装", price=99.0, stock=7, status="hidden"),
            },
            rejected=0,
        ),
    ),
    Case(
        "crmeb_group_buying_goods",
        "A group of three people needs two participants; the campaign is when it is on sale.",
        {
            "combination.csv": """id,title,people,price,stock,start_time,stop_time,is_show
1,三人团湿巾,3,9.90,100,2026-05-01 00:00:00,2026-05-31 23:59:59,1
2,双人团面霜,2,29.90,0,2026-05-01 00:00:00,2026-06-15 12:00:00,1
"""
        },
        Outcome(
            shelf={
                "1": item(
                    "三人团湿巾",
                    price=9.9,
                    min_participants=2,
                    stock=100,
                    status="on",
                    on_sale_from="2026-05-01 00:00:00",
                    on_sale_until="2026-06-01 00:00:00",
                ),
                "2": item(
                    "双人团面霜",
                    price=29.9,
                    min_participants=1,
                    stock=0,
                    status="on",
                    on_sale_from="2026-05-01 00:00:00",
                    on_sale_until="2026-06-15 12:00:00",
                ),
            },
            rejected=0,
        ),
    ),
    Case(
        "pinduoduo_goods",
        "Prices alone and in a group; taken down by the platform.",
        {
            "商品列表.csv": """商品ID,商品名称,商品类目,商品状态,单买价,拼单价,总库存,几人团
590001,卫生纸 24 卷,家居,在售中,39.9,29.9,8800,2人团
590002,洗衣液,家居,已下架,25,19.9,120,2人团
590003,垃圾袋,家居,已售罄,12,9.9,0,3人团
"""
        },
        Outcome(
            shelf={
                "590001": item(
                    "卫生纸 24 卷",
                    category="家居",
                    price=39.9,
                    group_price=29.9,
                    min_participants=1,
                    stock=8800,
                    status="on",
                ),
                "590002": item(
                    "洗衣液",
                    category="家居",
                    price=25.0,
                    group_price=19.9,
                    min_participants=1,
                    stock=120,
                    status="off",
                ),
                "590003": item(
                    "垃圾袋",
                    category="家居",
                    price=12.0,
                    group_price=9.9,
                    min_participants=2,
                    stock=0,
                    status="on",
                ),
            },
            rejected=0,
        ),
    ),
    Case(
        "taobao_assistant",
        "Its items have a city of their own, which makes them no users; 放入仓库 is off the shelf where it is 1.",
        {
            "items.csv": "数字ID\t宝贝名称\t宝贝类目\t城市\t宝贝价格\t宝贝数量\t放入仓库\t商家编码\n"
            "6512340001\t棉袜三双装\t50010850\t杭州\t29.00\t300\t0\tA-001\n"
            "6512340002\t保暖内衣\t50010850\t杭州\t99.00\t0\t1\tA-002\n"
        },
        Outcome(
            shelf={
                "6512340001": item(
                    "棉袜三双装", category="50010850", price=29.0, stock=300, status="on"
                ),
                "6512340002": item(
                    "保暖内衣", category="50010850", price=99.0, stock=0, status="off"
                ),
            },
            rejected=0,
        ),
        also=[
            Outcome(
                shelf={
                    "6512340001": item("棉袜三双装", price=29.0, stock=300, status="on"),
                    "6512340002": item("保暖内衣", price=99.0, stock=0, status="off"),
                },
                rejected=0,
            )
        ],
    ),
    Case(
        "traditional_signs",
        "Traditional Chinese headings and words, Big5.",
        {
            "商品.csv": """商品貨號,商品名稱,商品分類,品牌,原價,庫存數量,商品狀態,上架時間,下架時間
TW-01,玻璃保鮮盒,廚房,樂扣,399,25,已上架,2026/05/01 09:00,2026/06/30
TW-02,不鏽鋼鍋,廚房,膳魔師,1299,0,已下架,,
TW-03,隨行杯,廚房,膳魔師,899,缺貨,隱藏,,
""".encode("big5")
        },
        Outcome(
            shelf={
                "TW-01": item(
                    "玻璃保鮮盒",
                    category="廚房",
                    brand="樂扣",
                    price=399.0,
                    stock=25,
                    status="on",
                    on_sale_from="2026-05-01 09:00:00",
                    on_sale_until="2026-07-01 00:00:00",
                ),
                "TW-02": item(
                    "不鏽鋼鍋", category="廚房", brand="膳魔師", price=1299.0, stock=0, status="off"
                ),
                "TW-03": item(
                    "隨行杯", category="廚房", brand="膳魔師", price=899.0, stock=0, status="hidden"
                ),
            },
            rejected=0,
        ),
    ),
    Case(
        "title_above_and_totals_of_stock",
        "A title above the headings, quantities of a scale and of a counter, stock in words.",
        {
            "库存表.csv": """门店库存盘点表,,,
商品编号,商品名称,库存,是否上架
A1,散装红枣,12.50,是
A2,核桃仁,0.35,是
A3,"牛奶, 整箱","1,204",否
A4,鸡蛋,充足,是
A5,活鱼,无,是
A6,面粉,-3,是
"""
        },
        Outcome(
            shelf={
                "A1": item("散装红枣", stock=12, status="on"),
                "A2": item("核桃仁", stock=1, status="on"),
                "A3": item("牛奶, 整箱", stock=1204, status="off"),
                "A4": item("鸡蛋", stock=1, status="on"),
                "A5": item("活鱼", stock=0, status="on"),
                "A6": item("面粉", stock=0, status="on"),
            },
            rejected=0,
            says=["in stock and not how much"],
        ),
    ),
    Case(
        "codes_that_nobody_explained",
        "0 and 1 under 状态 may be either: asked, and nothing is taken as on sale.",
        {"items.csv": "商品ID,商品名称,状态\n1,甲,1\n2,乙,0\n3,丙,1\n"},
        refused("状态", r"--state 1=on", "on, off, hidden"),
    ),
    Case(
        "codes_explained_by_a_person",
        "The same file with the answer.",
        {"items.csv": "商品ID,商品名称,状态\n1,甲,1\n2,乙,0\n3,丙,2\n"},
        Outcome(
            shelf={
                "1": item("甲", status="on"),
                "2": item("乙", status="off"),
                "3": item("丙", status="hidden"),
            },
            rejected=0,
        ),
        arguments=["--state", "1=on", "--state", "状态:0=off", "--state", "2=hidden"],
    ),
    Case(
        "heading_that_explains_its_codes",
        "是否上架, 是否售罄 and 是否下架 say what 1 means; the last two mean the opposite.",
        {
            "items.csv": """商品ID,商品名称,库存,是否下架,是否售罄
1,甲,5,0,0
2,乙,5,1,0
3,丙,5,0,1
"""
        },
        Outcome(
            shelf={
                "1": item("甲", stock=5, status="on"),
                "2": item("乙", stock=5, status="off"),
                "3": item("丙", stock=0, status="on"),
            },
            rejected=0,
        ),
    ),
    Case(
        "unknown_word_beside_good_rows",
        "预售 is a word that shops mean differently: its row is refused with the way to say it, the others go in.",
        {"items.csv": "商品ID,商品名称,商品状态,库存\n1,甲,上架,5\n2,乙,预售,5\n3,丙,上架,若干\n"},
        Outcome(
            shelf={"1": item("甲", status="on", stock=5)},
            rejected=2,
            says=["items.csv:3", "预售", "--state 预售=on", "items.csv:4", "若干=in_stock"],
        ),
    ),
    Case(
        "two_rows_that_contradict",
        "One id on the shelf in one row and off in another: neither counts, and both lines are named.",
        {
            "items.csv": """商品ID,商品名称,库存,商品状态
1,甲,5,上架
2,乙,5,上架
2,乙,5,下架
3,丙,5,上架
3,丙,5,上架
"""
        },
        Outcome(
            shelf={
                "1": item("甲", stock=5, status="on"),
                "3": item("丙", stock=5, status="on"),
            },
            rejected=2,
            says=["items.csv:3.*Line 4", "items.csv:4.*Line 3", "shelf status"],
        ),
    ),
    Case(
        "variants_in_rows",
        "Rows of SKUs of one item: stock adds up, the first name and the lowest price count.",
        {
            "sku.csv": """商品ID,商品名称,规格编码,规格名称,价格,库存,商品状态
1,童袜,S1,红色,19.9,3,上架
1,童袜,S2,蓝色,15.9,4,下架
1,童袜,S3,绿色,17.9,0,上架
2,围巾,S4,红色,30,0,上架
2,围巾,S5,黑色,30,0,上架
"""
        },
        Outcome(
            shelf={
                "1": item("童袜", price=15.9, stock=7, status="on"),
                "2": item("围巾", price=30.0, stock=0, status="on"),
            },
            rejected=0,
            says=["2 items stand in several rows", "adds up"],
        ),
    ),
    Case(
        "variant_with_an_unreadable_stock",
        "What cannot be read of one variant holds back the item: its stock would be too small.",
        {
            "sku.csv": """商品ID,商品名称,规格编码,库存
1,童袜,S1,3
1,童袜,S2,??
2,围巾,S4,2
"""
        },
        Outcome(shelf={"2": item("围巾", stock=2)}, rejected=2, says=["line 3"]),
    ),
    Case(
        "newest_word_wins",
        "A later file states part of it: what its cells leave empty stays.",
        {
            "monday.csv": "商品ID,商品名称,库存,商品状态,品牌\n1,甲,5,上架,花王\n2,乙,3,上架,花王\n",
            "friday.csv": "商品ID,商品名称,库存,商品状态,品牌\n1,,0,,\n2,乙 新装,,下架,贝亲\n",
        },
        Outcome(
            shelf={
                "1": item("甲", stock=0, status="on", brand="花王"),
                "2": item("乙 新装", stock=3, status="off", brand="贝亲"),
            },
            rejected=0,
        ),
    ),
    Case(
        "items_of_a_shop_with_groups",
        "Attributes of an item that groups brought, and an item that nobody has launched.",
        {
            "groups.csv": "团长,商品,商品名称,团员,状态\nu1,p1,旧名,u2,已成团\n",
            "items.csv": "商品ID,商品名称,库存,商品状态\np1,新名,4,下架\np2,新品,9,上架\n",
        },
        Outcome(
            shelf={
                "p1": item("新名", stock=4, status="off"),
                "p2": item("新品", stock=9, status="on"),
            },
            rejected=0,
        ),
    ),
    Case(
        "owner_and_stock",
        "创建人 could be who launched: nothing is guessed.",
        {"items.csv": "商品ID,creator,库存,商品状态\n1,admin,5,上架\n2,admin,6,上架\n"},
        refused("--kind items, users, groups or orders"),
    ),
    Case(
        "kind_said",
        "The same file, and a person says what it is.",
        {"items.csv": "商品ID,creator,库存,商品状态\n1,admin,5,上架\n2,admin,6,上架\n"},
        Outcome(
            shelf={"1": item(None, stock=5, status="on"), "2": item(None, stock=6, status="on")},
            groups=[],
            people={},
            rejected=0,
        ),
        arguments=["--kind", "items"],
    ),
]
