"""What the words of back offices say about a group or an order; `db.importing.states` reads cells by this table.

Reviewed against what Pinduoduo, CRMEB, MineAdmin, yudao, litemall, Niushop, likeshop, ShopXO, Youzan, Weidian,
Taobao, JD, Douyin, Kuaituantuan, Qunjielong, Shopify, WooCommerce, PrestaShop, Cafe24, Naver, SHOPLINE and 91APP
write. Chinese is in simplified signs: cells are converted before they are looked up. Words are in lower case without
spaces and punctuation.

A word that stands in both tables (completed, 已取消) speaks of whatever its column is about. Left out on purpose, so
that they are asked: words that say nothing of the payment (已下单, 待审核), of the outcome (已结束, 已截团), of what
becomes of the money (售后处理中, 拒收, disputed), and 未核销 and 未使用, which are unused vouchers as often as refunded
ones.
"""

SUCCESSFUL_GROUPS = """
成团 已成团 成团成功 成功成团 拼团成功 拼团已成功 拼单成功 拼成功 组团成功 团购成功 凑团成功 团成功 接龙成功
成功 已成功 拼团完成 拼团已完成 拼单完成 组团完成 成团完成 团购完成 完成 已完成 完团 已完团 已满员 满员 已满团
满团 已满 人数已满 已拼满 拼满 已拼成 拼成 虚拟成团 模拟成团 自动成团 系统成团 手动成团 人工成团 强制成团
一键成团 提前成团 立即成团 机器人成团 成立 已成立 拼团成立 达成 已达成 已达标 已达到人数 是
successful success succeeded succeed full filled complete completed done formed reached achieved goalmet
goalreached targetreached targetmet groupformed groupfull groupsuccess groupsuccessful groupcomplete
groupcompleted teamfull tipped finish finished autosuccess virtualsuccess yes true y
성공 공구성공 공구완료 공구확정 공동구매성공 공동구매완료 성사 성립 달성 목표달성 모집완료 완료 진행완료
成立済 成立済み 達成 達成済み 完了 目標達成 グループ成立 共同購入成立 募集完了
"""

FAILED_GROUPS = """
未成团 没成团 没有成团 不成团 成团失败 未成团失败 拼团失败 拼团已失败 拼单失败 组团失败 团购失败 凑团失败
凑单失败 开团失败 失败 已失败 未成功 拼团未成功 拼团不成功 未完成 拼团未完成 未拼成 未达标 未达成 已过期 过期
逾期 拼团过期 拼团已过期 超时 已超时 拼团超时 成团超时 超时未成团 到期未成团 超时失败 已失效 失效 拼团失效
已取消 取消 拼团取消 拼团已取消 团已取消 自动取消 手动取消 系统取消 商家取消 团长取消 已关闭 关闭 拼团关闭
拼团已关闭 团已关闭 已流团 流团 流拼 已解散 解散 已散团 散团 已作废 作废 已终止 终止 已撤销 撤销 人数不足
人数不足失败 未成立 不成立 否
failed failure fail unsuccessful expired cancelled canceled closed notformed notfull notfilled unfilled
incomplete timeout timedout overtime dissolved disbanded aborted abandoned lapsed invalid dead terminated
notreached notmet goalnotmet targetnotreached groupfailed groupfailure groupfail groupexpired groupcancelled
groupcanceled groupclosed no false n
실패 공구실패 공구취소 공동구매실패 공동구매취소 무산 불발 미달 인원미달 미달성 미성사 불성립 모집실패 취소
취소됨 만료 기간만료
不成立 未成立 未達 未達成 中止 キャンセル 取消 期限切れ 募集失敗
"""

OPEN_GROUPS = """
拼团中 拼单中 即将成团 尚未成团 快要成团 即将拼成 组团中 开团中 成团中 团购中 凑团中 凑单中 参团中 进行中
拼团进行中 团购进行中 正在进行 正在进行中 正在拼团 正在拼单 正在组团 正在成团 正在开团 待成团 待拼成 待拼团
待拼单 待组团 待满员 待满团 待参团 等待成团 等待拼团 等待拼单 等待组团 等待他人参团 等待好友参团 未满团 未满员
未拼满 招募中 邀请中 邀请好友中 分享中 待分享 待邀请 可参团 还差人 差人 已开团 未结束 拼团未结束
open pending ongoing active inprogress inprocess running waiting wait forming gathering collecting recruiting
grouping started launched doing going live underway inviting joining waitingformembers awaitingmembers waitgroup
waitinggroup groupforming groupopen grouppending groupwaiting grouping grouponsale
진행 진행중 모집 모집중 인원모집중 대기 대기중 공구진행중 공구모집중 공동구매진행중 오픈
募集中 進行中 受付中 開催中 実施中 待機中 成立待ち 参加者募集中
"""

PAID_ORDERS = """
已支付 已付款 待出货 已出货 未出货 运送中 配送完毕 交易进行中 已确认 订单已确认 等待买家确认 退款已拒绝
退款已撤回 已撤销退款 已取消退款 已付 支付成功 付款成功 支付完成 付款完成 支付已完成 买家已付款 买家已支付
已收款 已到账 货到付款 待发货 等待发货 等待卖家发货 等待商家发货 未发货 待卖家发货 已发货 卖家已发货 商家已发货
已全部发货 部分发货 待收货 等待收货 等待买家收货 等待确认收货 等待买家确认收货 待确认收货 未收货 已收货
买家已收货 确认收货 已确认收货 待签收 已签收 签收 签收成功 未签收 待评价 已评价 未评价 待评论 已评论 待自提
待提货 待取货 未取货 未自提 未提货 已自提 已提货 已取货 待核销 已核销 核销成功 待使用 已使用 待消费 已消费
备货中 待备货 已备货 配货中 待配货 已配货 拣货中 待拣货 已拣货 待打包 打包中 已打包 待打单 已打单 待出库
等待出库 出库中 已出库 待配送 配送中 正在配送 已配送 配送完成 待揽收 已揽收 揽收中 运输中 在途 在途中 派送中
待派送 已送达 送达 已到货 到货 已到店 待接单 已接单 商家已接单 制作中 处理中 已处理 完成 已完成 订单完成
订单已完成 交易完成 交易已完成 交易成功 订单成功 成功 已成功 已成交 成交 已结算 待分享 已完成交易 已结单
部分退款 退款成功部分 已退款部分 退款部分 已部分退款 部分退款成功 部分退款中 部分已退款 部分退货 部分退
部分退款完成 部分售后 退款关闭 退款已关闭 退款取消 退款已取消 取消退款 退款撤销 撤销退款 买家撤销退款 退款已撤销
退款失败 退款拒绝 退款被拒 退款被拒绝 拒绝退款 已拒绝退款 商家拒绝退款 卖家拒绝退款 驳回退款 退款驳回 退款已驳回
退款申请被拒 无退款 未退款 没有退款 无售后 未售后 无售后或售后取消 售后取消 售后已取消 售后关闭 售后已关闭
售后撤销 售后已撤销 售后驳回 售后拒绝 售后失败 未申请退款 未申请售后 未申请 无维权 维权关闭 维权撤销 换货 换货中
换货完成 换货成功 补发 补寄 维修
paid shipped delivered confirmed orderconfirmed refunddenied received complete completed done success successful
succeeded finished finish processing processed fulfilled unfulfilled partiallyfulfilled fulfillmentinprogress
packed packing picked picking readytoship readyforpickup readyforcollection readyfordelivery awaitingshipment
awaitingfulfillment awaitingfulfilment awaitingdelivery awaitingpickup awaitingreceipt awaitingcollection toship
tobeshipped toreceive torate toreview unshipped notshipped intransit outfordelivery ontheway dispatched
despatched preparing inpreparation preparationinprogress processinginprogress paymentaccepted paymentreceived
paymentremotelyaccepted paymentsuccess paymentsuccessful paymentcompleted captured settled partiallyshipped
partialshipped pickedup collected redeemed reviewed signed ordercompleted ordershipped onbackorderpaid
partiallyrefunded partialrefund partialrefunded partrefunded refundrejected refunddeclined refundcancelled
refundcanceled refundfailed refundclosed norefund notrefunded nonrefunded exchanged exchange waitsellersendgoods
sellerconsignedpart waitbuyerconfirmgoods tradebuyersigned tradefinished tradesuccess waitdelivery waitsend
waitreceive waitcomment waitpickup waitverify tradecompleted
결제완료 결제됨 결제확인 입금완료 입금확인 상품준비중 상품준비 배송준비 배송준비중 배송대기 배송보류 배송지시
배송중 배송완료 출고준비 출고완료 출고 발송대기 발송완료 발주확인 신규주문 주문확인 구매확정 구매확정완료
구매결정 수취확인 수취완료 수령완료 거래완료 거래성사 완료 픽업대기 픽업완료 부분환불 부분취소 부분반품 교환
교환완료 교환요청 교환중 교환처리중
支払済 支払済み 支払い済み 支払完了 お支払い済み 入金済 入金済み 入金確認済み 決済済 決済済み 決済完了 発送済
発送済み 発送完了 発送待ち 発送準備中 未発送 一部発送 出荷済 出荷済み 出荷完了 出荷待ち 出荷準備中 未出荷 配送中
配達中 配達済 配達済み 配達完了 受取済 受取済み 受取待ち 受取完了 受け取り済み 完了 取引完了 注文完了 処理中
処理済 処理済み 対応中 一部返金 部分返金 一部返品
bezahlt versandt verschickt geliefert zugestellt abgeschlossen inbearbeitung teilweiseerstattet teilerstattet
paiementaccepté payé payée expédié expédiée livré livrée encoursdepréparation terminée partiellementremboursé
pagado enviado entregado completado enproceso parcialmentereembolsado
"""

VOID_ORDERS = """
已取消 取消 取消中 维权退款 维权退款完成 维权退款成功 付款后取消 支付后取消 订单取消 订单已取消 交易取消
交易已取消 买家取消 买家已取消 卖家取消 卖家已取消 用户取消 用户已取消 商家取消 系统取消 系统自动取消 自动取消
手动取消 超时取消 超时自动取消 风控取消 后台取消 已关闭 关闭 交易关闭 交易已关闭 订单关闭 订单已关闭 超时关闭
已作废 作废 已失效 失效 已过期 过期 超时 已超时 支付超时 付款超时 超时未支付 超时未付款 已删除 已撤单 撤单
已撤销 已退单 退单 退单成功 已退订 退订 拒单 已拒单 商家拒单 砍单 交易失败 订单失败 失败 无效 无效订单 待支付
未支付 待付款 未付款 等待付款 等待支付 等待买家付款 等待买家支付 待买家付款 待付 未付 支付中 付款中 支付失败
付款失败 尚未付款 尚未支付 没付款 没支付 已退款 退款 退款成功 退款已成功 退款完成 退款已完成 已完成退款 全额退款
已全额退款 全额退款成功 全部退款 已全部退款 全退 整单退款 已退 已退钱 原路退回 已退回 退款中 正在退款 待退款
退款待处理 退款待审核 退款处理中 退款审核中 退款进行中 等待退款 等待商家退款 等待卖家处理 申请退款 申请退款中
已申请退款 退款申请 退款申请中 同意退款 已同意退款 商家同意退款 退货 退货中 已退货 退货成功 退货完成 退货退款
退货退款中 退货退款成功 退款退货 退款退货中 退款退货成功 仅退款 仅退款成功 待退货 待买家退货 等待买家退货
待商家收货 申请退货 申请退货中 退货申请中 未成团已退款 拒绝接单
cancelled canceled cancelling canceling closed refunded refund refunding refundinprogress refundpending
refundprocessing refundrequested refundapplied fullyrefunded fullrefund fullrefunded refundsuccess
refundsuccessful refundsucceeded refundcompleted refundcomplete refundapproved unpaid notpaid pending
pendingpayment awaitingpayment paymentpending waitingforpayment waitpay topay tobepaid awaitingcheckpayment
awaitingcheque awaitingbankwirepayment awaitingpaypalpayment awaitingcashondeliveryvalidation paymenterror
paymentfailed paymentdeclined failed failure voided void expired chargeback chargedback returned
returnedandrefunded abandoned deleted trash draft checkoutdraft onhold onbackordernotpaid cancelledbybuyer
cancelledbyseller cancelledbycustomer cancelledbysystem incomplete cancelledunpaid timeout timedout invalid
waitbuyerpay tradeclosed tradeclosedbytaobao tradeclosedbyuser tradeclosedbysystem tradecancelled tradecanceled
waitpayment tradenocreatepay
취소 취소완료 취소됨 취소중 취소요청 취소처리중 주문취소 결제취소 전체취소 판매취소 구매취소 미입금취소 자동취소
환불 환불완료 환불됨 환불요청 환불중 환불처리중 전체환불 반품 반품완료 반품처리중 미결제 미입금 입금전 입금대기
입금대기중 무통장입금대기 결제대기 결제대기중 결제전 결제실패 만료 실패
キャンセル キャンセル済 キャンセル済み キャンセル待ち 取消 取消済み 取り消し 返金 返金済 返金済み 返金完了
返金中 全額返金 返品 返品済 返品済み 未入金 未払 未払い 未決済 支払待ち 支払い待ち お支払い待ち 入金待ち
決済待ち 期限切れ 決済失敗 決済エラー 失敗 無効
storniert erstattet ausstehend unbezahlt zahlungausstehend fehlgeschlagen offenezahlung annulé annulée remboursé
remboursée enattentedepaiement erreurdepaiement cancelado cancelada reembolsado reembolsada pendientedepago
fallido
"""

# Refused invitations, where a list has them.
DECLINED_INVITATIONS = """
已拒绝 拒绝 已谢绝 谢绝 拒绝参团 拒绝邀请 已拒绝邀请 拒绝加入 declined rejected refused invitationdeclined 거절
거절함 초대거절 辞退 拒否
"""

# Words of a column about refunds alone: there "completed" is the refund.
REFUNDED = """
完成 已完成 成功 已成功 处理完成 已处理 已同意 同意 通过 已通过 申请中 已申请 处理中 进行中 待处理 待审核 审核中
待商家处理 待卖家处理 全额 全部 是 有
completed complete success successful succeeded done approved accepted full requested applied pending processing
open yes true y
완료 승인 요청 처리중 접수
完了 済 承認 申請中 対応中
"""
NOT_REFUNDED = """
部分 否 未 未申请 已拒绝 拒绝 已驳回 驳回 已取消 取消 已撤销 撤销 已关闭 关闭 失败 正常 无需退款 normal partial
partially rejected declined denied cancelled canceled closed failed revoked withdrawn no false n
거절 철회 반려 취소 부분 拒否 却下 取消 一部
"""

# Beside the other words of a cell these say nothing: 买家已付款，等待卖家发货.
FILLERS = "订单 交易 买家 卖家 商家 用户 客户 平台 系统 本单 该单 状态 的 且 并 但 等待 order status state wc trade"

ROLES_OF_INITIATORS = """
initiator leader head host owner launcher organizer captain groupleader teamleader groupowner creator sponsor
founder yes true y 1 t 团长 拼主 开团 开团人 开团者 发起人 发起者 发起 团主 主团 是 总团长 队长
방장 팀장 개설자 주최자 공구장 모집자 리더 主催者 主催 リーダー 発起人 幹事
"""
ROLES_OF_PARTICIPANTS = """
participant member joiner follower buyer no false n 0 f 团员 参团 参团人 参团者 成员 参与者 参与人 参与 普通成员
普通团员 团友 队员 跟团 跟团人 拼友 否
참여자 참가자 멤버 회원 팀원 참여 参加者 参加 メンバー
"""
