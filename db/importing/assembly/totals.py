"""Rows that are no rows of the log: totals below a list, and headings that were pasted in between."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.importing.column_mapping import ColumnMapping
from db.importing.readers.chunk import Chunk

_TOTAL = re.compile(
    r"(本页|本頁|全部|当页)?(合计|总计|小计|总和|总数|汇总|累计|共计|合計|總計|小計|総計|總和|総数|합계|총계|총합|소계|"
    r"grand\s*totals?|sub-?\s*totals?|totals?|sum|summary|count|平均|平均值|average)"
    r"\s*([:：(（]?\s*[¥￥$]?\s*[\d,.]+\s*\S{0,3})?|共\s*\d+\s*\S{0,4}|총\s*\d+\s*\S{0,2}|[:：]+",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[¥￥$]?\s*-?[\d,.]+\s*(%|元|人|单|件|个|份|笔|团)?")
_BEGINNINGS = ("gra", "sub", "tot", "sum", "cou", "ave")
_IDS = ("group", "record", "order", "initiator", "user", "item")
_FACTS = ("launched_at", "ordered_at", "expires_at", "status", "order_state", "role")
_LOOKED_AT = 200  # rows of a chunk whose whole text is read


def is_total(cell: str) -> bool:
    """Whether the cell says that its row has totals: 合计, Grand Total, 小计：3, 共3单."""
    return _TOTAL.fullmatch(cell.strip(" :：")) is not None


def _may_be_total(cell: str) -> bool:
    """A quick look at the beginning of a cell."""
    if cell[:1].isascii():
        return cell[:3].lower() in _BEGINNINGS
    return True


def other_rows(chunk: Chunk, mapping: ColumnMapping) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows [R] are totals, and which repeat the headings.

    A row of totals has a word for it and nothing else but figures: no time, no state and no id.
    """
    count = len(chunk.lines)
    columns = {name: chunk.columns[name] for name in _IDS if name in chunk.columns}
    totals = np.zeros(count, bool)
    for name, cells in columns.items():
        if name == "item":
            continue  # goods may be called Total
        words = {cell for cell in set(cells) if _may_be_total(cell) and is_total(cell)}
        if words:
            totals |= np.fromiter((cell in words for cell in cells), bool, count)
    bare = np.flatnonzero(~totals)[-2:].tolist() + _without_ids(columns, count)
    for row in dict.fromkeys(bare[:_LOOKED_AT]):
        first = next(filter(None, (cell.strip(' "') for cell in _cells(chunk.row_text(row)))), "")
        totals[row] |= is_total(first)
    for row in np.flatnonzero(totals).tolist():
        totals[row] = _has_figures_alone(chunk, columns, row)
    return totals, _headings(chunk, mapping, columns)


def _without_ids(columns: dict[str, list[str]], count: int) -> list[int]:
    """Rows that lack a cell which a group needs: a total's word may stand in another column."""
    needed = [columns[name] for name in ("group", "initiator", "user") if name in columns]
    needed = [cells for cells in needed if "" in cells]
    return [k for k in range(count) if not all(cells[k] for cells in needed)] if needed else []


def _cells(text: str) -> Sequence[str]:
    return re.split(r"[,;|\t]", text)


def _has_figures_alone(chunk: Chunk, columns: dict[str, list[str]], row: int) -> bool:
    ids = (cells[row] for cells in columns.values())
    facts = (chunk.columns[name][row] for name in _FACTS if name in chunk.columns)
    plain = all(not id or is_total(id) or _FIGURE.fullmatch(id) for id in ids)
    return plain and all(not fact or is_total(fact) or _FIGURE.fullmatch(fact) for fact in facts)


def _headings(
    chunk: Chunk, mapping: ColumnMapping, columns: dict[str, list[str]]
) -> NDArray[np.bool_]:
    repeated = np.ones(len(chunk.lines), bool)
    for name, cells in columns.items():
        heading = mapping.heading(name)
        if heading not in cells:
            return np.zeros(len(chunk.lines), bool)
        repeated &= np.fromiter((cell == heading for cell in cells), bool, len(cells))
    return repeated & (len(columns) > 1)
