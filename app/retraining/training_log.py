"""The log of the trainings: the lines of one of them, read from the end of the worker's output."""

import re
from pathlib import Path

TAIL = 128 * 1024  # bytes from the end that are looked through
LINES = 200
LARGEST = 4 * 1024 * 1024  # beyond it a new file is begun
OWN = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d training (\d+): ")


def lines_of(path: Path, number: int) -> list[str]:
    """The last lines that the worker wrote about training ``number``, and what followed each, such as a trace."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    found, ours = [], False
    for line in text.splitlines():
        begins = OWN.match(line)
        if begins is not None:
            ours = int(begins[1]) == number
        if ours:
            found.append(line.replace(f" training {number}:", "", 1))
    return found[-LINES:]


def turn_over(path: Path) -> None:
    """Begins a new file where this one has grown large; the one before is kept beside it."""
    try:
        if path.stat().st_size > LARGEST:
            path.replace(path.with_suffix(".before.log"))
    except OSError:
        return  # not there yet, or held open by a worker on Windows: it grows a while longer
