"""The people in one cell: signs between them, numbers of people in place of people, seats of nobody."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from db.importing.assembly.seats import is_nobody, zero_is_a_person

_SIGNS = re.compile(r"\s*[/+&＋＆／]\s*")
_SPACED = re.compile(r"\s[/+&＋＆／]\s")
_SCIENTIFIC = re.compile(r"[0-9.]+E\+[0-9]+", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:共|总共|一共|total:?)?\s*(?P<n>[0-9]{1,4})\s*(?:个?人|位|名|个团员|people|persons?|members?|명|人參團|人参团)",
    re.IGNORECASE,
)
_AND_OTHERS = re.compile(r"(?P<name>\S.*?)\s*等\s*(?P<n>[0-9]{1,4})\s*(?:个?人|位|名)")


@dataclass
class Met:
    """What was met in the cells of a file."""

    numbers: int = 0  # cells with a number of people
    seats: int = 0  # of nobody
    repeated: int = 0  # people who stand twice in a cell
    lists: bool = False  # some cells have several people, separated by commas and the like
    zero_is_person: bool | None = None  # as the first cells show


def people_of(
    cells: Sequence[Sequence[str]],
    initiators: Sequence[str],
    as_given: bool,
    met: Met,
) -> tuple[list[list[str]], list[int]]:
    """[R] the participants of each row, each once, without signs and numbers; and [R] seats of nobody.

    The initiator, whom many lists count among the members, is none. ``as_given``: each participant
    stood alone in the file, so no sign separates people.
    """
    ids = set().union(*cells)
    known = ids | set(initiators)
    met.lists |= any(len(row) > 1 for row in cells)
    if met.zero_is_person is None:
        met.zero_is_person = zero_is_a_person(known)
    inside = any(_SIGNS.search(initiator) for initiator in initiators)
    odd = {id for id in ids if _is_odd(id) and not (met.zero_is_person and id == "0")}
    readings = {
        id: ([id], 0) if as_given and not is_nobody(id) else _reading(id, known, met.lists, inside)
        for id in odd
    }
    readings = {id: reading for id, reading in readings.items() if reading != ([id], 0)}
    people, seats = [list(row) for row in cells], [0] * len(cells)
    for k, row in enumerate(cells):
        if not row:
            continue
        if readings and not readings.keys().isdisjoint(row):
            people[k], seats[k] = _read_row(row, readings, met)
        if initiators[k] in people[k]:
            people[k] = [id for id in people[k] if id != initiators[k]]
        if len(people[k]) > 1 and len(set(people[k])) < len(people[k]):
            met.repeated += len(people[k]) - len(set(people[k]))
            people[k] = list(dict.fromkeys(people[k]))
    return people, seats


Reading = tuple[list[str], int]  # people, and seats beside them


def _read_row(row: Sequence[str], readings: dict[str, Reading], met: Met) -> tuple[list[str], int]:
    people: list[str] = []
    seats = 0
    for id in row:
        found, beside = readings.get(id, ([id], 0))
        people += found
        seats += beside
        if beside and is_nobody(id):
            met.seats += beside
        elif beside:
            met.numbers += 1
    return people, seats


def _is_odd(id: str) -> bool:
    if id.isdecimal():
        return id == "0"  # nearly all ids, and fast
    return not id.isalnum() or id[-1] in "人位名명sSeE" or is_nobody(id)


def _reading(id: str, known: Collection[str], lists: bool, inside: bool) -> Reading:
    """What the text of one participant says; ``inside`` is whether ids here contain signs."""
    if is_nobody(id):
        return [], 1
    if number := _COUNT.fullmatch(id):
        # The initiator is one of them.
        return [], max(int(number["n"]) - 1, 0)
    if others := _AND_OTHERS.fullmatch(id):
        return [others["name"]], max(int(others["n"]) - 1, 0)
    return _separated(id, known, lists, inside), 0


def _separated(id: str, known: Collection[str], lists: bool, inside: bool) -> list[str]:
    """The people of one text: a sign separates them where it cannot be a part of an id or a name."""
    if id.startswith("+") or any(sign in id for sign in "@=:") or _SCIENTIFIC.fullmatch(id):
        return [id]  # a telephone number, a mail address, base64, a number that was cut
    words = id.split()
    if len(words) > 1 and all(word in known for word in words):
        return words
    parts = [part for part in _SIGNS.split(id) if part]
    if len(parts) < 2:
        return [id]
    if all(part in known for part in parts) or (_SPACED.search(id) and not lists):
        return parts
    if inside:
        return [id]
    if all(any(map(str.isdigit, part)) for part in parts):
        return parts
    # Names: where other cells have commas between people, Tom&Jerry is one.
    return [id] if lists else parts
