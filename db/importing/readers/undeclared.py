"""Finds the encoding of bytes that do not tell it, by the language that their text looks like.

Every encoding's reading is judged in bits (likely_text), and by the headings that are known in it. Of one word, a
file in three lines, the right reading is the likeliest, or near enough to the likeliest to be doubted; chardet and
charset-normalizer are right on fewer of these.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.importing.column_mapping import field_of
from db.importing.readers.likely_text import (
    LANGUAGES,
    UNUSUAL,
    USUAL,
    bits,
    unreadable,
    words_beyond_ascii,
)

# Names that people know -> Python's codecs with what Windows adds to these encodings.
CODECS = {
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
_KNOWN_HEADING = 30.0  # bits for a heading that is known in a reading
_UTF8 = -12.0  # bits: text in another encoding is hardly ever valid UTF-8
_DOUBT = 6.0  # bits between two readings, below which neither is certain
_NO_TEXT = 0.1  # share of unreadable signs above which bytes are no text
_UNLIKELY = 10.0  # bits a letter, above which Latin letters are no words
_SIGNS = 4_000  # bytes beyond ASCII that are judged


@dataclass(frozen=True)
class Reading:
    """What the bytes say in one encoding."""

    encoding: str
    sample: str  # some of the words beyond ASCII
    bits: float  # the fewer, the likelier


def readings(lines: Sequence[bytes], head: bytes) -> list[Reading]:
    """The readings of lines beyond ASCII, the likeliest first, each distinct text once.

    ``head`` has the headings. Empty if no encoding makes a text of the bytes.
    """
    chosen: list[bytes] = []
    signs = 0
    for line in dict.fromkeys(lines):
        if signs < _SIGNS:
            chosen.append(line)
            signs += len(line) - len(line.decode("ascii", "ignore"))
    found: dict[str, Reading] = {}
    languages = dict(LANGUAGES)
    languages["utf-8"] = tuple(name for names in LANGUAGES.values() for name in names)
    for encoding in languages:
        text = "\n".join(decode(line, encoding) for line in chosen)
        everything = words_beyond_ascii(text)
        words = sorted(set(everything))
        if encoding == "utf-8" and "\ufffd" in text:
            continue
        if not words or (encoding != "utf-8" and unreadable(everything) > _NO_TEXT):
            continue
        cost = bits(words, languages[encoding])
        if encoding.startswith(("cp125", "koi8")) and cost > _UNLIKELY * sum(map(len, words)):
            continue
        cost += _UTF8 if encoding == "utf-8" else UNUSUAL.get(encoding, USUAL)
        cost -= _KNOWN_HEADING * _known_headings(decode(head, encoding))
        if text not in found or cost < found[text].bits:
            sample = ", ".join(dict.fromkeys(everything))[:60]
            found[text] = Reading(encoding, sample, cost)
    return sorted(found.values(), key=lambda one: one.bits)


def rivals(found: Sequence[Reading]) -> list[Reading]:
    """Other readings that are nearly as likely as the first."""
    return [one for one in found[1:] if one.bits - found[0].bits < _DOUBT]


def decode(content: bytes, encoding: str) -> str:
    """The text in an encoding of LANGUAGES or ``utf-8``, with � for what is none."""
    return content.decode(CODECS.get(encoding, encoding), "replace")


def _known_headings(text: str) -> int:
    cells = {
        cell.strip('" ') for line in text.split("\n")[:12] for cell in re.split(r"[,;\t|]", line)
    }
    return sum(not cell.isascii() and field_of(cell) is not None for cell in cells)
