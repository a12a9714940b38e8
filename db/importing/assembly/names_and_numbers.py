"""Cells that hold a name and a number: "暖阳 / 501", "竹纤维毛巾(7)", "501-暖阳".

The number is the id, where every cell of the column has the form and no number has two names. So do
objects, {"id": 501, "name": "暖阳"}.
"""

import re
from collections.abc import Collection, Iterable

from db.importing.assembly.seats import is_nobody
from db.importing.column_mapping import field_of
from db.importing.readers.json_depth import load_json

_NUMBER = r"(?P<id>[0-9]+)"
_TAGGED = rf"(?:id|uid|编号|編號|no\.?)?\s*[:：#]?\s*{_NUMBER}"
_FORMS: dict[str, re.Pattern[str]] = {
    "slash": re.compile(rf"(?P<name>.*\S)\s+[/|]\s+{_TAGGED}", re.IGNORECASE),
    "number_slash": re.compile(rf"{_NUMBER}\s+[/|]\s+(?P<name>\S.*)"),
    "brackets": re.compile(
        rf"(?P<name>.*\S)\s*[(\[（【〔<]{_TAGGED}\s*[)\]）】〕>]", re.IGNORECASE
    ),
    "number_brackets": re.compile(
        rf"[(\[（【〔]{_TAGGED}\s*[)\]）】〕]\s*(?P<name>\S.*)", re.IGNORECASE
    ),
    "dash": re.compile(rf"{_NUMBER}\s*[-_:：|#—]\s*(?P<name>[^\d\s].*)"),
}
# Without blanks around it a slash is a part of many titles, of few names.
_PEOPLE_FORMS = {"tight_slash": re.compile(rf"(?P<name>[^/\d][^/]*)/{_NUMBER}")}


_ID_FIELDS = ("record", "user", "initiator", "item")
_NAME_FIELDS = ("user_name", "initiator_name", "item_name")


def split_names(cells: Collection[str], people: bool) -> dict[str, tuple[str, str]]:
    """Cell -> (id, name) of distinct cells of a column; empty if they are not all of one form.

    Seats of nobody need no form.
    """
    if any(cell.startswith("{") for cell in cells):
        return _objects(cells)
    for form, pattern in (_FORMS | _PEOPLE_FORMS if people else _FORMS).items():
        found = _all_of(form, pattern, cells)
        if found:
            return found
    return {}


def _objects(cells: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of cells that are JSON objects, as an API writes a buyer or an item; empty if one is not."""
    found: dict[str, tuple[str, str]] = {}
    for cell in filter(None, cells):
        try:
            value = load_json(cell)
        except ValueError:
            return {}
        if not isinstance(value, dict):
            return {}
        kinds = {field_of(str(key)): text for key, text in value.items() if text is not None}
        id = next((kinds[kind] for kind in _ID_FIELDS if kind in kinds), None)
        name = next((kinds[kind] for kind in _NAME_FIELDS if kind in kinds), "")
        if not isinstance(id, str | int) or not isinstance(name, str):
            return {}
        found[cell] = (str(id), name)
    return found


def _all_of(
    form: str, pattern: re.Pattern[str], cells: Iterable[str]
) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    names: dict[str, str] = {}
    for cell in cells:
        match = pattern.fullmatch(cell)
        if match is None:
            if not cell or is_nobody(cell):
                continue
            return {}
        id, name = match.group("id"), match.group("name").strip()
        if not name or names.setdefault(id, name) != name:
            return {}
        found[cell] = (id, name)
    # 88-A12 is the code of an item, 501-暖阳 a number and a name.
    if form == "dash" and all(name.isascii() and " " not in name for name in names.values()):
        return {}
    return found
