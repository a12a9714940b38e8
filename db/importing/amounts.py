"""Reads amounts of money, with the decimal sign of their column: 1,299.00 and 1.299,00, ¥19.9起, 19.9/件, 19.9-29.9."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.importing.answers import COMMA, POINT

_NUMBER = r"(?:\d+(?:\.\d+)?e[+-]?\d{1,2}|\d[\d.,'’\s]*)"
# A sign of money before or behind; behind it also "from" and "apiece".
_AMOUNT = re.compile(
    r"(?P<minus>-)?\s*(?P<before>[^\d\s.,+-][^\d+-]{0,9}?|)\s*(?P<minus2>-)?\s*"
    rf"(?P<number>{_NUMBER}|[.,]\d+)"
    rf"(?:\s*(?:-|~|–|—|至|到|to)\s*[^\d]{{0,4}}(?P<upper>{_NUMBER}))?"
    r"(?P<behind>[^\d.,-][^\d]{0,14})?"
)
_MULTIPLE = re.compile(r"\s*(?:[万千亿萬億%％折]|k(?![a-z]))")  # 1.2万, 8.5折
_NO_AMOUNT = (float("nan"), False)
_FREE = frozenset(["免费", "free", "무료", "無料", "免費"])


@dataclass(frozen=True)
class Amounts:
    """R amounts; nan where the cell is empty or cannot be read."""

    values: NDArray[np.float64]  # [R]
    unread: NDArray[np.bool_]  # [R]
    ranges: int  # cells that give a range, of which the lower end is taken


def read_amounts(cells: Sequence[str], decimals: str) -> Amounts:
    """The amounts of cells whose decimal sign is POINT or COMMA; ``""``: as each cell shows by itself."""
    meaning = {cell: _amount(cell, decimals) for cell in set(cells)}
    pairs = [meaning[cell] for cell in cells]
    values = np.array([value for value, _ in pairs], float)
    filled = np.fromiter(map(bool, cells), bool, len(cells))
    ranges = sum(is_range for _, is_range in pairs)
    return Amounts(values, filled & np.isnan(values), ranges)


def decimal_signs(cells: Iterable[str]) -> tuple[set[str], list[str]]:
    """The decimal signs that the cells give away, and the cells that may be read either way."""
    signs, open_cells = set(), []
    for cell in cells:
        found = _AMOUNT.fullmatch(_folded(cell))
        if found is None:
            continue
        sign = _sign(_compact(found.group("number")))
        if sign is None:
            open_cells.append(cell)
        elif sign:
            signs.add(sign)
    return signs, open_cells


def _amount(cell: str, decimals: str) -> tuple[float, bool]:
    """The amount, nan if there is none, and whether the cell gives a range."""
    text = _folded(cell)
    if text in _FREE:
        return 0.0, False
    found = _AMOUNT.fullmatch(text)
    if found is None or found.group("minus") or found.group("minus2"):
        return _NO_AMOUNT
    if _MULTIPLE.match(found.group("behind") or ""):
        return _NO_AMOUNT
    number = _compact(found.group("number"))
    if "e" in number:
        return float(number), bool(found.group("upper"))
    own = _sign(number)
    if own and decimals and own != decimals:
        return _NO_AMOUNT  # 19,90 in a column of 19.90
    sign = decimals if own is None else own
    if own is None and not sign:
        return _NO_AMOUNT
    plain = number.replace(".", "").replace(",", ".") if sign == COMMA else number.replace(",", "")
    try:
        return float(plain), bool(found.group("upper"))
    except ValueError:
        return _NO_AMOUNT


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().lower()


def _compact(number: str) -> str:
    return re.sub(r"[\s'’]", "", number)


def _sign(number: str) -> str | None:
    """POINT, COMMA, "" where the number has no such sign, None where it may be either."""
    points, commas = number.count("."), number.count(",")
    if not points and not commas:
        return ""
    if points and commas:
        return POINT if number.rfind(".") > number.rfind(",") else COMMA
    mark = "." if points else ","
    parts = number.split(mark)
    grouped = 1 <= len(parts[0]) <= 3 and parts[0] != "0" and all(len(p) == 3 for p in parts[1:])
    if len(parts) > 2:
        return (COMMA if points else POINT) if grouped else POINT if points else COMMA
    if grouped:
        return None
    return POINT if points else COMMA
