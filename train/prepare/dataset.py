"""What is counted before anything is learned: examples with their evidence, and the worlds that describe them.

Counting and learning stand apart, so that several networks can learn from the same examples. A large shop is counted
by several processes: first the taste vectors of all worlds, which take longest and wait for nothing, then the folds.


RowBuffer for rows that come part by part, laid out once: joining the parts in the end would hold everything twice.
"""

import functools
from collections.abc import Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.evidence.role_vectors import ViewTables
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.examples import Examples, describe, triples
from train.prepare.features import list_evidence
from train.prepare.pool import Run, workers, worth_sharing
from train.prepare.snapshot import Snapshot, TasteVectors, snapshot_taste_vectors, take_snapshot
from train.prepare.splits import Split
from train.progress import ProgressCallback, TrainingProgress


class RowBuffer:
    """Arrays of at most ``most`` rows, each filled from the top; what stays empty takes no memory."""

    def __init__(self, most: int) -> None:
        self.most, self.rows = most, 0
        self.arrays: dict[str, NDArray[Any]] = {}

    def add(self, part: Mapping[str, NDArray[Any]]) -> None:
        """Puts the rows of a part below those that are there. All parts have the same names, each of as many rows."""
        (count,) = {len(array) for array in part.values()}
        below = slice(self.rows, self.rows + count)
        for name, array in part.items():
            if name not in self.arrays:
                self.arrays[name] = np.empty((self.most, *array.shape[1:]), array.dtype)
            self.arrays[name][below] = array
        self.rows += count

    def filled(self) -> dict[str, NDArray[Any]]:
        """The rows that are there, by name."""
        return {name: array[: self.rows] for name, array in self.arrays.items()}


# Where a training stands when counting begins, when the vectors are there, and when all is counted.
BEGUN, FOUND, COUNTED = 0.01, 0.17, 0.25


@dataclass(frozen=True)
class Dataset:
    """Examples, and the world that validation sees: all groups but its own.

    ``tables`` are those of all folds and, last, of the ``seen`` world, stacked along a world axis in front.
    ``facts`` is the evidence of the validation ``lists`` in that world, and ``all_vectors`` the taste vectors of the
    world of all groups, where it was asked for.
    """

    examples: Examples
    tables: ViewTables | None
    seen: Snapshot
    lists: dict[Task, CandidateLists]
    facts: dict[Task, NDArray[np.float32]]
    all_vectors: TasteVectors | None = None


@dataclass(frozen=True)
class Wanted:
    """What there is to count."""

    logs: Logs
    config: ModelSettings
    parts: Split
    lists: dict[Task, CandidateLists]
    seed: int
    serving: bool
    watch: ProgressCallback


def build_dataset(
    logs: Logs,
    config: ModelSettings,
    parts: Split,
    lists: dict[Task, CandidateLists],
    seed: int,
    watch: ProgressCallback,
    serving: bool = False,
) -> Dataset:
    """Counts the evidence of all examples and of the validation ``lists``; ``serving`` asks for ``all_vectors`` too."""
    wanted = Wanted(logs, config, parts, lists, seed, serving, watch)
    watch(TrainingProgress("evidence", "Reading the past groups", BEGUN))
    if worth_sharing(len(parts.training)):
        try:
            with workers() as run:
                return _counted(wanted, run)
        except BrokenProcessPool:
            message = "A helper was killed, as when memory runs out; counting alone"
            watch(TrainingProgress("evidence", message, BEGUN))
    return _counted(wanted, map)


def _counted(wanted: Wanted, run: Run) -> Dataset:
    logs, config, parts = wanted.logs, wanted.config, wanted.parts
    folds = [parts.seen(logs, fold if config.folds > 1 else None) for fold in range(config.folds)]
    worlds = [parts.seen(logs), *([None] if wanted.serving else []), *folds]
    vectors = _found(
        wanted, run(functools.partial(snapshot_taste_vectors, logs, config), worlds), len(worlds)
    )
    seen = take_snapshot(logs, config, worlds[0], None, next(vectors))
    every = next(vectors) if wanted.serving else None
    facts = {name: list_evidence(drawn, seen, config) for name, drawn in wanted.lists.items()}
    work = functools.partial(_fold, logs, config, parts, seen.item_vectors, wanted.seed)
    examples, tables = RowBuffer(len(parts.training)), RowBuffer(config.folds + 1)
    for place, (described, table) in enumerate(run(work, range(config.folds), folds, vectors), 1):
        examples.add(vars(described))
        _stack(tables, table)
        message = f"Counting evidence, part {place} of {config.folds}"
        share = place / config.folds
        wanted.watch(TrainingProgress("evidence", message, FOUND + (COUNTED - FOUND) * share))
    _stack(tables, seen.tables)
    return Dataset(
        Examples(**examples.filled()),
        ViewTables(**tables.filled()) if seen.tables else None,
        seen,
        wanted.lists,
        facts,
        every,
    )


def _stack(room: RowBuffer, tables: ViewTables | None) -> None:
    if tables is not None:
        room.add({name: table[None] for name, table in vars(tables).items()})


def _found(
    wanted: Wanted, vectors: Iterator[TasteVectors | None], count: int
) -> Iterator[TasteVectors | None]:
    """The vectors of each world as they are found, said aloud."""
    for place, found in enumerate(vectors, 1):
        message = f"Finding what goes together, part {place} of {count}"
        wanted.watch(TrainingProgress("evidence", message, BEGUN + (FOUND - BEGUN) * place / count))
        yield found


def _fold(
    logs: Logs,
    config: ModelSettings,
    parts: Split,
    agreed: NDArray[np.float32] | None,
    seed: int,
    fold: int,
    groups: NDArray[np.bool_],
    vectors: TasteVectors | None,
) -> tuple[Examples, ViewTables | None]:
    """The examples of one fold, described by the other folds' ``groups``, and the tables of these.

    Its item vectors are turned to agree with the ``agreed`` ones [I+1, d].
    """
    seen = take_snapshot(logs, config, groups, agreed, vectors)
    labels = parts.training[parts.fold == fold]
    drawn = triples(logs, labels, config.negatives, seed + fold, seen.graphs)
    return describe(drawn, seen, config, fold), seen.tables
