"""The headings of exports of items and of users, and the field that each means.

Simplified and traditional Chinese, English, Korean and Japanese, in the order of preference, as in
``db.importing.headings``. A bare heading may stand in any table: it counts once the kind of the file is known.
"""

from db.importing.headings import HEADINGS

# Field -> its headings. The first two of a field are the examples in messages where they are English and Chinese.
ITEM_HEADINGS: dict[str, str] = {
    "item": """
        itemid 商品id handle producthandle productid goodsid spuid spu spucode spuno numiid 宝贝id 数字id
        商品数字id 商品编号 商品编码 商品号 productno productcode goodsno goodscode goodssn itemno itemcode
        商品代码 商品货号 货号 商品番号 商品コード 商品管理番号 상품번호 상품코드 상품id
    """
    + HEADINGS["item"],
    "parent_item": """
        parentitem 父商品id parentsku parentproductid 父商品编号 主商品id 主商品编码 所属商品id 모상품번호
        親商品番号
    """,
    "variant": """
        variant 规格编码 sku skuid skucode skuno variantsku variantid itemsku productsku 规格id sku编码 sku编号
        商品sku 规格条码 variantbarcode 商家编码 商家规格编码 商品条码 条码 条形码 barcode 옵션코드 옵션번호
        バリエーションid sku管理番号
    """,
    "option_1": """
        種類名 种类名 option1 规格 option1value 规格名称 规格名 商品规格 sku规格 销售属性 规格属性 颜色 color
        colour option options 옵션 옵션명 옵션정보 バリエーション オプション 규격 규격명 variantname varianttitle
    """,
    "option_2": "option2 尺码 option2value size 尺寸 사이즈 サイズ",
    "option_3": "option3 款式 option3value",
    "item_name": HEADINGS["item_name"]
    + """
        storename 拼团名称 活动商品 活动商品名称 商品主标题 producttitleen 표시상품명 商品名称中文 商品名稱
        shortname 商品简称
    """,
    "category": HEADINGS["category"]
    + """
        商品分组 分组 分组名称 catename cate productcategories itemcategories categories categorypath 类目名
        商品类型 producttypes 一级分类 一级类目 二级分类 collection collections 大类 中类 상품카테고리 대분류
        표시카테고리 ジャンル 商品ジャンル
    """,
    "brand": """
        brand 品牌 brands brandname 品牌名称 品牌名 商品品牌 所属品牌 vendor productvendor manufacturer
        productbrand itembrand 厂商 制造商 生产厂家 厂家 브랜드 브랜드명 제조사 ブランド ブランド名 メーカー
        メーカー名 marke marque marca hersteller
    """,
    "price": HEADINGS["price"]
    + """
        variantprice 一口价 宝贝价格 商品现价 现价 零售价格 价格区间 日常价 saleprice sellingprice currentprice
        판매가격 소비자가 通常価格 通常購入販売価格 販売価格税込
    """,
    "group_price": HEADINGS["group_price"]
    + """
        拼团活动价 活动价 活动价格 团购活动价 groupbuyingprice 拼团单价 成团价格 最低拼团价 공구판매가
    """,
    "target_size": """
        targetsize 几人团 groupsize requiredmembers membersrequired peoplenum people 成团人数 拼团人数 团人数
        几人成团 成团所需人数 拼团人数要求 拼团要求 拼团规格 团购人数 需要人数 人数要求 参团人数要求 teamsize
        pintuannum 목표인원 모집인원 필요인원 공구인원 必要人数 募集人数 成立人数
    """,
    "min_participants": HEADINGS["min_participants"],
    "stock": """
        宝贝数量 種類在庫数 stock 库存 stockquantity inventoryquantity variantinventoryqty inventoryqty stockqty
        inventory stocknum stocklevel stockonhand inventorylevel availablestock availablequantity quantityavailable
        onhand stocks inventoryavailable 可售库存 可用库存 库存数量 库存量 库存数 剩余库存 当前库存 现有库存
        实际库存 商品库存 总库存 活动库存 拼团库存 sku库存 规格库存 销售库存 实物库存 在库库存 库存件 剩余数量
        剩余件数 可售数量 可售数 可卖数 可卖库存 재고 재고수량 재고량 판매가능재고 현재고 在庫 在庫数 在庫数量
        在庫数合計 lagerbestand existencias qtyonhand qtyavailable
    """,
    "in_stock": """
        instock 是否有货 isinstock 有无库存 有货状态 是否有库存 库存状态 库存情况 stockstatus stockavailability
        availability inventorystatus 供货状态 재고상태 재고여부 재고유무 在庫状態 在庫有無 在庫ステータス
    """,
    "sold_out": """
        soldout 是否售罄 issoldout 是否缺货 是否售完 是否断货 outofstock isoutofstock 缺货 售罄 품절 품절여부
        품절상태 売り切れ 売切れ 完売 在庫切れ
    """,
    "backorders": """
        backorders 是否允许超卖 variantinventorypolicy backordersallowed allowbackorders allowbackorder oversell
        allowoversell continuesellingwhenoutofstock 允许超卖 缺货可下单 缺货时可下单 超卖 无库存可售 缺货继续销售
    """,
    "shelf_status": """
        shelfstatus 上架状态 商品状态 销售状态 在售状态 上下架状态 上下架 货架状态 商品上下架 宝贝状态 售卖状态
        出售状态 发布状态 salestatus salesstatus sellingstatus productstatus itemstatus goodsstatus approvestatus
        listingstatus onsalestatus publishstatus publishedstatus publicationstatus 상품상태 販売状態 販売ステータス
        販売状況 商品ステータス
    """,
    "on_shelf": """
        판매상태 onshelf 是否上架 isonshelf isonsale onsale ison isup 上架与否 已上架 上架 是否在售 是否销售
        是否可售 是否开售 issale issale issaleable issellable 판매여부 진열및판매여부 판매중여부 販売可否 販売中
        販売フラグ
    """,
    "published": """
        published 是否显示 ispublished isshow isvisible isdisplay isactive isenabled 是否展示 是否发布 是否可见
        是否公开 前台显示 visible onlinestore 진열상태 진열여부 전시상태 전시여부 노출여부 공개여부 公開状態
        公開ステータス 公開設定 公開 表示 表示状態 表示設定
    """,
    "visibility": """
        visibility 可见性 visibilityincatalog visibilityincatalogue catalogvisibility 商品可见性
    """,
    "off_shelf": """
        放入仓库 倉庫指定 移入仓库 offshelf 是否下架 isoffshelf isoff isdown 已下架 下架 是否停售 停售 discontinued
        isdiscontinued 是否停产 판매중지여부 판매중지 販売停止 販売停止フラグ
    """,
    "hidden": """
        hidden 是否隐藏 ishidden ishide isdel isdelete isdeleted deleted 是否删除 已删除 isarchived archived
        是否归档 非表示
    """,
    "on_sale_from": """
        onsalefrom 上架时间 开售时间 开售日期 开始销售时间 销售开始时间 销售开始日期 起售时间 起售日期 预约上架时间
        定时上架时间 定时开售时间 上架日期 上架日 活动开始时间 活动开始日期 拼团开始时间 拼团开始日期 团购开始时间
        上市时间 上市日期 发布时间 发布日期 onsaletime onsaledate onsaleat onshelftime listtime listedat
        publishedat publishdate publisheddate publishtime datepublished availablefrom availabledate availableon
        availabilitydate salestart salestartdate salestarttime startsellingat sellingstart releasedate releasedat
        launchonsale 판매시작일 판매시작일시 판매기간시작 진열시작일 販売開始日 販売開始日時 販売期間開始
        販売期間開始日時 公開日 公開日時 発売日
    """,
    "on_sale_until": """
        onsaleuntil 下架时间 停售时间 停售日期 下架日期 下架日 销售结束时间 销售结束日期 结束销售时间 截止销售时间
        止售时间 止售日期 预约下架时间 定时下架时间 活动结束时间 活动结束日期 拼团结束时间 拼团结束日期
        团购结束时间 offshelftime delisttime offsaletime offsaledate availableuntil availableto saleend saleenddate
        saleendtime stopsellingat sellingend discontinuedat discontinueddate 판매종료일 판매종료일시 판매기간종료
        진열종료일 販売終了日 販売終了日時 販売期間終了 販売期間終了日時 公開終了日
    """,
}
USER_HEADINGS: dict[str, str] = {
    "user": """
        userid 用户id uid customerid memberid openid unionid buyerid 用户编号 会员编号 会员id 会员号 客户id
        客户编号 顾客id 顾客编号 买家id 粉丝id 用户uid userno memberno customerno customernumber 会员卡号 회원번호
        회원아이디 회원id 고객번호 고객id 会員番号 会員id 顧客番号 顧客id お客様番号 ユーザーid
    """
    + HEADINGS["user"],
    "user_name": HEADINGS["user_name"]
    + """
        全名 fullname displayname 显示名称 客户名 真实姓名 粉丝昵称 粉丝名称 联系人 成员昵称 会员姓名昵称 회원이름
        성명 성함 고객이름 会員名 表示名
    """,
    "last_name": "lastname 姓 surname familyname 성 苗字",
    "first_name": "firstname 名 givenname",
    "city": """
        city 县市 城市 所在城市 常住城市 居住城市 用户城市 客户城市 会员城市 所属城市 归属城市 收货城市 所在市 市
        所在地 usercity customercity shippingcity billingcity defaultaddresscity addresscity town 所在地区 常驻城市
        地区 도시 시 거주지 거주지역 지역 시군구 市区町村 市町村 居住地 都市 stadt ort wohnort ville ciudad
    """,
    "contactable": """
        contactable 可联系 是否可联系 可触达 是否可触达 是否可推送 接受营销 是否接受营销 是否接收营销 接收营销
        允许营销 同意营销 是否同意营销 营销授权 营销许可 接受推广 接受优惠宣传 接收优惠宣传 接受促销 是否接受推送
        接收推送 是否接收推送 订阅 是否订阅 订阅状态 推送状态 acceptsmarketing acceptmarketing
        acceptsemailmarketing acceptsmsmarketing acceptssmsmarketing emailmarketingconsent marketingconsent
        marketingemails emailmarketing emailmarketingstatus emailsubscriptionstatus smsmarketing smsmarketingstatus
        subscribed issubscribed subscriptionstatus subscribedtonewsletter newsletter newslettersubscription optin
        optedin marketingoptin emailoptin smsoptin cancontact contactallowed allowmarketing allowcontact
        마케팅수신동의 마케팅동의 마케팅수신 광고수신동의 수신동의 수신동의여부 sms수신여부 sms수신동의
        메일수신여부 이메일수신여부 이메일수신동의 뉴스레터수신 뉴스메일 メール配信 メール配信希望 メール受信
        メルマガ メルマガ購読 メルマガ配信 メルマガ受信 配信希望 配信可否 dm可否
    """,
    "not_contactable": """
        notcontactable 免打扰 是否免打扰 勿扰 请勿打扰 消息免打扰 拒绝营销 是否拒绝营销 拒绝推送 拒绝联系 禁止联系
        不可联系 拒收 是否拒收 退订 是否退订 已退订 退订状态 取消订阅 黑名单 是否黑名单 是否在黑名单 是否拉黑 拉黑
        已拉黑 donotcontact donotdisturb dnd donotemail donotcall dnc nomarketing unsubscribed isunsubscribed
        unsubscribe optout optedout emailoptout smsoptout blacklist blacklisted isblacklist isblacklisted blocklist
        blocklisted blocked isblocked isblack 수신거부 수신거부여부 광고수신거부 블랙리스트 불량회원 配信停止
        配信拒否 受信拒否 メール配信停止 ブラックリスト
    """,
    "tags": """
        usertags 用户标签 tagnames taglist 客户标签 会员标签 顾客标签 粉丝标签 买家标签 标签名称 标签列表
        customertags membertags usertag customertag usersegments customersegments segments 회원태그 고객태그
        顧客タグ 会員タグ
    """,
}
# What may stand in a table of anything: it tells nothing of the kind of a file.
BARE_ITEM_HEADINGS: dict[str, str] = {
    "item": "id 编号 编码 代码 code no number 번호 番号 コード",
    "item_name": "name 名称 title 标题 名字 subject 이름 名前 タイトル",
    "category": "type 类型 group",
    "shelf_status": "status 状态 state 当前状态 상태 ステータス 状況 statut estado",
    "published": "enabled active 启用 是否启用 有效 是否有效",
    "stock": "quantity 数量 qty 剩余 available 수량 数",
    "parent_item": "parent 父id parentid",
    "on_sale_from": "starttime 开始时间 startdate startat startsat begintime 开始日期 开始 시작일 開始日 開始日時",
    "on_sale_until": """
        endtime 结束时间 stoptime enddate endat endsat closetime 结束日期 截止时间 截止日期 结束 종료일 終了日
        終了日時
    """,
}
BARE_USER_HEADINGS: dict[str, str] = {
    "user": """
        id 编号 account 编码 号码 번호 番号 no 手机号 手机 手机号码 联系电话 联系方式 电话 电话号码 mobile
        mobilephone phone phonenumber tel telephone 휴대폰 휴대폰번호 전화번호 電話番号 携帯電話番号 電子邮箱
        メールアドレス 电邮 emailaddress mail
    """,
    "user_name": "name 名称 名字 이름 名前",
    "city": "region area 区域 location",
    "tags": "tags 标签 tag labels label 태그 タグ",
}
# Attributes that no log of groups or orders has for itself: what they say of the kind of a file counts.
OF_ITEMS_ALONE = {
    "brand",
    "stock",
    "in_stock",
    "sold_out",
    "backorders",
    "shelf_status",
    "on_shelf",
    "published",
    "visibility",
    "off_shelf",
    "hidden",
    "on_sale_from",
    "on_sale_until",
}
OF_USERS_ALONE = {"contactable", "not_contactable", "tags", "city"}
# Several columns of one file may each say that a person may be asked, or must not be.
REPEATED = {
    field: tuple(f"{field}_{n}" for n in (2, 3, 4)) for field in ("contactable", "not_contactable")
}
ATTRIBUTE_FIELDS = frozenset(
    (*ITEM_HEADINGS, *USER_HEADINGS, *REPEATED["contactable"], *REPEATED["not_contactable"])
)
