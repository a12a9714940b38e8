"""Seats that nobody takes (virtual members, the anonymous), and ids that several people may share."""

import re
import unicodedata
from collections.abc import Collection

_NOBODY = (
    "0 -1 虚拟用户 虚拟会员 虚拟成员 虚拟团员 虚拟买家 机器人 系统 系统用户 系统机器人 匿名用户 匿名 "
    "匿名买家 匿名会员 匿名用戶 虛擬用戶 虛擬會員 機器人 游客 遊客 访客 訪客 已注销 已注销用户 注销用户 비회원 "
    "익명 게스트 ゲスト guest anonymous robot bot virtual virtualuser anonymoususer guestuser guestcheckout "
    "deleteduser"
)
_DEFAULT_NAMES = (
    "微信用户 微信用戶 默认昵称 默认用户 新用户 用户 会员 支付宝用户 抖音用户 快手用户 淘宝用户 未命名 "
    "无昵称 昵称 wechatuser user customer member newuser 회원 고객"
)
_NOBODY_WORDS = frozenset(_NOBODY.split())
_DEFAULT_WORDS = frozenset(_DEFAULT_NAMES.split())
_MASKED_LETTERS = re.compile(r"[\d\u3400-\u9fff].*[xX×]{3,}")


def is_nobody(id: str) -> bool:
    """Whether the id stands for no person: user 0, a virtual or an anonymous member."""
    if id[:1].isdecimal():
        return id == "0"  # nearly all ids, and fast
    if id.isascii() and id.isalnum():
        return id.lower() in _NOBODY_WORDS
    return _plain(id) in _NOBODY_WORDS or (id != "" and not id.strip("*＊"))


def is_shared(id: str) -> bool:
    """Whether several people may have the id: 138****1234, 张*, or a name that apps give everybody."""
    if id.isascii() and id.isalnum() and "xxx" not in id.lower():
        return id.lower() in _DEFAULT_WORDS  # nearly all ids, and fast
    masked = any(sign in id for sign in "*＊●•") or _MASKED_LETTERS.search(id)
    return bool(masked) or _plain(id) in _DEFAULT_WORDS


def zero_is_a_person(ids: Collection[str]) -> bool:
    """Whether a shop or a data set numbers its users from 0: then user 0 is as good as any other."""
    return "1" in ids and "2" in ids


def _plain(id: str) -> str:
    text = unicodedata.normalize("NFKC", id).lower()
    return text if text in ("0", "-1") else re.sub(r"[\W_]+", "", text)
