"""The text of a cell or a heading without what copying and spreadsheets leave in it, by one rule for all.

Copied from web pages, cells bring zero-width signs and no-break spaces; against shortened numbers, back offices
put an apostrophe, a backquote, a tab or ="..." around them.
"""

import re
from collections.abc import Sequence

# Invisible: zero-width space, soft hyphen, marks of direction, word joiner, byte order mark.
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
# Joiners are invisible too, but hold emoji and the letters of some scripts together: only beside these they are noise.
_PLAIN = r"\x00-\u024f\u0400-\u04ff\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_JOINER = rf"(?:(?:^|(?<=[{_PLAIN}]))[\u200c\u200d]+|[\u200c\u200d]+(?=$|[{_PLAIN}]))"
_HIDDEN = re.compile(rf"[{_INVISIBLE}]|{_JOINER}")
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")  # that are no plain space
_NOTABLE = re.compile(
    rf"[{_INVISIBLE}\u200c\u200d\u00a0\u2000-\u200a\u202f\u205f\u3000`'=]|\s(?:\n|$)|(?:^|\n)\s"
)
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
# Behind an apostrophe, what a spreadsheet would take for a number or a formula.
_GUARDED = re.compile(r"'(?=[\d=+@＝＋－＠-]|\w*\d\w*$)")


def clean_cells(cells: Sequence[str]) -> list[str]:
    """[R] the cells as ``clean_cell`` makes them; columns without such signs are fast."""
    together = "\n".join(cells)
    if _NOTABLE.search(together) is None:
        return list(cells)
    return [clean_cell(cell) for cell in cells]


def clean_cell(cell: str) -> str:
    """The cell without hidden signs, with plain spaces, without white space around it.

    ="0012", '0012 and `0012 are 0012; an apostrophe before a word stays.
    """
    text = _HIDDEN.sub("", _SPACES.sub(" ", cell)).strip()
    if not text or text[0] not in "='`":
        return text
    if formula := _FORMULA_TEXT.fullmatch(text):
        return clean_cell(formula.group(1))
    if text[0] == "`":
        return text.strip("`").strip()
    return text[1:] if _GUARDED.match(text) else text


def clean_heading(cell: str) -> str:
    """The heading in one line: a line break between Chinese signs goes, elsewhere it is a space."""
    text = clean_cell(cell)
    if text.isprintable():
        return text
    text = re.sub(r"(?<=[\u2e80-\uffef])\s*[\r\n]+\s*|\s*[\r\n]+\s*(?=[\u2e80-\uffef(])", "", text)
    return re.sub(r"\s+", " ", text)
