"""What the words of shops say about an item's place on the shelf, its stock, and whether a person may be asked.

Chinese is in simplified signs. What is not listed is asked: 预售 and codes under a bare heading among them.
"""

ON = """
上架 已上架 上架中 在架 在售 在售中 销售中 出售中 售卖中 正在销售 正常 正常销售 正常在售 已发布 发布 显示 开售
已开售 启用 已启用 有效 可售 热销中 onsale selling active published publish on onshelf listed listing live enabled
enable available forsale normal visible show shown searchresults catalog search 판매중 판매 판매함 진열 진열함
진열중 전시 전시중 전시함 노출 노출함 공개 販売中 公開 公開中 公開済み 表示 表示する 掲載中 出品中
"""
OFF = """
下架 已下架 下架中 停售 已停售 暂停销售 停止销售 停止售卖 仓库中 仓库 在仓库 在仓库中 入库 待上架 未上架 待售
待开售 未开售 停用 已停用 禁用 已禁用 无效 失效 已失效 违规下架 强制下架 系统下架 平台下架 冻结 已冻结 不可售 停产
已停产 审核中 待审核 审核驳回 审核不通过 off offshelf offsale delisted inactive disabled disable discontinued
suspended paused pending notforsale unavailable notavailable inwarehouse warehouse instockroom 판매중지 판매안함
판매중단 판매종료 판매대기 판매금지 販売停止 販売停止中 販売終了 取扱終了 停止中 販売前 公開前 販売待ち
取り扱い終了
"""
HIDDEN = """
隐藏 已隐藏 不显示 未显示 草稿 草稿箱 归档 已归档 回收站 已删除 删除 未发布 不可见 私密 hidden hide archived
archive draft drafts private trash trashed deleted unlisted unpublished invisible notvisible notpublished 숨김
숨김처리 진열안함 미진열 미전시 전시안함 전시중지 미노출 노출안함 임시저장 비공개 삭제 非公開 非表示 非表示にする
下書き 下書 削除済み
"""
SOLD_OUT = """
售罄 已售罄 售完 已售完 售空 已售空 卖完 缺货 已缺货 断货 无货 无库存 没货 暂无库存 库存不足 已抢光 抢光 soldout
outofstock nostock notinstock oos outstock 품절 품절됨 일시품절 매진 재고없음 売り切れ 売切れ 売切 完売 在庫切れ
在庫なし 在庫無し 在庫ゼロ 品切れ
"""
IN_STOCK = """
有货 有库存 现货 有现货 充足 库存充足 货源充足 库存紧张 紧张 少量 少量库存 库存正常 正常 不限 不限量 无限 无限制
无限量 不限库存 不限制 instock available lowstock limited limitedavailability lowinventory backorder onbackorder
unlimited infinite infinity untracked nottracked 재고있음 판매중 무제한 충분 在庫あり 在庫有り 在庫有 残りわずか
無制限 在庫僅少
"""
# Of a column of stock: nothing, and not that nothing is known.
NO_STOCK = "无 無 没有 无了 0 なし 無し 없음"
CONTACTABLE = """
可联系 可触达 可推送 同意 已同意 接受 已接受 允许 已允许 愿意 已订阅 订阅 已授权 授权 开启 已开启 接收 subscribed
subscribe optin optedin accepted accepts accept allowed allow agreed agree consented granted confirmed enabled
singleoptin confirmedoptin 수신 수신함 수신동의 동의 동의함 허용 구독 구독중 希望 希望する 受け取る 配信 配信中
配信する 許可 受信する
"""
NOT_CONTACTABLE = """
不可联系 不可触达 不同意 未同意 不接受 拒绝 已拒绝 不允许 不愿意 未订阅 取消订阅 已取消订阅 退订 已退订 未授权
未开启 拒收 已拒收 免打扰 勿扰 黑名单 已拉黑 拉黑 不接收 notsubscribed unsubscribed unsubscribe neversubscribed
optout optedout declined denied refused rejected disallowed revoked blocked blacklisted donotcontact notallowed
nonsubscribed 수신안함 수신거부 미수신 수신안합니다 미동의 동의안함 거부 차단 구독안함 구독취소 희망안함 希望しない
受け取らない 配信しない 配信停止 停止 拒否 受信しない 不可
"""
# Of a column such as 免打扰 or 黑名单 alone.
SWITCHED_ON = "开启 已开启 开 on enabled 生效 已生效 是的"
SWITCHED_OFF = (
    "关闭 已关闭 关 未开启 off disabled 正常 未拉黑 未退订 无 没有 未加入 已解除 해제 정상"
)
YES = "是 有 已 yes y true t 1 on 예 네 はい 有り 允许 可以 可 ok 사용 사용함 √ ✓ ✔ ○ 〇 ◯"
NO = (
    "否 未 不 no n false f 0 off 아니오 아니요 いいえ 不允许 不可以 不可 미사용 사용안함 × ✗ ✘ ✕ ❌"
)
