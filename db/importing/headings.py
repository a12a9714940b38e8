"""The headings of back offices' exports, and the field that each means.

Simplified and traditional Chinese, English, Korean and Japanese, in the order of preference: where two columns of a
file mean the same field, the heading that stands first here counts. Words are compared as ``normalised_word`` writes
them.
"""

# Of a group when it filled up or failed, of an order when it was received.
COMPLETIONS = """
    completedat 完成时间 completetime completiontime completeat successtime successat succeededat 成功时间
    finishtime finishedat finishat 达成时间 完成日期 完了日時 완료일시 완료일
"""
# Of several times of an order, the one at which that member joined; in a file of groups, a list of them.
JOINS = "joinedat jointime 参团时间 加入时间 参与时间 跟团时间 拼单时间 참여일시 참여일 参加日時"

# Field -> its headings. The first two of a field are the examples in messages where they are English and Chinese.
HEADINGS: dict[str, str] = {
    "group": """
        group 团id groupid groupno groupnumber groupsn groupcode team teamid teamno teamsn 团 团号 团编号 拼团id
        拼团号 拼团编号 拼团单号 开团id 开团编号 开团号 团购id 团购编号 团购单号 团单号 拼单号 拼单id 拼单编号
        拼团团号 所属团 所属团号 组团id 组团号 跟团团号 pintuangroupid ptgroupid tuanid tuansn pinid pinno pinsn
        foundid teamfoundid groupbuyid groupbuyingid groupbuyno groupbuygroupid 팀번호 팀id 공구번호 공구id
        공동구매번호 공동구매id 그룹번호 그룹id 모임번호 グループid グループ番号 共同購入id 共同購入番号
        チーム番号 groupe gruppe gruppenid grupo 参团编号 团序号 pintuanid grouporderid teambuyid
    """,
    "initiator": """
        initiator 团长 initiatorid leader leaderid launcher launcherid organizer organizerid groupleader
        groupleaderid teamleader teamleaderid groupowner owner creator creatorid creatoruserid creatoruser
        creatoruid founder founderid host hostid 团长id 团长编号 团长用户id 团长uid 团长会员id 团主 团主id
        开团人 开团人id 开团用户 开团用户id 开团会员 开团团长 开团者 开团者id 发起人 发起人id 发起人用户id
        发起者 发起者id 拼主 拼主id 主揪 团妈 所属团长 headuserid headuid headmemberid 방장 방장id 공구장 개설자
        개설자id 주최자 주최자id 리더 主催者 主催者id 発起人 幹事 リーダー initiateur initiatorin 楼主 captain
        captainid captainuserid opener openerid starter starterid 代表者
    """,
    "participants": """
        participants 团员 participantids groupmembers groupmemberids teammembers memberlist participantlist
        joinedusers participant members memberids joiners joinerids 团员id 团员列表 团员编号 团员名单 成员
        成员id 成员列表 成员名单 参团人 参团人id 参团用户 参团用户id 参团成员 参团人员 参团者 参团会员 参与者
        参与人 参与用户 参与成员 跟团人 拼友 组团成员 拼团成员 团友 참여자 참여자id 참가자 참가자id 팀원 구성원
        멤버 参加者 参加者id メンバー 参加メンバー teilnehmer participantes 团成员 已参团用户 users buyers
        groupmember 참여자목록 구매자목록 참가자목록 参加者一覧
    """,
    "user": """
        user 用户id userid uid buyer buyerid customer customerid customeruser customeruserid member memberid
        memberno openid unionid buyeropenid 用户 用户编号 用户uid 买家 买家id 买家编号 会员 会员id 会员编号
        会员号 会员卡号 客户 客户id 客户编号 顾客 顾客id 顾客编号 粉丝id 下单人 下单人id 下单用户 下单用户id
        下单会员 下单会员id 购买人 购买人id 购买者 订购人 订购人id 买家账号 买家会员名 买家旺旺 旺旺号 会员账号
        用户账号 客户账号 买家昵称id buyernick buyeraccount customeraccount useraccount 구매자 구매자id
        구매자아이디 주문자 주문자id 주문자아이디 회원 회원id 회원번호 회원아이디 고객id 고객번호 아이디
        사용자id 購入者 購入者id 注文者 注文者id 会員番号 顧客番号 ユーザーid ユーザー お客様番号 kunde
        kundennummer kundenid käufer client clientid cliente email customeremail buyeremail billingemail
        useremail 邮箱 会员邮箱 电子邮件 이메일 账号 买家帐号 用户帐号 会员帐号
    """,
    "role": """
        role 角色 userrole memberrole isleader isinitiator ishead iscaptain isowner isgroupleader islauncher
        身份 身分 用户角色 成员角色 是否团长 是否开团 是否开团人 是否为团长 是否团主 是否发起人 是否主拼
        团内身份 拼团身份 团购身份 开团或参团 参团类型 拼团角色 역할 구분역할 방장여부 役割 主催者区分 rolle
        rôle rol
    """,
    "item": """
        item 商品id itemid product productid goods goodsid spu spuid spucode spuno numiid commodityid commodity
        wareid productno productcode goodsno goodscode goodssn itemno itemcode 商品 商品编号 商品编码 商品代码
        商品货号 货号 货品 货品编号 货品id 货品编码 产品 产品id 产品编号 产品编码 产品代码 宝贝id 品项 品项编号
        品号 料号 商品序号 商品spu 商品款号 款号 拼团商品 拼团商品id 团购商品 团购商品id 参团商品 活动商品
        商品信息 상품 상품번호 상품코드 상품id 자체상품코드 판매자상품코드 商品番号 商品コード 品番 商品管理番号
        lineitemproductid artikel artikelnummer artikelnr produit produitid producto productoid sku skuid
        skucode skuno lineitemsku itemsku productsku 商品sku 规格id 规格编码 商家编码 商品条码 条码 条形码
        barcode
    """,
    "status": """
        groupstatus 成团状态 groupstate groupresult teamstatus teamstate pinkstatus pintuanstatus tuanstatus
        grouponstatus groupbuystatus 拼团状态 团状态 团购状态 拼单状态 组团状态 开团状态 参团状态 拼团结果
        成团结果 团购结果 是否成团 是否拼成 是否成功 是否拼团成功 issuccess issuccessful iscomplete isfull
        공구상태 공동구매상태 그룹상태 팀상태 모집상태 成立状況 グループ状態 募集状況 status state result
        outcome 状态 当前状态 结果 상태 진행상태 ステータス 状況 statut estado
    """,
    "order_state": """
        orderstatus 订单状态 orderstate tradestatus tradestate orderstatusname orderstatustext 交易状态
        订单当前状态 订单进度 子订单状态 订单状态名称 주문상태 주문처리상태 주문진행상태 처리상태 注文状態
        注文状況 注文ステータス 取引状態 bestellstatus auftragsstatus statutcommande estadopedido 주문상태명
    """,
    "payment_state": """
        paymentstatus 支付状态 financialstatus paystatus paystate paymentstate ispaid ispay paid 付款状态
        收款状态 缴费状态 是否支付 是否付款 是否已支付 是否已付款 결제상태 입금상태 결제여부 支払状況 支払状態
        決済状況 入金状況 zahlungsstatus statutpaiement
    """,
    "refund_state": """
        refundstatus 退款状态 refundstate isrefund isrefunded refunded aftersalestatus aftersalesstatus
        returnstatus iscancel iscancelled iscanceled cancelled canceled 售后状态 退货状态 退款售后状态
        售后退款状态 维权状态 退换货状态 退货退款状态 是否退款 是否已退款 是否取消 是否已取消 是否退货 有无退款
        有无售后 환불상태 반품상태 클레임상태 취소상태 취소여부 환불여부 返金状況 返品状況 キャンセル状況 cs상태
        主商品cs상태
    """,
    "launched_at": """
        launchedat 开团时间 launchtime startdate groupstartdate launchdate launched groupstarttime grouptime
        opentime openedat starttime startedat startat begintime foundtime 发起时间 开团日期 发起日期
        成团开始时间 拼团开始时间 组团时间 开始时间 起始时间 개설일 개설일시 시작일 시작일시 모집시작일 開始日時
        開始日 募集開始日時 発起日時 startzeit 发起拼团时间 开团 開催日時
    """,
    "ordered_at": """
        orderedat 下单时间 ordertime orderdate joinedat jointime 参团时间 加入时间 参与时间 拼单时间 跟团时间
        订单时间 订单日期 下单日期 订单创建时间 订单生成时间 订单成交时间 成交时间 拍下时间 购买时间 订购时间
        订购日期 paidat paytime paymenttime paymentdate datepaid paiddate paydate 付款时间 支付时间 付款日期
        支付日期 付款确认时间 支付完成时间 付款完成时间 付款成功时间 支付成功时间 주문일시 주문일 주문시간
        결제일시 결제일 참여일시 참여일 발주일 注文日時 注文日 参加日時 決済日時 支払日時 入金日 bestelldatum
        zahlungsdatum datecommande fechapedido
    """,
    "time": """
        time 时间 timestamp date datetime 日期 createdat createtime created datecreated createdate creationtime
        creationdate addtime addedat ctime gmtcreate insertedat 创建时间 创建日期 添加时间 生成时间 建立时间
        录入时间 提交时间 登记时间 提交日期 등록일 등록일시 생성일 생성일시 날짜 일시 作成日時 登録日時 登録日
        日時 日付 datum erstelltam horodatage fecha
    """,
    # When a group filled up, in words that say it of nothing else; COMPLETIONS say it in a file of groups.
    "filled_at": """
        filledat 成团时间 groupfilledat groupsuccesstime groupsuccessat groupcompletedat groupcompletetime
        teamsuccesstime teamcompletetime pintuansuccesstime tuansuccesstime grouponsuccesstime filltime fulltime
        fullat 拼团成功时间 成团成功时间 团购成功时间 拼单成功时间 组团成功时间 拼成时间 满团时间 成团完成时间
        拼团完成时间 拼单完成时间 团购完成时间 拼团达成时间 团成功时间 团完成时间 成团日期 拼团成功日期
        성립일시 성립일 성사일시 공구성사일시 모집완료일시 成立日時 成立日 募集成立日時
    """
    + COMPLETIONS,
    "expires_at": """
        expiresat 截止时间 expiretime expiredat expirytime expirydate expiry deadline endtime endsat endedat
        enddate endat stoptime closetime 结束时间 结束日期 截止日期 到期时间 到期日期 过期时间 失效时间
        拼团结束时间 成团截止时间 拼团截止时间 团购结束时间 截团时间 마감일 마감일시 마감시간 종료일 종료일시
        만료일 締切日時 締切 終了日時 終了日 期限 募集終了日時 endzeit datefin closedat closesat
    """,
    # Of each participant, beside the participants; in a file of orders, beside the time of the order.
    "joined_at": """
        participantjoinedat 团员参团时间 participantsjoinedat joinedats jointimes joinedtimes memberjoinedat
        membersjoinedat memberjointime memberjointimes participantjointimes 参团时间列表 参团时间集合 成员参团时间
        成员加入时间 团员加入时间 参与者参团时间 团员支付时间 团员下单时间 참여시간목록 参加日時一覧
    """,
    "cancelled_at": """
        cancelledat 取消时间 canceledat canceltime refundedat refundtime refundat declinedat rejectedat 退款时间
        退款成功时间 退款完成时间 关闭时间 订单取消时间 订单关闭时间 交易关闭时间 拒绝时间 취소일 취소일시
        환불일 환불일시 キャンセル日時 返金日時
    """,
    "target_size": """
        targetsize 几人团 groupsize requiredmembers requiredparticipants membersrequired membersneeded
        minmembers minimummembers groupminimum targetmembers size requiredsize requirednum requiredcount
        requiredpeople neednum needpeople usersize pintuannum people peoplenum totalpeople teamsize teamnum
        minpeople minsize successnum discountmember 成团人数 拼团人数 团人数 目标人数 需要人数 所需人数
        成团所需人数 成团要求人数 满团人数 团规模 开团人数 拼团规格 团购人数 拼单人数 组团人数 人数要求 几人成团
        几人拼 拼团人数要求 목표인원 모집인원 필요인원 정원 공구인원 必要人数 募集人数 定員 成立人数
        gruppengrösse 要求人数 memberlimit groupmembersrequired
    """,
    "people_so_far": """
        peoplesofar 已参团人数 usercount joinedcount joincount joinnum joinednum pintuancount groupcount
        currentcount currentsize currentnum currentpeople nownum nowpeople membercount memberscount membernum
        participantcount participantscount participantnum havenum 参团人数 参与人数 已拼人数 当前人数
        当前参团人数 现有人数 目前人数 已参与人数 已加入人数 已拼团人数 实际人数 实际参团人数 参加人数
        已参加人数 几人参加 已有人数 成员数 成员数量 团员数 团员数量 拼团进度 成团进度 团购进度 参团进度 进度
        progress 참여인원 현재인원 참가인원 모집현황 現在人数 参加者数 申込人数
    """,
    "item_name": """
        itemname 商品名称 productname goodsname goodstitle producttitle title itemtitle spuname lineitemname
        productnames 商品名 商品标题 产品名称 产品名 产品标题 品名 品项名称 宝贝名称 宝贝标题 拼团商品名称
        团购商品名称 商品全称 상품명 상품이름 주문상품명 商品タイトル artikelname artikelbezeichnung nomproduit
        nombreproducto
    """,
    "category": """
        category 分类 itemcategory productcategory goodscategory categoryname producttype 类目 品类 商品分类
        商品类目 商品品类 商品类别 类别 分类名称 类目名称 所属分类 카테고리 상품분류 분류 カテゴリ カテゴリー
        商品カテゴリ kategorie catégorie categoría
    """,
    "brand": """
        brand 品牌 brandname 品牌名称 品牌名 商品品牌 productbrand itembrand 브랜드 브랜드명 ブランド ブランド名
    """,
    "price": """
        price 原价 itemprice listprice originalprice marketprice retailprice unitprice regularprice
        lineitemprice productprice goodsprice singleprice 单价 价格 售价 商品价格 商品原价 商品单价 商品售价
        单买价 单独购买价 市场价 零售价 销售价 定价 판매가 정가 상품가격 가격 단가 価格 定価 単価 販売価格
        商品価格 preis prix precio
    """,
    "group_price": """
        groupprice 拼团价 groupbuyprice groupbuyingprice teamprice pintuanprice pinkprice tuanprice grouponprice
        团购价 团价 拼团价格 成团价 团购价格 拼单价 拼单价格 组团价 团长价 공구가 공동구매가 공구가격
        공동구매가격 グループ価格 共同購入価格 gruppenpreis
    """,
    "min_participants": """
        minparticipants 最少参团人数 minimumparticipants 最低参团人数 起团人数 最小参团人数 최소참여인원
        最少参加人数
    """,
    "initiator_name": """
        initiatorname 团长昵称 leadername leadernickname initiatornickname headnickname headname launchername
        organizername ownername creatorname 团长姓名 团长名称 团长名 团长微信昵称 发起人昵称 发起人姓名
        发起人名称 开团人昵称 开团人姓名 开团人名称 团主昵称 团主姓名 방장이름 방장닉네임 개설자명 주최자명
        主催者名
    """,
    "user_name": """
        username 用户昵称 nickname usernickname buyername buyernickname membername membernickname customername
        customernickname name realname wechatnickname wxnickname 用户名 用户名称 昵称 微信昵称 微信名 微信名称
        用户姓名 买家昵称 买家姓名 会员昵称 会员名 会员名称 会员姓名 客户名称 客户姓名 客户昵称 顾客姓名
        顾客名称 下单人昵称 下单人姓名 参团人昵称 参团人姓名 团员昵称 团员姓名 姓名 구매자명 주문자명 회원명
        고객명 닉네임 이름 購入者名 注文者名 顧客名 氏名 お名前 ニックネーム billingname customerfullname
        kundenname nomclient nombrecliente
    """,
    "city": """
        city 城市 所在城市 用户城市 会员城市 买家城市 收货城市 shippingcity billingcity 도시 市区町村
    """,
    "friend": "friend 好友 friendid 好友id 朋友 朋友id",
    "virtual": """
        isvirtual 是否虚拟 virtual isrobot isbot 是否虚拟用户 是否机器人 虚拟标识
    """,
    # What ties the rows of a table of orders together.
    "record": """
        id 记录id recordid pinkid grouponrecordid 记录编号 编号 拼团记录id 主键 序号id
    """,
    "parent": """
        kid 上级id headid heads headrecordid parentid grouponid pinkkid 上级编号 父id 父级id 父记录id 开团记录id
        开团记录编号 团长记录id
    """,
    "order": """
        orderid 订单号 orderno ordernumber ordersn ordercode ordername tradeno tid 订单编号 订单id 订单单号
        主订单号 主订单编号 主订单id 关联订单id 关联订单号 交易单号 订单号码 订单流水号 주문번호 주문id
        상품주문번호 注文番号 注文id 受注番号 bestellnummer auftragsnummer numérocommande númeropedido
    """,
}
