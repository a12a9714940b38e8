"""LambdaMART (Burges, 2010): boosted trees that rank by the same evidence as MAMGBR, grown with LightGBM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import lightgbm
import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.role_vectors import ViewTables
from engine.model_settings import ModelSettings
from train.benchmark.systems.later_snapshots import LaterSnapshots
from train.benchmark.systems.search_space import Choice, Range, Space, Whole
from train.benchmark.systems.searched import Judge, Scope, SearchedSystem, Training, Values
from train.benchmark.systems.system import mean_mrr_ndcg, share_of
from train.benchmark.systems.vector_products import (
    item_products,
    participant_products,
    product_columns,
    product_names,
)
from train.evaluate.sampled_ranking import CandidateLists, validation_lists
from train.evaluate.splits import Split, settle, with_parts
from train.prepare.dataset import Dataset
from train.prepare.dataset_cache import cached_dataset
from train.prepare.snapshot import (
    Snapshot,
    evidence_of_all_in_blocks,
    list_evidence,
    take_snapshot,
)
from train.progress import TrainingProgress
from train.training_run import TrainingRun

BLOCK = 1024  # lists at a time: bounds the memory of their columns
ROUNDS = 800  # trees, at most
PATIENCE = 40  # trees without a better quality
JUDGED = 25  # trees between two evaluations that a search hears of
BIN_SAMPLE = 100_000  # rows from which LightGBM cuts columns into bins
STEP = np.float32(0.001)  # columns are rounded to steps; LightGBM cuts them into 255 bins anyway
STEP_OFFSET = np.float32(0.37)  # keeps the ends of steps away from halves and other simple shares
# MAMGBR's evidence, vectors and folds, without the corrupted triples of its auxiliary losses.
EVIDENCE = ModelSettings(negatives=16, auxiliary_1=0.0, auxiliary_2=0.0)
OWN: Values = {
    "columns": "dots",
    "num_leaves": 16,
    "learning_rate": 0.1,
    "min_data_in_leaf": 64,
    "lambda_l2": 1.0,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
}
DOMAINS: Space = {
    # MAMGBR's evidence alone, with the dot product of each view, or with each number of these products too.
    "columns": Choice(("evidence", "dots", "products")),
    "num_leaves": Whole(2, 8, powers=True),
    "learning_rate": Range(0.02, 0.5, log=True),
    "min_data_in_leaf": Whole(3, 12, powers=True),
    "lambda_l2": Range(1e-3, 1000.0, log=True, closed=("low",)),
    "feature_fraction": Range(0.1, 1.0, closed=("high",)),
    "bagging_fraction": Range(0.2, 1.0, closed=("high",)),
}
COMMON: Values = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 1 + EVIDENCE.negatives,  # every rank of a list counts
    "bagging_freq": 1,
    "bagging_by_query": True,
}


@dataclass(frozen=True)
class RankedLists:
    """n lists of N candidates with their evidence [n, N, E], each described by one of the stacked ``views``.

    ``item`` [n] is None in Task I, ``snapshot`` [n] the number of the views.
    """

    views: ViewTables
    snapshot: NDArray[np.int64]
    initiator: NDArray[np.int64]
    item: NDArray[np.int64] | None
    candidates: NDArray[np.int64]
    evidence: NDArray[np.float32]

    def columns(self, lists: slice | NDArray[np.int64], kind: str) -> NDArray[np.float32]:
        """The columns of some lists, [m, N, columns], rounded down to steps.

        Without steps, values that differ only by the order of a summation could fall on either side of a split.
        """
        found = self.evidence[lists]
        if kind != "evidence":
            at, u, candidates = self.snapshot[lists], self.initiator[lists], self.candidates[lists]
            if self.item is None:
                products = item_products(self.views, at, u, candidates)
            else:
                products = participant_products(self.views, at, u, self.item[lists], candidates)
            found = np.concatenate([found, product_columns(products, kind)], 2)
        return (np.floor(found / STEP + STEP_OFFSET) * STEP).astype(np.float32, copy=False)


class Rows(lightgbm.Sequence):
    """The candidates of lists one after another, as LightGBM bins them: block by block, one byte a cell.

    All groups of a large shop as float32 would take many gigabytes.
    """

    def __init__(self, lists: RankedLists, kind: str) -> None:
        self.lists, self.kind = lists, kind
        self.width = lists.candidates.shape[1]
        self.batch_size = BLOCK * self.width

    def __len__(self) -> int:
        """Candidates of all lists."""
        return int(self.lists.candidates.size)

    def __getitem__(self, index: int | slice | list[int]) -> NDArray[np.floating]:
        """A row, or consecutive rows."""
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            first, last = start // self.width, -(-stop // self.width)
            found = self.lists.columns(slice(first, last), self.kind)
            flat = found.reshape(-1, found.shape[2])
            return flat[start - first * self.width : stop - first * self.width]
        if isinstance(index, list):
            return np.stack([self[one] for one in index])
        which, column = divmod(int(index), self.width)
        row = self.lists.columns(slice(which, which + 1), self.kind)[0, column]
        return row.astype(np.float64)  # as LightGBM wants the rows that it cuts bins from


class LambdaMart(SearchedSystem[lightgbm.Booster]):
    """Trees for each task, grown on the out-of-fold columns of all training groups and their negatives."""

    name = "lambdamart"
    adaptation = (
        "Gets MAMGBR's evidence and, where the search chose so, the products of its role vectors. Learns from one "
        "participant of each group, in folds or, where evidence is timed, in blocks by time, as MAMGBR does."
    )
    updatable = True
    scopes: ClassVar[Sequence[Scope]] = ((Task.ITEMS,), (Task.PARTICIPANTS,))
    snapshot: Snapshot
    prepared: Dataset

    def space(self, scope: Scope) -> Space:
        """The domains, the same for each task."""
        return DOMAINS

    def own_setting(self, scope: Scope) -> Values:
        """The best of a small grid."""
        return OWN

    def prepare(self, logs: Logs, split: Split, seed: int) -> None:
        """Prepares MAMGBR's examples; LightGBM runs on the CPU, whatever the device."""
        self.evidence = settle(logs, EVIDENCE)
        self.timed = self.evidence.knows_time
        parts = with_parts(logs, split, self.evidence, seed)
        lists = validation_lists(logs, parts, self.evidence.validation_cap, seed)
        run = TrainingRun(self.evidence, seed=seed, report=self.watch)
        self.prepared = cached_dataset(logs, parts, lists, run)
        self.seed, self.snapshot, self.trained_on = seed, self.prepared.seen, logs
        self.later: LaterSnapshots | None = None
        self._binned: dict[tuple[Task, str], tuple[lightgbm.Dataset, lightgbm.Dataset]] = {}

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Trains each task with its settings and lets go of the bins."""
        super().fit(logs, split, seed)
        self._binned.clear()

    def train(self, scope: Scope, values: Values, judge: Judge) -> Training[lightgbm.Booster]:
        """Grows trees, with early stopping."""
        (task,) = scope
        self.watch(
            TrainingProgress("epoch", f"{self.name}, {task}", 0.3 + 0.3 * self.scopes.index(scope))
        )
        grown = {name: value for name, value in values.items() if name != "columns"}
        data = self._binned_columns(task, values["columns"])
        width = self.prepared.lists[task].candidates.shape[1]
        rounds = share_of(ROUNDS, self.effort)
        quality, trees = grow(*data, width, self._fixed() | grown, rounds, judge)
        return Training(quality, trees, trees.num_trees())

    def _binned_columns(self, task: Task, kind: str) -> tuple[lightgbm.Dataset, lightgbm.Dataset]:
        """The training and the validation lists in bins; only those of the latest task and kind stay in memory."""
        if (task, kind) not in self._binned:
            self._binned.clear()
            learned, judged = self._training_lists(task), self._validation_lists(task)
            training = self._dataset(learned, task, kind)
            self._binned[task, kind] = training, self._dataset(judged, task, kind, training)
        return self._binned[task, kind]

    def _dataset(
        self,
        lists: RankedLists,
        task: Task,
        kind: str,
        reference: lightgbm.Dataset | None = None,
    ) -> lightgbm.Dataset:
        """The lists as LightGBM reads them, in the bins of the ``reference``."""
        count, width = lists.candidates.shape
        right = np.zeros((count, width), np.int8)
        right[:, 0] = 1
        assert self.snapshot.evidence is not None  # noqa: S101  its settings ask for evidence
        names = list(self.snapshot.evidence.columns[task])
        if kind != "evidence":
            names += product_names(task, EVIDENCE.dim, kind)
        return lightgbm.Dataset(
            Rows(lists, kind),
            right.ravel(),
            group=np.full(count, width),
            feature_name=names,
            reference=reference,
            params=self._fixed(),
        ).construct()

    def _training_lists(self, task: Task) -> RankedLists:
        """The examples whose right answer has a history."""
        examples, views = self.prepared.examples, self.prepared.tables
        assert views is not None  # noqa: S101  taste embeddings always make tables
        known = np.flatnonzero(examples.known[:, list(Task).index(task)])
        at, initiator = examples.snapshot[known], examples.initiator[known]
        if task == Task.ITEMS:
            return RankedLists(
                views, at, initiator, None, examples.items[known], examples.item_evidence[known]
            )
        return RankedLists(
            views,
            at,
            initiator,
            examples.items[known, 0],
            examples.participants[known],
            examples.participant_evidence[known],
        )

    def _validation_lists(self, task: Task) -> RankedLists:
        return self._described(self.prepared.lists[task], self.prepared.evidence[task])

    def _described(self, lists: CandidateLists, evidence: NDArray[np.float32]) -> RankedLists:
        """Lists described by all groups but those of validation."""
        assert self.snapshot.tables is not None  # noqa: S101  taste embeddings always make tables
        views = ViewTables(
            **{name: table[None] for name, table in vars(self.snapshot.tables).items()}
        )
        nowhere = np.zeros(len(lists.initiator), np.int64)
        return RankedLists(views, nowhere, lists.initiator, lists.item, lists.candidates, evidence)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The sums of the trees, with the evidence of all groups but the validation groups."""
        if self.later is None:
            return self._score(lists)
        scores = np.empty(lists.candidates.shape, np.float32)
        for of_day, snapshot in self.later.of_lists(lists):
            self.snapshot = snapshot
            scores[of_day] = self._score(lists.part(of_day))
        return scores

    def _score(self, lists: CandidateLists) -> NDArray[np.float32]:
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = slice(start, start + BLOCK)
            evidence = list_evidence(lists.part(block), self.snapshot, self.evidence)
            scores[block] = self._sums(lists.task, self._described(lists.part(block), evidence))
        return scores

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The sums of ``score``, from the evidence for everyone at once.

        That evidence is summed in another order, so a value at the very end of a step may fall into the next one.
        """
        task = Task.ITEMS if item is None else Task.PARTICIPANTS
        scores = np.empty((len(initiator), size), np.float32)
        everyone = np.arange(size)[None]
        for row, evidence in evidence_of_all_in_blocks(
            initiator, item, size, self.snapshot, self.evidence
        ):
            one = slice(row, row + 1)
            asked = None if item is None else item[one]
            lists = CandidateLists(task, initiator[one], asked, everyone, np.zeros(1, np.int64))
            scores[row] = self._sums(task, self._described(lists, evidence[None]))[0]
        return scores

    def update(self, logs: Logs) -> None:
        """Describes candidates by these logs; where evidence is timed, as of the moments of the lists."""
        target = self.prepared.seen.item_vectors
        if self.timed:
            self.later = LaterSnapshots(self.trained_on, logs, self.evidence, target)
            self.snapshot = self.later.now()
        else:
            self.snapshot = take_snapshot(logs, self.evidence, None, target)

    def _sums(self, task: Task, lists: RankedLists) -> NDArray[np.float32]:
        """The sum of the task's trees for each candidate, [n, N]."""
        kind, trees = self.setting((task,))["columns"], self.fitted(task)
        rows = lists.columns(slice(None), kind)
        predicted = trees.predict(rows.reshape(-1, rows.shape[2]), num_threads=settings().threads)
        return np.asarray(predicted, np.float32).reshape(rows.shape[:2])

    def settings(self) -> Values:
        """With what the trees were grown on."""
        grown = {
            "groups": len(self.prepared.examples),
            "folds": EVIDENCE.folds if not self.timed else 0,
            "blocks": self.evidence.blocks if self.timed else 0,
            "negatives": EVIDENCE.negatives,
        }
        return grown | COMMON | super().settings()

    def _fixed(self) -> Values:
        """Parameters that all settings share; the same seed gives the same trees on any machine."""
        return COMMON | {
            "seed": self.seed,
            "deterministic": True,
            "force_col_wise": True,  # otherwise LightGBM times both ways and takes the faster
            "feature_pre_filter": False,  # the settings share a data set but not the leaf size
            "bin_construct_sample_cnt": BIN_SAMPLE,
            "metric": "None",
            "num_threads": settings().threads,
            "verbosity": -1,
        }


def grow(
    training: lightgbm.Dataset,
    validation: lightgbm.Dataset,
    width: int,
    setting: Values,
    rounds: int,
    judge: Judge,
) -> tuple[float, lightgbm.Booster]:
    """The best quality on validation lists of ``width`` candidates, and the trees up to there."""

    def evaluate(scores: NDArray[np.float64], data: lightgbm.Dataset) -> tuple[str, float, bool]:
        return "quality", mean_mrr_ndcg(scores.reshape(-1, width)), True

    def hear(moment: Any) -> None:
        if (moment.iteration + 1) % JUDGED == 0:
            judge(moment.evaluation_result_list[0][2])

    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    trees = lightgbm.train(
        setting, training, rounds, valid_sets=[validation], feval=evaluate, callbacks=[hear, stop]
    )
    best = trees.best_score["valid_0"]["quality"]
    # The model's text holds the best trees only, and none of the data.
    kept = lightgbm.Booster(model_str=trees.model_to_string(num_iteration=trees.best_iteration))
    return float(best), kept
