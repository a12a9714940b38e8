"""Items as shop systems outside China export them: Shopify, WooCommerce, PrestaShop, Cafe24, Naver, BASE, Rakuten."""

from exports.case import Case, Outcome, item

KIND = "items elsewhere"

CASES = [
    Case(
        "shopify_products",
        "A handle over several rows: variants, then a row for a picture; archived and drafts are hidden.",
        {
            "products_export.csv": """Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Status
tee,Cotton Tee,<p>Soft</p>,Acme,Apparel,Shirts,"summer, sale",TRUE,Size,S,TEE-S,shopify,4,deny,19.00,https://x/1.jpg,active
tee,,,,,,,,,M,TEE-M,shopify,6,deny,18.00,https://x/2.jpg,
tee,,,,,,,,,,,,,,,https://x/3.jpg,
mug,Mug,,Acme,Home,Mugs,,TRUE,Title,Default Title,MUG,shopify,0,deny,9.50,,active
cap,Cap,,Acme,Apparel,Hats,,TRUE,Title,Default Title,CAP,shopify,-2,continue,12.00,,active
old,Old Tee,,Acme,Apparel,Shirts,,FALSE,Title,Default Title,OLD,shopify,3,deny,5.00,,archived
new,New Tee,,Acme,Apparel,Shirts,,TRUE,Title,Default Title,NEW,shopify,3,deny,25.00,,draft
"""
        },
        Outcome(
            shelf={
                "tee": item(
                    "Cotton Tee",
                    brand="Acme",
                    category="Apparel",
                    price=18.0,
                    stock=10,
                    status="on",
                ),
                "mug": item("Mug", brand="Acme", category="Home", price=9.5, stock=0, status="on"),
                "cap": item(
                    "Cap", brand="Acme", category="Apparel", price=12.0, stock=1, status="on"
                ),
                "old": item(
                    "Old Tee", brand="Acme", category="Apparel", price=5.0, stock=3, status="hidden"
                ),
                "new": item(
                    "New Tee",
                    brand="Acme",
                    category="Apparel",
                    price=25.0,
                    stock=3,
                    status="hidden",
                ),
            },
            rejected=0,
        ),
    ),
    Case(
        "woocommerce_products",
        "Published is 1, 0 or -1; variations name their product by id or SKU; In stock? counts where no stock is kept.",
        {
            "wc-product-export.csv": """ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,In stock?,Stock,Backorders allowed?,Sale price,Regular price,Categories,Parent,Brands
10,simple,MUG,Mug,1,0,visible,1,5,0,,9.50,Home,,Acme
11,simple,OLD,Old mug,-1,0,visible,1,,0,,7.50,Home,,Acme
12,simple,SECRET,Secret mug,1,0,hidden,1,2,0,,7.50,Home,,Acme
13,simple,GONE,Gone mug,1,0,visible,0,0,0,,7.50,Home,,
20,variable,TEE,Tee,1,0,visible,1,,0,,,Apparel,,
21,variation,TEE-S,Tee - S,1,0,visible,1,3,0,,19,,TEE,
22,variation,TEE-M,Tee - M,1,0,visible,0,0,0,,18,,id:20,
30,simple,MADE,Made to order,1,0,visible,backorder,0,1,,50,Home,,
"""
        },
        Outcome(
            shelf={
                "10": item("Mug", brand="Acme", category="Home", price=9.5, stock=5, status="on"),
                "11": item(
                    "Old mug", brand="Acme", category="Home", price=7.5, stock=1, status="hidden"
                ),
                "12": item(
                    "Secret mug", brand="Acme", category="Home", price=7.5, stock=2, status="hidden"
                ),
                "13": item("Gone mug", category="Home", price=7.5, stock=0, status="on"),
                "20": item("Tee", category="Apparel", price=18.0, stock=3, status="on"),
                "30": item("Made to order", category="Home", price=50.0, stock=1, status="on"),
            },
            rejected=0,
        ),
    ),
    Case(
        "prestashop_products",
        "Semicolons, decimal commas, Active (0/1).",
        {
            "product.csv": """Product ID;Active (0/1);Name;Categories;Price tax included;Price;Quantity;Available date;Manufacturer
7;1;Becher;Küche;11,50;9,66;12;0000-00-00;Acme
8;0;Kanne;Küche;31,50;26,47;0;2026-06-01;Acme
"""
        },
        Outcome(
            shelf={
                "7": item(
                    "Becher", category="Küche", price=9.66, stock=12, status="on", brand="Acme"
                ),
                "8": item(
                    "Kanne",
                    category="Küche",
                    price=26.47,
                    stock=0,
                    status="hidden",
                    brand="Acme",
                    on_sale_from="2026-06-01 00:00:00",
                ),
            },
            rejected=0,
        ),
    ),
    Case(
        "cafe24_products",
        "진열상태 and 판매상태 are Y or N: shown, and sold.",
        {
            "product.csv": """상품코드,상품명,진열상태,판매상태,판매가,재고수량,브랜드
P0001,물티슈,Y,Y,9900,120,하기스
P0002,기저귀,N,Y,39900,50,하기스
P0003,젖병,Y,N,19900,0,
"""
        },
        Outcome(
            shelf={
                "P0001": item("물티슈", price=9900.0, stock=120, status="on", brand="하기스"),
                "P0002": item("기저귀", price=39900.0, stock=50, status="hidden", brand="하기스"),
                "P0003": item("젖병", price=19900.0, stock=0, status="off"),
            },
            rejected=0,
        ),
    ),
    Case(
        "naver_smart_store",
        "판매중, 품절, 판매중지 beside 전시중 and 전시중지, in CP949.",
        {
            "상품.csv": """상품번호,상품명,판매상태,전시상태,재고수량,판매가
100,유기농 쌀,판매중,전시중,30,25000
101,현미,품절,전시중,0,22000
102,찹쌀,판매중지,전시중지,5,18000
""".encode("cp949")
        },
        Outcome(
            shelf={
                "100": item("유기농 쌀", price=25000.0, stock=30, status="on"),
                "101": item("현미", price=22000.0, stock=0, status="on"),
                "102": item("찹쌀", price=18000.0, stock=5, status="hidden"),
            },
            rejected=0,
        ),
    ),
    Case(
        "base_items",
        "BASE of Japan: a row a kind of an item, whose stocks add up; 公開状態 is 1 or 0.",
        {
            "items.csv": """商品ID,商品名,種類ID,種類名,価格,在庫数,公開状態
501,マグカップ,1,白,1800,3,1
501,マグカップ,2,黒,1800,2,1
502,皿,,,900,0,0
"""
        },
        Outcome(
            shelf={
                "501": item("マグカップ", price=1800.0, stock=5, status="on"),
                "502": item("皿", price=900.0, stock=0, status="hidden"),
            },
            rejected=0,
        ),
    ),
    Case(
        "rakuten_items",
        "Shift-JIS; 倉庫指定 1 lies in the warehouse.",
        {
            "dl-normal-item.csv": """商品管理番号（商品URL）,商品名,倉庫指定,販売価格,在庫数,販売期間開始日時,販売期間終了日時
rice-5kg,コシヒカリ5kg,0,2980,40,2026/05/01 00:00,2026/05/31 23:59
rice-10kg,コシヒカリ10kg,1,5480,0,,
""".encode("cp932")
        },
        Outcome(
            shelf={
                "rice-5kg": item(
                    "コシヒカリ5kg",
                    price=2980.0,
                    stock=40,
                    status="on",
                    on_sale_from="2026-05-01 00:00:00",
                    on_sale_until="2026-06-01 00:00:00",
                ),
                "rice-10kg": item("コシヒカリ10kg", price=5480.0, stock=0, status="off"),
            },
            rejected=0,
        ),
    ),
    Case(
        "plain_english",
        "A list that somebody keeps by hand.",
        {
            "shelf.csv": """item,name,category,brand,price,group price,min participants,stock,status,on sale from,on sale until
a,Soap,Bath,Dove,3.5,2.9,2,Out of stock,on,,
b,Towel,Bath,,12,9.9,1,in stock,off,2026-05-01,2026-05-31
c,Lamp,,,30,,,7,hidden,,
"""
        },
        Outcome(
            shelf={
                "a": item(
                    "Soap",
                    category="Bath",
                    brand="Dove",
                    price=3.5,
                    group_price=2.9,
                    min_participants=2,
                    stock=0,
                    status="on",
                ),
                "b": item(
                    "Towel",
                    category="Bath",
                    price=12.0,
                    group_price=9.9,
                    min_participants=1,
                    stock=1,
                    status="off",
                    on_sale_from="2026-05-01 00:00:00",
                    on_sale_until="2026-06-01 00:00:00",
                ),
                "c": item("Lamp", price=30.0, stock=7, status="hidden"),
            },
            rejected=0,
        ),
    ),
    Case(
        "dates_either_way",
        "01/02/2026 may be either: those rows wait, a price in words costs its cell alone.",
        {
            "shelf.csv": """product id,product name,price,stock,available from
1,Soap,on request,5,01/02/2026
2,Towel,on request,5,
"""
        },
        Outcome(
            shelf={"2": item("Towel", stock=5)},
            rejected=1,
            says=["--dates day", "on request"],
        ),
    ),
    Case(
        "ids_that_lost_digits",
        "A spreadsheet cut the ids: refused, as in logs.",
        {"shelf.csv": "product id,product name,stock\n6.51234E+12,Soap,5\n77,Towel,5\n,Lamp,5\n"},
        Outcome(shelf={"77": item("Towel", stock=5)}, rejected=2, says=["lost its last digits"]),
    ),
]
