"""Reads the states in the cells of logs: of groups, of orders, of payments and of refunds.

The words are those of ``db.importing.state_words``. A cell may join several, with a sign between them
(已发货，退款成功) or without (拼团成功待发货); a cell of which any part is unknown is unknown.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from db.importing import answers, state_words
from db.importing.simplified import normalised_word
from db.logs import FAILED, OPEN, SUCCESSFUL

UNSTATED = -1
PAID, VOID, DECLINED = (
    0,
    1,
    2,
)  # an order that counts as a join; one that does not; no to an invitation

# What a column of states is about.
GROUP = "group"  # what became of the group
ORDER = "order"  # of an order
PAYMENT = "payment"
REFUND = "refund"


@dataclass(frozen=True)
class Meaning:
    """What a cell says about the group and about the order; UNSTATED where it says nothing."""

    group: int = UNSTATED
    order: int = UNSTATED


_NOTHING = Meaning()
_OF_ANSWER = {
    answers.SUCCESSFUL: Meaning(group=SUCCESSFUL),
    answers.FAILED: Meaning(group=FAILED),
    answers.OPEN: Meaning(group=OPEN),
    answers.PAID: Meaning(order=PAID),
    answers.VOID: Meaning(order=VOID),
}
_Words = Mapping[str, Meaning]


def _words(text: str, meaning: Meaning) -> dict[str, Meaning]:
    return {normalised_word(word): meaning for word in text.split()}


@cache
def _of_groups() -> _Words:
    return {
        **_words(state_words.SUCCESSFUL_GROUPS, Meaning(group=SUCCESSFUL)),
        **_words(state_words.FAILED_GROUPS, Meaning(group=FAILED)),
        **_words(state_words.OPEN_GROUPS, Meaning(group=OPEN)),
    }


@cache
def _of_orders() -> _Words:
    return {
        **_words(state_words.PAID_ORDERS, Meaning(order=PAID)),
        **_words(state_words.VOID_ORDERS, Meaning(order=VOID)),
        **_words(state_words.DECLINED_INVITATIONS, Meaning(order=DECLINED)),
    }


@cache
def _vocabulary(about: str) -> _Words:
    """The meanings of words in a column about this; of words in both tables, as the column asks."""
    if about == GROUP:
        return {**_of_orders(), **_of_groups()}
    if about == REFUND:
        return {
            **_of_groups(),
            **_of_orders(),
            **_words(state_words.REFUNDED, Meaning(order=VOID)),
            **_words(state_words.NOT_REFUNDED, Meaning(order=PAID)),
        }
    flags = {"是": Meaning(order=PAID), "否": Meaning(order=VOID)} if about == PAYMENT else {}
    return {**_of_groups(), **_of_orders(), **flags}


_FILLERS = frozenset(map(normalised_word, state_words.FILLERS.split()))
_BRACKETS = re.compile(r"[(\[{【（].*?[)\]}】）]")
_BRACKET = re.compile(r"[()\[\]{}【】（）]")
_LABELLED = re.compile(r"^\s*\d{1,3}\s*[-:：._、=]\s*(?=\D)")  # 1-已支付
_MISSING = re.compile(r"(还?[差缺]|还需)\s*\d+\s*人(成团|拼成)?")  # 还差1人
_PARTS = re.compile(r"[,，、;；/|+&·•>→\n\t]+|\s[-–—]\s|\s{2,}")
_FLAGS = {"1": True, "0": False, "yes": True, "no": False, "true": True, "false": False, "y": True,
          "n": False, "t": True, "f": False, "是": True, "否": False, "已": True, "未": False}  # fmt: skip


@dataclass(frozen=True)
class StateColumn:
    """How the cells of one column of states are read."""

    about: str  # GROUP, ORDER, PAYMENT or REFUND
    flag: bool = False  # a column of yes and no, such as 是否退款
    rows_are_groups: bool = False  # what an order's state says counts for its group
    said: Mapping[str, Meaning] = field(
        default_factory=dict
    )  # by people or by the numbers of members

    def meaning(self, cell: str) -> Meaning | None:
        """What the cell says, None if it has an unknown word."""
        if not cell:
            return _NOTHING
        found = self.said.get(_spelling(cell))
        if found is None and self.flag:
            found = self._of_flag(cell)
        if found is None:
            found = _meaning(cell, self.about)
        if found is None:
            return None
        return self._of_group(found, cell) if self.rows_are_groups else found

    def _of_flag(self, cell: str) -> Meaning | None:
        flag = _FLAGS.get(_spelling(cell))
        if flag is None:
            return None
        if self.about == GROUP:
            return Meaning(group=SUCCESSFUL if flag else FAILED)
        return Meaning(order=PAID if flag == (self.about == PAYMENT) else VOID)

    def _of_group(self, found: Meaning, cell: str) -> Meaning | None:
        """A group is as its order is: sent means that it was full, refunded that it failed."""
        if found.group != UNSTATED or found.order == UNSTATED:
            return found
        spelling = _spelling(cell)
        if spelling in _UNDER_WAY and spelling not in self.said:
            return Meaning(group=OPEN)
        if spelling in _MERELY_PAID and spelling not in self.said:
            return None
        return Meaning(group=SUCCESSFUL if found.order == PAID else FAILED, order=found.order)


_UNDER_WAY = frozenset(["processing", "处理中", "处理", "処理中"])  # the group, not the parcel
# Said of a group these leave open what became of it.
_MERELY_PAID = frozenset(
    ["paid", "已支付", "已付款", "已付", "支付成功", "付款成功", "支付完成", "付款完成", "결제완료"]
)


def _spelling(cell: str) -> str:
    """The cell as a word, a code without the .0 that a spreadsheet put behind it."""
    return normalised_word(re.sub(r"^\s*(-?\d+)\.0+\s*$", r"\1", cell))


@lru_cache(maxsize=1 << 14)
def _meaning(cell: str, about: str) -> Meaning | None:
    words = _vocabulary(about)
    text = _MISSING.sub("差人", _LABELLED.sub("", unicodedata.normalize("NFKC", cell)))
    opened = _BRACKET.sub("，", text)
    for form in dict.fromkeys((text, opened, _BRACKETS.sub(" ", text))):
        if (found := _of_word(normalised_word(form), words)) is not None:
            return found
        parts = [part for part in map(normalised_word, _PARTS.split(form)) if part]
        found = _together([_of_word(part, words) for part in parts if part not in _FILLERS])
        if found is not None:
            return found
    return None


def _of_word(word: str, words: _Words) -> Meaning | None:
    if word in words:
        return words[word]
    if word.isascii():
        # GROUP_SUCCESS, wc-processing, ORDER_STATUS_PAID
        bare = re.sub(r"^(wc|orderstatus|order|status|state|trade|groupstatus)", "", word)
        of_group = re.fullmatch(
            r"(?:groupon|groupbuy|group|team|pintuan|pin|tuan)(?:status|state)?(.+)", word
        )
        if of_group:
            return _of_groups().get(of_group.group(1))
        return words.get(bare)
    return _segmented(word, words)


def _segmented(word: str, words: _Words) -> Meaning | None:
    """The meaning of words written without anything between them, in as few words as possible."""
    best: list[tuple[int, tuple[str, ...]] | None] = [(0, ())] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 16), end):
            before, piece = best[start], word[start:end]
            if before is None or (piece not in _FILLERS and (piece not in words or len(piece) < 2)):
                continue
            cost = before[0] + (1 if piece in words else 2)
            now = best[end]
            if now is None or cost < now[0]:
                best[end] = (cost, (*before[1], piece))
    found = best[-1]
    if found is None:
        return None
    return _together([words[piece] for piece in found[1] if piece in words])


def _together(meanings: list[Meaning | None]) -> Meaning | None:
    """What several words of one cell say; None if one is unknown or they contradict each other."""
    known = [one for one in meanings if one is not None]
    if not known or len(known) < len(meanings):
        return None
    groups = {one.group for one in known} - {UNSTATED}
    orders = {one.order for one in known} - {UNSTATED}
    if len(groups) > 1:
        return None
    # What happened to the money counts last: 已发货，退款成功.
    order = next((code for code in (DECLINED, VOID, PAID) if code in orders), UNSTATED)
    return Meaning(groups.pop() if groups else UNSTATED, order)


def speaks_of(cells: Iterable[str]) -> tuple[bool, bool]:
    """Whether some words can only be a group's, and whether some can only be an order's."""
    of_group = of_order = False
    for cell in cells:
        as_group, as_order = _meaning(cell, GROUP), _meaning(cell, ORDER)
        if as_group is not None and as_order is not None:
            of_group |= as_order.group != UNSTATED
            of_order |= as_group.order != UNSTATED
    return of_group, of_order


def says_either(cell: str) -> bool:
    """Whether the words may be said of a group and of an order."""
    as_group, as_order = _meaning(cell, GROUP), _meaning(cell, ORDER)
    if as_group is None or as_order is None:
        return False
    return as_group.group != UNSTATED and as_order.order != UNSTATED and as_group != as_order


def are_flags(cells: Iterable[str]) -> bool:
    """Whether all words are yes or no, or 1 and 0."""
    return all(_spelling(cell) in _FLAGS for cell in cells)


def said_meanings(states: Mapping[str, str], heading: str) -> dict[str, Meaning]:
    """What a person said about the words of a column, by their spelling; about it alone counts first."""
    found: dict[str, Meaning] = {}
    for own in (False, True):
        for word, meaning in states.items():
            if meaning not in _OF_ANSWER:
                continue  # of another file's items or users
            column, sign, rest = word.rpartition(":")
            is_own = bool(sign) and column == heading
            if is_own == own:
                found[_spelling(rest if is_own else word)] = _OF_ANSWER[meaning]
    return found
