"""The ``score`` command: a file of candidate lists in, a file of scores out, in the same order.

Streams: only some lines are in memory at a time. Nothing is left behind where a line is wrong.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np
from numpy.typing import NDArray

from db.atomic import atomic_file
from db.errors import EngineError, InputRefused
from engine.recommender import Recommender
from engine.scorer import PARTICIPANTS

WINDOW_CELLS = 400_000  # candidates in memory at a time, and at least a line
WINDOW_LINES = 8_192
PIECE = 4_096  # candidates of one line that are scored together
BLOCK_CELLS = 8_192  # candidates of one block, padding included
BLOCK_LINES = 64


@dataclass(frozen=True)
class Line:
    """One list to score; ids are the shop's own."""

    number: int  # in the file, from 1
    initiator: str
    item: str | None  # None in Task I
    candidates: list[str]


@dataclass(frozen=True)
class Piece:
    """Some candidates of one line, as positions."""

    line: int  # in its window
    start: int  # of its first candidate in the line
    initiator: int
    item: int  # -1 in Task I
    candidates: NDArray[np.int64]


def score_file(
    recommender: Recommender, task: str, source: Path, target: Path, threads: int
) -> int:
    """Score every line of ``source`` into ``target`` and return how many there were.

    Raises InputRefused, naming the line, where the source is missing or wrong: then ``target`` is
    as it was.
    """
    lines = 0
    try:
        with (
            _opened(source) as read,
            ExitStack() as written,
            ThreadPoolExecutor(max_workers=threads) as pool,
        ):
            write = _created(written, target)
            for window in _windows(_lines(read, task, source)):
                for scores in _scored(recommender, task, window, pool):
                    write.write(_answer(scores).encode())
                lines += len(window)
    except UnicodeDecodeError as error:
        raise InputRefused(f"{source} is no text in UTF-8: {error.reason}.") from error
    except OSError as error:
        raise EngineError(
            f"{target} cannot be written: {error.strerror}. Free some space or name another file."
        ) from error
    return lines


def _opened(source: Path) -> TextIO:
    try:
        return source.open(encoding="utf-8")
    except OSError as error:
        raise InputRefused(f"{source} cannot be read: {error.strerror}.") from error


def _created(written: ExitStack, target: Path) -> BinaryIO:
    """The file of scores, which appears when ``written`` is closed without an error."""
    if target.is_dir():
        raise InputRefused(f"{target} is a folder. Name a file in it.")
    try:
        return written.enter_context(atomic_file(target))
    except OSError as error:
        raise InputRefused(f"{target} cannot be written: {error.strerror}.") from error


def _lines(read: TextIO, task: str, source: Path) -> Iterator[Line]:
    for number, text in enumerate(read, 1):
        if text.strip():
            try:
                yield _parsed(number, text, task)
            except ValueError as error:
                raise InputRefused(
                    f"{source}, line {number}: {error}. Each line is an object "
                    f"{_shape(task)}; nothing was written."
                ) from error


def _shape(task: str) -> str:
    item = ' "item": ID,' if task == PARTICIPANTS else ""
    return f'{{"initiator": ID,{item} "candidates": [ID, ...]}}'


def _parsed(number: int, text: str, task: str) -> Line:
    try:
        entry = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON ({error.msg} at character {error.pos + 1})") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    candidates = entry.get("candidates")
    if not isinstance(candidates, list):
        raise ValueError('"candidates" is no list of ids')
    return Line(
        number,
        _id(entry, "initiator"),
        _id(entry, "item") if task == PARTICIPANTS else None,
        candidates
        if all(isinstance(id, str) for id in candidates)
        else [_text(id, "candidates") for id in candidates],
    )


def _id(entry: dict[str, Any], name: str) -> str:
    if name not in entry:
        raise ValueError(f'it lacks "{name}"')
    return _text(entry[name], name)


def _text(id: object, name: str) -> str:
    """The id as text: shops write numbers, too."""
    if isinstance(id, str):
        return id
    if isinstance(id, int) and not isinstance(id, bool):
        return str(id)
    raise ValueError(f'"{name}" holds {json.dumps(id)[:40]}, which is no id')


def _windows(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Neighbouring lines, as many as may be in memory at a time."""
    window: list[Line] = []
    cells = 0
    for line in lines:
        window.append(line)
        cells += len(line.candidates)
        if cells >= WINDOW_CELLS or len(window) >= WINDOW_LINES:
            yield window
            window, cells = [], 0
    if window:
        yield window


def _scored(
    recommender: Recommender, task: str, window: list[Line], pool: ThreadPoolExecutor
) -> list[NDArray[np.float32]]:
    """The scores of each line of the window."""
    found = [np.empty(len(line.candidates), np.float32) for line in window]
    pieces = chain.from_iterable(
        _pieces(recommender, task, place, line) for place, line in enumerate(window)
    )
    blocks = list(_blocks(sorted(pieces, key=lambda piece: len(piece.candidates))))
    scorer = recommender.scorer(task)

    def score(block: Sequence[Piece]) -> NDArray[np.float32]:
        initiators = np.array([piece.initiator for piece in block], np.int64)
        items = np.array([piece.item for piece in block], np.int64)
        widest = len(block[-1].candidates)
        # Nobody fills short lists up; what she scores there is thrown away.
        candidates = np.full((len(block), widest), scorer.known, np.int64)
        for row, piece in zip(candidates, block, strict=True):
            row[: len(piece.candidates)] = piece.candidates
        return scorer.pairs(initiators, items if task == PARTICIPANTS else None, candidates)

    for block, scores in zip(blocks, pool.map(score, blocks), strict=True):
        for piece, row in zip(block, scores, strict=True):
            stop = piece.start + len(piece.candidates)
            found[piece.line][piece.start : stop] = row[: len(piece.candidates)]
    return found


def _pieces(recommender: Recommender, task: str, place: int, line: Line) -> Iterator[Piece]:
    positions = (
        recommender.user_positions(line.candidates)
        if task == PARTICIPANTS
        else recommender.item_positions(line.candidates)
    )
    initiator = int(recommender.user_positions([line.initiator])[0])
    item = -1 if line.item is None else int(recommender.item_positions([line.item])[0])
    for start in range(0, len(positions), PIECE):
        yield Piece(place, start, initiator, item, positions[start : start + PIECE])


def _blocks(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Pieces of similar length, ascending, in blocks of bounded size."""
    start = 0
    for stop in range(1, len(pieces) + 1):
        grown = stop + 1 - start
        if (
            stop == len(pieces)
            or grown > BLOCK_LINES
            or grown * len(pieces[stop].candidates) > BLOCK_CELLS
        ):
            yield pieces[start:stop]
            start = stop


def _answer(scores: NDArray[np.float32]) -> str:
    return json.dumps({"scores": np.round(scores.astype(np.float64), 6).tolist()}) + "\n"
