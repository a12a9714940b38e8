"""Words that stand for nothing in a cell, in whatever column."""

import unicodedata
from dataclasses import replace

from db.importing.readers.chunk import Chunk

_WORDS = """
无 無 没有 暂无 暫無 空 空白 无数据 暂无数据 未填写 未填 未设置 不适用 없음 해당없음 なし 無し 該当なし
- -- --- — —— – ― － ー / // \\ n/a n.a. na #n/a #na null (null) <null> [null] none nil nan nat undefined \\n
#null! #ref!
#value! #name? #div/0! #num! [] {} () "" '' `` 0000-00-00 0000/00/00 0000-00-00t00:00:00 0000-00-00t00:00:00z
0000-00-00t00:00:00.000z <na> <nil> empty (empty) (blank) blank (none) <none> _ … ...
"""


_EMPTY = (
    "空",
    "空白",
    "无",
    "無",
    "暂无",
    "null",
    "NULL",
    "none",
    "None",
    "nan",
    "NaN",
    "없음",
    "なし",
)
_AROUND = (("(", ")"), ("（", "）"), ("<", ">"), ("[", "]"), ("【", "】"))


def _forms() -> frozenset[str]:
    words = set(_WORDS.split()) | {"0000-00-00 00:00:00", "0000/00/00 00:00:00"}
    cased = {form for word in words for form in (word, word.upper(), word.title())}
    cased |= {"NaN", "NaT", "<NaN>", "#N/a"} | {
        f"{a}{word}{b}" for word in _EMPTY for a, b in _AROUND
    }
    wide = {"".join(_full_width(char) for char in word) for word in cased}
    return frozenset(cased | wide | {unicodedata.normalize("NFC", word) for word in cased})


def _full_width(char: str) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


NOTHING = _forms()


def without_nothing(chunk: Chunk) -> Chunk:
    """The chunk with empty cells where a word stands for nothing, and without such participants."""
    columns = {field: _emptied(cells) for field, cells in chunk.columns.items()}
    participants = chunk.participants
    if participants is not None:
        participants = [
            ids if NOTHING.isdisjoint(ids) else [id for id in ids if id not in NOTHING]
            for ids in participants
        ]
    return replace(chunk, columns=columns, participants=participants)


def _emptied(cells: list[str]) -> list[str]:
    return cells if NOTHING.isdisjoint(cells) else ["" if c in NOTHING else c for c in cells]
