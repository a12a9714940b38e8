"""The dataset of a training: examples with their evidence, and the snapshots that describe them.

Preparing and learning are separate, so that several networks can learn from the same dataset. A large shop is prepared
by several processes: first the taste vectors of all snapshots, which take longest and depend on nothing, then the
folds.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.evidence.role_vectors import ViewTables
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split
from train.prepare.examples import Examples, add_evidence, triples
from train.prepare.pool import Map, process_map, worth_sharing
from train.prepare.snapshot import (
    Snapshot,
    TasteVectors,
    list_evidence,
    snapshot_taste_vectors,
    take_snapshot,
)
from train.progress import TrainingProgress
from train.random_keys import Purpose, generator
from train.training_run import TrainingRun

# The share of a whole training that is done when preparation starts, has the taste vectors, and ends.
STARTED, VECTORS_FOUND, PREPARED = 0.01, 0.17, 0.25


@dataclass(frozen=True)
class Dataset:
    """What a network learns from and is validated on.

    ``split`` says which groups are which. ``seen`` is the snapshot of all groups but those of validation, and
    ``evidence`` that of the validation ``lists`` in it. ``tables`` are the views of every fold's snapshot and, last, of
    ``seen``, stacked along a first axis; None where the views are learned. ``all_vectors`` are the taste vectors of all
    groups, where they were asked for.
    """

    split: Split
    examples: Examples
    tables: ViewTables | None
    seen: Snapshot
    lists: dict[Task, CandidateLists]
    evidence: dict[Task, NDArray[np.float32]]
    all_vectors: TasteVectors | None = None


def build_dataset(
    logs: Logs,
    split: Split,
    lists: dict[Task, CandidateLists],
    run: TrainingRun,
    for_serving: bool = False,
) -> Dataset:
    """Prepares the examples of the training groups and the evidence of the validation ``lists``.

    ``for_serving`` asks for ``all_vectors`` too.
    """
    run.report(TrainingProgress("evidence", "Reading past groups", STARTED))
    build = functools.partial(_build, logs, split, lists, run, for_serving)
    if worth_sharing(len(split.training)):
        try:
            with process_map() as shared:
                return build(shared)
        except BrokenProcessPool:
            message = "A worker process was killed, perhaps out of memory; continuing with one"
            run.report(TrainingProgress("evidence", message, STARTED))
    return build(map)


def _build(
    logs: Logs,
    split: Split,
    lists: dict[Task, CandidateLists],
    run: TrainingRun,
    for_serving: bool,
    map_: Map,
) -> Dataset:
    settings, folds = run.settings, run.settings.folds
    out_of_fold = [split.visible_groups(logs, fold if folds > 1 else None) for fold in range(folds)]
    groups = [split.visible_groups(logs), *([None] if for_serving else []), *out_of_fold]
    found = map_(functools.partial(snapshot_taste_vectors, logs, settings), groups)
    vectors = _reported(found, run, len(groups))
    seen = take_snapshot(logs, settings, groups[0], None, next(vectors))
    all_vectors = next(vectors) if for_serving else None
    evidence = {task: list_evidence(drawn, seen, settings) for task, drawn in lists.items()}
    fold_of = functools.partial(
        _fold, FoldInputs(logs, split, settings, run.seed, seen.item_vectors)
    )
    examples, tables = RowBuffer(len(split.training)), RowBuffer(folds + 1)
    described = map_(fold_of, range(folds), out_of_fold, vectors)
    for done, (fold_examples, fold_tables) in enumerate(described, 1):
        examples.add(vars(fold_examples))
        _stack(tables, fold_tables)
        message = f"Computing evidence, part {done} of {folds}"
        share = VECTORS_FOUND + (PREPARED - VECTORS_FOUND) * done / folds
        run.report(TrainingProgress("evidence", message, share))
    _stack(tables, seen.tables)
    return Dataset(
        split,
        Examples(**examples.filled()),
        ViewTables(**tables.filled()) if seen.tables else None,
        seen,
        lists,
        evidence,
        all_vectors,
    )


def _reported(
    vectors: Iterator[TasteVectors | None], run: TrainingRun, count: int
) -> Iterator[TasteVectors | None]:
    """The vectors of each snapshot as they are found, with progress reports."""
    for done, found in enumerate(vectors, 1):
        message = f"Finding taste vectors, part {done} of {count}"
        share = STARTED + (VECTORS_FOUND - STARTED) * done / count
        run.report(TrainingProgress("evidence", message, share))
        yield found


@dataclass(frozen=True)
class FoldInputs:
    """What all folds have in common; ``target`` [I+1, d] are the item vectors that theirs are rotated towards."""

    logs: Logs
    split: Split
    settings: ModelSettings
    seed: int
    target: NDArray[np.float32] | None


def _fold(
    inputs: FoldInputs,
    fold: int,
    groups: NDArray[np.bool_],
    vectors: TasteVectors | None,
) -> tuple[Examples, ViewTables | None]:
    """The examples of one fold, described by the ``groups`` [G] of the other folds, and the views of these."""
    settings = inputs.settings
    snapshot = take_snapshot(inputs.logs, settings, groups, inputs.target, vectors)
    labels = inputs.split.training[inputs.split.fold == fold]
    drawn = triples(
        inputs.logs,
        labels,
        settings.negatives,
        generator(Purpose.EXAMPLES, inputs.seed, fold),
        snapshot.graphs,
        groups,
        inputs.split.question,
    )
    return add_evidence(drawn, snapshot, settings, fold), snapshot.tables


def stacked(views: Sequence[ViewTables | None]) -> ViewTables:
    """The views of several snapshots along a new first axis."""
    tables = RowBuffer(len(views))
    for one in views:
        _stack(tables, one)
    return ViewTables(**tables.filled())


def _stack(tables: "RowBuffer", views: ViewTables | None) -> None:
    if views is not None:
        tables.add({name: table[None] for name, table in vars(views).items()})


class RowBuffer:
    """Arrays that are filled part by part, allocated once: concatenating the parts would hold everything twice.

    They have at most ``capacity`` rows; rows that stay unused take no memory.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity, self.rows = capacity, 0
        self.arrays: dict[str, NDArray[Any]] = {}

    def add(self, part: Mapping[str, NDArray[Any]]) -> None:
        """Appends a part: arrays with the same names in every part and the same number of rows."""
        (count,) = {len(array) for array in part.values()}
        below = slice(self.rows, self.rows + count)
        for name, array in part.items():
            if name not in self.arrays:
                self.arrays[name] = np.empty((self.capacity, *array.shape[1:]), array.dtype)
            self.arrays[name][below] = array
        self.rows += count

    def filled(self) -> dict[str, NDArray[Any]]:
        """The rows that were added, by name."""
        return {name: array[: self.rows] for name, array in self.arrays.items()}
