"""How much a text looks like one in a known language, in bits: the fewer, the likelier.

Of two readings of the same bytes, the one that takes fewer bits is the likelier by a factor of 2 a bit.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import log2

# Encodings -> the languages that are written in them.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "gb18030": ("zh-Hans", "zh-Hant"),
    "big5": ("zh-Hant",),
    "shift_jis": ("ja",),
    "euc_jp": ("ja",),
    "cp949": ("ko",),
    "cp1250": ("pl", "cs", "sk", "hu", "ro", "sl", "sh"),
    "cp1251": ("ru", "uk", "bg", "mk"),
    "koi8_r": ("ru",),
    "cp1252": ("de", "fr", "es", "pt", "it", "sv", "da", "nb", "fi", "nl", "is"),
    "cp1253": ("el",),
    "cp1254": ("tr",),
    "cp1257": ("lt", "lv"),
}
_UNREADABLE = 26.0  # bits of bytes that are no sign, or one that nobody writes
_RARE_SIGN = 19.0  # of a Chinese sign that is not frequent
_RARE_SYLLABLE = 16.0
_RARE_LETTER = 12.0
_ASCII_BESIDE_SIGNS = 5.0  # of an ASCII letter in a text of Chinese signs
_LONE_SIGN = 6.0  # more, for a Chinese sign that touches a small Latin letter, on each side
_COMMON_MARKS = "、。，．・：；！？（）「」『』【】《》“”‘’…—～￥€£•·–°®™«»ー％＋－／＆×№„½²³"
_MARK, _RARE_MARK = 8.0, 14.0
_WORD = re.compile(r"[^\x00-\x40\x5b-\x60\x7b-\x7f]+")  # letters, and all beyond ASCII
_TOUCHES_LATIN = re.compile(r"(?<=[a-z])(?=[\u3400-\ud7af])|(?<=[\u3400-\ud7af])(?=[a-z])")
# More, for encodings that few shops use; the first one is what Chinese back offices write.
UNUSUAL = {
    "gb18030": 0.0,
    "cp1253": 6.0,
    "cp1254": 8.0,
    "cp1257": 10.0,
    "euc_jp": 10.0,
    "koi8_r": 10.0,
}
USUAL = 3.0


def words_beyond_ascii(text: str) -> list[str]:
    """The runs of letters and signs that have other than ASCII."""
    return [word for word in _WORD.findall(text) if not word.isascii()]


def unreadable(words: Iterable[str]) -> float:
    """The share of signs beyond ASCII that nobody writes."""
    signs = [sign for word in words for sign in word if not sign.isascii()]
    bad = sum(sign == "\ufffd" or not (sign.isprintable() or sign.isspace()) for sign in signs)
    return bad / max(len(signs), 1)


def bits(words: Iterable[str], languages: Sequence[str]) -> float:
    """Of the words, in the one of the languages that they fit best."""
    found = list(words)
    return min((sum(_word_bits(word, name) for word in found) for name in languages), default=0.0)


def _word_bits(word: str, language: str) -> float:
    table = _tables()[language]
    if isinstance(table, Mapping):
        return _letter_bits(word, table)
    total = sum(_sign_bits(sign, table) for sign in word)
    return total + _LONE_SIGN * len(_TOUCHES_LATIN.findall(word))


@cache
def _sign_bits(sign: str, table: "_Signs") -> float:
    if sign.isascii():
        return _ASCII_BESIDE_SIGNS
    rank = table.rank.get(sign)
    if rank is not None:
        # Zipf's law with the shares of the first few flattened.
        return log2((rank + 12) * table.total)
    if not sign.isprintable() or sign == "\ufffd":
        return _UNREADABLE if sign != "\u3000" else _MARK
    kind = unicodedata.category(sign)
    if kind[0] not in "LMN":
        return _MARK if sign in _COMMON_MARKS or kind == "So" else _RARE_MARK
    if "\uac00" <= sign <= "\ud7af":
        return _RARE_SYLLABLE
    return _RARE_SIGN if sign >= "\u3400" else _RARE_SIGN - 3


def _letter_bits(word: str, table: Mapping[str, Mapping[str, float]]) -> float:
    total, last = 0.0, " "
    for letter in word.lower() + " ":
        if letter != " " and not letter.isalpha():
            total += _mark_bits(letter)
            last = " "
            continue
        total += table.get(last, {}).get(letter, _RARE_LETTER if letter <= "\u04ff" else _RARE_SIGN)
        last = letter
    return total + _mixed_case_bits(word)


def _mark_bits(mark: str) -> float:
    if not mark.isprintable() or mark == "\ufffd":
        return _UNREADABLE
    return _MARK if mark in _COMMON_MARKS else _RARE_MARK


def _mixed_case_bits(word: str) -> float:
    """More, for capitals behind small letters: what bytes of other scripts look like."""
    return 4.0 * sum(first.islower() and second.isupper() for first, second in pairwise(word))


class _Signs:
    """The ranks of a language's frequent signs, from 0."""

    def __init__(self, frequent: str) -> None:
        self.rank = {sign: rank for rank, sign in enumerate(frequent)}
        self.total = sum(1 / (rank + 12) for rank in range(len(frequent)))


@cache
def _tables() -> dict[str, _Signs | dict[str, dict[str, float]]]:
    text = (files(__package__) / "frequent_signs.json").read_text(encoding="utf-8")
    return {
        language: _Signs(table)
        if isinstance(table, str)
        else {first: _follower_bits(after) for first, after in table.items()}
        for language, table in json.loads(text).items()
    }


def _follower_bits(letters: str) -> dict[str, float]:
    """Letter -> bits, by its rank among those that follow another letter."""
    shares = [0.8**rank + 0.002 for rank in range(len(letters))]
    total = sum(shares)
    return {
        letter: min(log2(total / share), _RARE_LETTER)
        for letter, share in zip(letters, shares, strict=True)
    }
