"""Ids as spreadsheets leave them (123.0, 1.0E+05, ="0012", '0012), and several ids in one cell."""

import re
from collections.abc import Sequence

from db.importing.readers.json_depth import load_json

SEPARATORS = re.compile(r"[,;|，；、｜\t\r\n]")
_WHOLE = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E(\+?)([0-9]{1,2})", re.IGNORECASE)
_AS_TEXT = re.compile(r'="([^"]*)"')
# From this exponent on, a spreadsheet's scientific notation drops digits.
_CUT_FROM = 11


def tidy_ids(cells: Sequence[str]) -> list[str]:
    """[R] the ids, with a spreadsheet's changes reverted where the original is certain.

    123.0 becomes 123, 1.0E+05 becomes 100000, ="0012" and '0012 become 0012. A long number that has
    lost its last digits (``has_lost_digits``) stays as it is.
    """
    together = "\n".join(cells)
    if not any(char in together for char in ".'=+"):
        return list(cells)  # the common case, and fast
    return [_tidy(cell) for cell in cells]


def has_lost_digits(id: str) -> bool:
    """Whether the id is a long number in scientific notation that lacks its last digits."""
    found = _SCIENTIFIC.fullmatch(id)
    return found is not None and _is_number(found) and not _is_exact(found)


def split_participants(cell: str) -> list[str]:
    """The ids in one cell: a JSON list, or ids separated by , ; | 、 and the like, or by spaces.

    Spaces separate only if each part has a digit: names contain spaces. What slashes and the like
    separate is decided where the rest of the file is known (``db.importing.assembly.people``).
    """
    if cell.startswith("["):
        ids = _json_list(cell)
        if ids is not None:
            return ids
    parts = [part for part in map(str.strip, SEPARATORS.split(cell)) if part]
    if any(" " in part or "\u3000" in part for part in parts):
        words = [word for part in parts for word in part.split()]
        return words if all(any(map(str.isdigit, word)) for word in words) else parts
    return parts


def are_lists(cells: Sequence[str]) -> bool:
    """Whether cells of participants are JSON lists, as the first that is not empty shows."""
    first = next(filter(None, cells), "")
    return first.startswith("[") and _json_list(first) is not None


def _json_list(cell: str) -> list[str] | None:
    try:
        ids = load_json(cell)
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
    is_whole = len(decimals.rstrip("0")) <= exponent
    return digits if is_whole else cell


def _is_number(found: re.Match[str]) -> bool:
    """5E12 may be the code of an item; a decimal point or a plus sign makes it a number."""
    return found.group(2) is not None or found.group(3) == "+"


def _is_exact(found: re.Match[str]) -> bool:
    """Whether the notation has all digits of the number."""
    exponent = int(found.group(4))
    return exponent < _CUT_FROM or len(found.group(2) or "") >= exponent
