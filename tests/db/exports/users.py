"""Users as shop systems export them: customers, members, fans."""

from exports.case import Case, Outcome, person, refused

KIND = "users"

CASES = [
    Case(
        "shopify_customers",
        "A yes to one of two ways counts; an address is no city.",
        {
            "customers_export.csv": """Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Address1,Default Address City,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags
'7001,Ann,Lee,ann@example.com,yes,1 High Street,London,,no,19.00,1,,no,"vip, spring"
'7002,Bob,Ray,bob@example.com,no,2 Low Street,Leeds,,no,0.00,0,,no,
'7003,Cy,,cy@example.com,no,,,,yes,0.00,0,,no,vip
"""
        },
        Outcome(
            people={
                "7001": person("Ann Lee", city="London", contactable=True, tags=["vip", "spring"]),
                "7002": person("Bob Ray", city="Leeds", contactable=False),
                "7003": person("Cy", contactable=True, tags=["vip"]),
            },
            shelf={},
            groups=[],
            rejected=0,
            says=["not to be asked: 1"],
        ),
    ),
    Case(
        "youzan_customers",
        "A no of 免打扰 means that they may be asked, a yes that they must not.",
        {
            "客户.csv": """用户ID,客户昵称,性别,所在城市,标签,免打扰
9001,豆豆妈,女,杭州,"老客,宝妈",否
9002,张伟,男,,新客,是
9003,小鱼儿,女,上海,,
"""
        },
        Outcome(
            people={
                "9001": person("豆豆妈", city="杭州", contactable=True, tags=["老客", "宝妈"]),
                "9002": person("张伟", contactable=False, tags=["新客"]),
                "9003": person("小鱼儿", city="上海"),
            },
            rejected=0,
        ),
    ),
    Case(
        "crmeb_members",
        "uid and nickname; a blacklist, and who unsubscribed: either is enough.",
        {
            "user.csv": """uid,nickname,phone,city,label,黑名单,退订
1,阳光,13800000001,成都市,团长候选,否,否
2,大白兔,13800000002,成都市,,是,否
3,一米阳光,13800000003,,,否,是
"""
        },
        Outcome(
            people={
                "1": person("阳光", city="成都市", contactable=True, tags=["团长候选"]),
                "2": person("大白兔", city="成都市", contactable=False),
                "3": person("一米阳光", contactable=False),
            },
            rejected=0,
        ),
    ),
    Case(
        "traditional_signs",
        "會員, 縣市, 拒收 and 接受優惠宣傳.",
        {
            "會員.csv": """會員編號,姓名,縣市,標籤,接受優惠宣傳
M01,王小明,台北市,VIP;熟客,Y
M02,陳美玲,高雄市,,N
"""
        },
        Outcome(
            people={
                "M01": person("王小明", city="台北市", contactable=True, tags=["VIP", "熟客"]),
                "M02": person("陳美玲", city="高雄市", contactable=False),
            },
            rejected=0,
        ),
    ),
    Case(
        "cafe24_members",
        "아이디 and 이름; SMS수신여부 is T or F.",
        {
            "member.csv": """아이디,이름,지역,SMS수신여부,회원태그
hong,홍길동,서울,T,단골
kim,김철수,부산,F,
"""
        },
        Outcome(
            people={
                "hong": person("홍길동", city="서울", contactable=True, tags=["단골"]),
                "kim": person("김철수", city="부산", contactable=False),
            },
            rejected=0,
        ),
    ),
    Case(
        "japanese_members",
        "会員番号, 氏名, メルマガ: 希望する or 希望しない.",
        {
            "kaiin.csv": """会員番号,氏名,市区町村,メルマガ
1,山田太郎,横浜市,希望する
2,鈴木花子,神戸市,希望しない
"""
        },
        Outcome(
            people={
                "1": person("山田太郎", city="横浜市", contactable=True),
                "2": person("鈴木花子", city="神戸市", contactable=False),
            },
            rejected=0,
        ),
    ),
    Case(
        "newsletter_states",
        "subscribed and unsubscribed; a state that nobody knows is asked and never taken as a yes.",
        {
            "contacts.jsonl": """{"user_id": "a", "name": "Ann", "email_marketing_status": "subscribed", "tags": ["vip", "eu"]}
{"user_id": "b", "name": "Bob", "email_marketing_status": "unsubscribed", "tags": []}
{"user_id": "c", "name": "Cy", "email_marketing_status": "cleaned", "tags": null}
"""
        },
        Outcome(
            people={
                "a": person("Ann", contactable=True, tags=["vip", "eu"]),
                "b": person("Bob", contactable=False),
            },
            rejected=1,
            says=["cleaned", "--state cleaned=contactable"],
        ),
    ),
    Case(
        "newsletter_states_said",
        "The same state, and a person says what it means.",
        {
            "contacts.csv": "user id,name,email marketing status\na,Ann,subscribed\nc,Cy,cleaned\n",
        },
        Outcome(
            people={"a": person("Ann", contactable=True), "c": person("Cy", contactable=False)},
            rejected=0,
        ),
        arguments=["--state", "cleaned=not_contactable"],
    ),
    Case(
        "masked_ids",
        "138****0001 may be anybody: refused, the others go in.",
        {
            "users.csv": """用户ID,昵称,城市
138****0001,甲,上海
u2,乙,北京
匿名用户,丙,北京
1.23457E+17,丁,北京
"""
        },
        Outcome(
            people={"u2": person("乙", city="北京")},
            rejected=3,
            says=["users.csv:2", "several people", "lost its last digits"],
        ),
    ),
    Case(
        "two_rows_that_contradict",
        "One person may be asked by one row and not by another.",
        {"users.csv": "用户ID,昵称,可联系\n1,甲,是\n1,甲,否\n2,乙,是\n3,丙,\n3,,否\n"},
        Outcome(
            people={
                "2": person("乙", contactable=True),
                "3": person("丙", contactable=False),
            },
            rejected=2,
            says=["users.csv:2.*Line 3", "may be asked"],
        ),
    ),
    Case(
        "later_file_takes_the_wish_back",
        "The newest word counts, in either direction.",
        {
            "may.csv": "用户ID,昵称,免打扰\n1,甲,是\n2,乙,否\n",
            "june.csv": "用户ID,昵称,免打扰\n1,甲,否\n2,,是\n",
        },
        Outcome(
            people={"1": person("甲", contactable=True), "2": person("乙", contactable=False)},
            rejected=0,
        ),
    ),
    Case(
        "items_and_users_in_one_row",
        "Both ids and no group: what a row is cannot be known.",
        {"wishes.csv": "商品ID,用户ID,标签\n1,2,想要\n"},
        refused("--kind items, users, groups or orders"),
    ),
    Case(
        "orders_without_a_group",
        "Orders of no group stay orders that lack a column; they are no list of users.",
        {"orders.csv": "订单号,用户ID,商品ID,昵称,城市\n1,u1,p1,甲,上海\n"},
        refused("group", never=["--kind"]),
    ),
]
