"""The ``score`` command: a file of candidate lists in, a file of scores out, in the same order.

Lines are read, scored and written in windows, so memory does not grow with the file. If a line is wrong, nothing is
written. A line may say as of which moment it asks: then nothing counts for it that happened then or later, and lines
between the same two events of the logs share their evidence.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from db.atomic import atomic_file
from db.errors import EngineError, InputError, InputRefused
from db.logs import Logs, Task
from db.messages import Term
from engine.moment import Moment
from engine.recommender import Recommender
from engine.scorer import Scorer
from engine.timeline import Timeline

WINDOW_CELLS = 400_000  # candidates in memory at a time, but at least one line
WINDOW_LINES = 8_192
PIECE = 4_096  # candidates of one line that are scored together
BLOCK_CELLS = 8_192  # candidates of one block, padding included
BLOCK_LINES = 64

Apply = Callable[..., Iterator[Any]]  # map, or that of a pool


@dataclass(frozen=True)
class CandidateList:
    """One line of the file; ids are the shop's own."""

    initiator: str
    item: str | None  # None in Task I
    candidates: list[str]
    moment: Moment | None = None  # None: that of the command


@dataclass(frozen=True)
class Piece:
    """Some candidates of one line, as positions."""

    line: int  # in its window
    start: int  # of its first candidate in the line
    initiator: int
    item: int  # -1 in Task I
    candidates: NDArray[np.int64]
    at: np.datetime64 | None  # the moment of the line, if it has one


class ScoresCandidates(Protocol):
    """A model over the logs of some moment: a ``Recommender`` or ``KnownScores``."""

    def scorer(self, task: Task) -> Scorer:
        """The scorer of a task."""
        ...

    def user_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in the model."""
        ...

    def item_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in the model."""
        ...


class Times:
    """How moments of lines are read, on the clock of a ``zone``, and answered, by a model over ``read``'s logs."""

    def __init__(self, recommender: Recommender, zone: str, read: Callable[[], Logs]) -> None:
        self.zone = zone
        self._recommender, self._read = recommender, read

    @cached_property
    def timeline(self) -> Timeline:
        """The model at any moment; made when the first line has one."""
        return self._recommender.timeline(self._read())


def score_file(
    recommender: Recommender,
    task: Task,
    source: Path,
    target: Path,
    threads: int,
    times: Times,
) -> int:
    """Scores every line of ``source`` into ``target`` and returns the number of lines.

    Raises InputRefused, naming the line, when the source is missing or wrong, and EngineError when the target cannot be
    written; ``target`` is unchanged then.
    """
    lines = 0
    try:
        with (
            _open_source(source) as read,
            ExitStack() as written,
            ThreadPoolExecutor(max_workers=threads) as pool,
        ):
            write = _open_target(written, target)
            for window in _windows(_read_lines(read, task, source, times.zone)):
                for scores in _score_lines(recommender, task, window, pool, times):
                    write.write(_output_line(scores))
                lines += len(window)
    except UnicodeDecodeError as error:
        raise InputRefused(
            "engine.score.not_utf8", path=str(source), reason=error.reason
        ) from error
    except OSError as error:
        raise EngineError(
            "engine.score.not_written", path=str(target), reason=_system(error)
        ) from error
    return lines


def _open_source(source: Path) -> TextIO:
    try:
        return source.open(encoding="utf-8")
    except OSError as error:
        raise InputRefused(
            "engine.score.source_unreadable", path=str(source), reason=_system(error)
        ) from error


def _open_target(written: ExitStack, target: Path) -> BinaryIO:
    """The file of scores, which takes its name when ``written`` closes without an error."""
    if target.is_dir():
        raise InputRefused("engine.score.target_is_folder", path=str(target))
    try:
        return written.enter_context(atomic_file(target))
    except OSError as error:
        raise InputRefused(
            "engine.score.target_refused", path=str(target), reason=_system(error)
        ) from error


def _system(error: OSError) -> Term:
    return Term("system", str(error.strerror), str(error.errno))


def _read_lines(read: TextIO, task: Task, source: Path, zone: str) -> Iterator[CandidateList]:
    for number, text in enumerate(read, 1):
        if text.strip():
            try:
                yield _parse(text, task, zone)
            except (InputRefused, InputError) as error:
                raise InputRefused(
                    "engine.score.bad_line",
                    path=str(source),
                    line=number,
                    problem=error.message,
                    shape=_shape(task),
                ) from error


def _shape(task: Task) -> str:
    item = ' "item": ID,' if task is Task.PARTICIPANTS else ""
    return f'{{"initiator": ID,{item} "candidates": [ID, ...]}}, with "as_of": TIME if it has one'


def _parse(text: str, task: Task, zone: str) -> CandidateList:
    """One line; raises InputRefused or InputError with the problem alone."""
    try:
        entry = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputRefused(
            "engine.score.not_json", reason=error.msg, column=error.pos + 1
        ) from error
    except RecursionError as error:
        raise InputRefused("engine.score.nested_too_deeply") from error
    if not isinstance(entry, dict):
        raise InputRefused("engine.score.not_an_object")
    candidates = entry.get("candidates")
    if not isinstance(candidates, list):
        raise InputRefused("engine.score.candidates_not_a_list")
    return CandidateList(
        _id_in(entry, "initiator"),
        _id_in(entry, "item") if task is Task.PARTICIPANTS else None,
        candidates
        if all(isinstance(id, str) for id in candidates)
        else [_id_text(id, "candidates") for id in candidates],
        _moment_in(entry, zone),
    )


def _moment_in(entry: dict[str, Any], zone: str) -> Moment | None:
    said = entry.get("as_of")
    if said is None:
        return None
    if not isinstance(said, str):
        raise InputRefused("engine.score.as_of_not_text", value=json.dumps(said)[:40])
    return Moment.parse(said, zone)


def _id_in(entry: dict[str, Any], name: str) -> str:
    if name not in entry:
        raise InputRefused("engine.score.entry_missing", name=name)
    return _id_text(entry[name], name)


def _id_text(id: object, name: str) -> str:
    """The id as text: shops write numbers, too."""
    if isinstance(id, str):
        return id
    if isinstance(id, int) and not isinstance(id, bool):
        return str(id)
    raise InputRefused("engine.score.not_an_id", name=name, value=json.dumps(id)[:40])


def _windows(lines: Iterator[CandidateList]) -> Iterator[list[CandidateList]]:
    """Consecutive lines, as many as may be in memory at a time."""
    window: list[CandidateList] = []
    cells = 0
    for line in lines:
        window.append(line)
        cells += len(line.candidates)
        if cells >= WINDOW_CELLS or len(window) >= WINDOW_LINES:
            yield window
            window, cells = [], 0
    if window:
        yield window


def _score_lines(
    recommender: Recommender,
    task: Task,
    window: list[CandidateList],
    pool: ThreadPoolExecutor,
    times: Times,
) -> list[NDArray[np.float32]]:
    """The scores of each line of the window, those of a state of the logs together, a thread a state."""
    if all(line.moment is None for line in window):
        return _score_window(recommender, task, window, pool.map)
    timeline = times.timeline
    places: dict[int | None, list[int]] = {}  # the lines by what was known
    for place, line in enumerate(window):
        state = None if line.moment is None else timeline.state(line.moment)
        places.setdefault(state, []).append(place)

    def score(state: int | None) -> list[NDArray[np.float32]]:
        model = recommender if state is None else timeline.known_at(state)
        lines, exact = (
            [window[place] for place in places[state]],
            state is not None and timeline.exact,
        )
        return _score_window(model, task, lines, map, exact)

    scores: dict[int, NDArray[np.float32]] = {}
    for state, found in zip(places, pool.map(score, places), strict=True):
        scores |= zip(places[state], found, strict=True)
    return [scores[place] for place in range(len(window))]


def _score_window(
    model: ScoresCandidates,
    task: Task,
    window: Sequence[CandidateList],
    apply: Apply,
    exact: bool = False,
) -> list[NDArray[np.float32]]:
    """The scores of each line of the window, its blocks scored through ``apply``; ``exact`` as of its own moment.

    Lines are cut into pieces, and pieces of similar length scored together: short lines share the cost of a call, and
    long ones need no padding.
    """
    scores = [np.empty(len(line.candidates), np.float32) for line in window]
    pieces = chain.from_iterable(
        _pieces(model, task, place, line) for place, line in enumerate(window)
    )
    blocks = list(_blocks(sorted(pieces, key=lambda piece: len(piece.candidates))))
    scorer = model.scorer(task)

    def score(block: Sequence[Piece]) -> NDArray[np.float32]:
        initiators = np.array([piece.initiator for piece in block], np.int64)
        items = np.array([piece.item for piece in block], np.int64)
        longest = len(block[-1].candidates)
        # Short lists are padded with the cold-start row; its scores are discarded.
        candidates = np.full((len(block), longest), scorer.size, np.int64)
        for row, piece in zip(candidates, block, strict=True):
            row[: len(piece.candidates)] = piece.candidates
        at = None
        if exact:
            at = np.array([piece.at for piece in block], "datetime64[s]")
        return scorer.score_pairs(
            initiators, items if task is Task.PARTICIPANTS else None, candidates, at
        )

    for block, rows in zip(blocks, apply(score, blocks), strict=True):
        for piece, row in zip(block, rows, strict=True):
            stop = piece.start + len(piece.candidates)
            scores[piece.line][piece.start : stop] = row[: len(piece.candidates)]
    return scores


def _pieces(
    model: ScoresCandidates, task: Task, place: int, line: CandidateList
) -> Iterator[Piece]:
    positions = (
        model.user_positions(line.candidates)
        if task is Task.PARTICIPANTS
        else model.item_positions(line.candidates)
    )
    initiator = int(model.user_positions([line.initiator])[0])
    item = -1 if line.item is None else int(model.item_positions([line.item])[0])
    at = None if line.moment is None else line.moment.at
    for start in range(0, len(positions), PIECE):
        yield Piece(place, start, initiator, item, positions[start : start + PIECE], at)


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


def _output_line(scores: NDArray[np.float32]) -> bytes:
    rounded = np.round(scores.astype(np.float64), 6).tolist()
    return (json.dumps({"scores": rounded}) + "\n").encode()
