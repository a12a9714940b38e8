"""Ids as spreadsheets leave them: 123.0, 1.0E+05, ="0012", '0012, and several in one cell."""

import json
import re
from collections.abc import Sequence

_SEPARATORS = re.compile(r"[,;|，；、｜\t\r\n]")
_WHOLE = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E(\+?)([0-9]{1,2})", re.IGNORECASE)
_AS_TEXT = re.compile(r'="([^"]*)"')
# Spreadsheets show numbers of so many digits in scientific notation, with the last digits cut.
_CUT_FROM = 11


def tidy_ids(cells: Sequence[str]) -> list[str]:
    """[R] the ids with what a spreadsheet made of them undone, where that is certain.

    123.0 becomes 123, 1.0E+05 becomes 100000, ="0012" and '0012 become 0012. A long number whose
    last digits are gone (``is_cut``) stays as it is.
    """
    together = "\n".join(cells)
    if not any(sign in together for sign in ".'=+"):
        return list(cells)  # nearly always, and fast
    return [_tidy(cell) for cell in cells]


def is_cut(id: str) -> bool:
    """Whether the id is a long number in scientific notation that has lost its last digits."""
    found = _SCIENTIFIC.fullmatch(id)
    return found is not None and _is_number(found) and not _is_exact(found)


def split_participants(cell: str) -> list[str]:
    """The ids in one cell: a JSON list, or ids between , ; | 、 and their like, or spaces.

    Beside other separators, spaces separate only where each part holds a digit: names have spaces.
    """
    if cell.startswith("["):
        ids = _json_list(cell)
        if ids is not None:
            return ids
    parts = [part for part in map(str.strip, _SEPARATORS.split(cell)) if part]
    if len(parts) == 1:
        return parts[0].split()
    if any(" " in part or "\u3000" in part for part in parts):
        words = [word for part in parts for word in part.split()]
        return words if all(any(map(str.isdigit, word)) for word in words) else parts
    return parts


def _json_list(cell: str) -> list[str] | None:
    try:
        ids = json.loads(cell)
    except ValueError:
        return None
    if isinstance(ids, list) and all(isinstance(id, str | int) for id in ids):
        return [str(id).strip() for id in ids]
    return None


def _tidy(cell: str) -> str:
    if quoted := _AS_TEXT.fullmatch(cell):
        return quoted.group(1).strip()
    if cell.startswith("'") and cell[1:].isdecimal():
        return cell[1:]
    if whole := _WHOLE.fullmatch(cell):
        return whole.group(1)
    found = _SCIENTIFIC.fullmatch(cell)
    if found is None or not _is_number(found) or not _is_exact(found):
        return cell
    decimals, exponent = found.group(2) or "", int(found.group(4))
    digits = found.group(1) + decimals.rstrip("0").ljust(exponent, "0")
    whole_digits = len(decimals.rstrip("0")) <= exponent
    return digits if whole_digits else cell


def _is_number(found: re.Match[str]) -> bool:
    """5E12 may be an article's code; a point or a plus makes it a number."""
    return found.group(2) is not None or found.group(3) == "+"


def _is_exact(found: re.Match[str]) -> bool:
    """Whether all digits of the number are there."""
    exponent = int(found.group(4))
    return exponent < _CUT_FROM or len(found.group(2) or "") >= exponent
