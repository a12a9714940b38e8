"""LambdaMART (Burges, 2010): boosted trees that rank by the same evidence as MAMGBR, grown with LightGBM."""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.columns import EVIDENCE_COLUMNS
from engine.model_settings import ModelSettings
from train.benchmark.systems.system import System, Tuned, mean_mrr_ndcg, share_of, tune
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.prepare.dataset import build_dataset
from train.prepare.snapshot import Snapshot, evidence_of_all_in_blocks, list_evidence
from train.prepare.splits import Split, spread_sample, with_folds
from train.progress import ProgressCallback, TrainingProgress, ignore_progress
from train.training_run import TrainingRun

Setting = dict[str, Any]  # parameters of LightGBM

BLOCK = 1024  # lists at a time: bounds the memory of their evidence
TRAINING_GROUPS = 120_000  # at most: more would fill the memory, and trees gain nothing by them
ROUNDS = 600  # trees, at most
PATIENCE = 40  # trees without a better quality
STEP = np.float32(
    0.001
)  # evidence is rounded to steps; LightGBM cuts a column into 255 bins anyway
STEP_OFFSET = np.float32(0.37)  # keeps the ends of steps away from halves and other simple shares
# MAMGBR's evidence and folds, without the corrupted triples of its auxiliary losses.
EVIDENCE = ModelSettings(negatives=16, auxiliary_1=0.0, auxiliary_2=0.0)
GRID: tuple[Setting, ...] = (
    {"num_leaves": 31, "learning_rate": 0.1, "min_data_in_leaf": 100, "lambda_l2": 1.0},
    {"num_leaves": 63, "learning_rate": 0.05, "min_data_in_leaf": 200, "lambda_l2": 10.0},
    {"num_leaves": 15, "learning_rate": 0.1, "min_data_in_leaf": 50, "lambda_l2": 1.0},
)
COMMON: Setting = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 1 + EVIDENCE.negatives,  # every rank of a list counts
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "bagging_by_query": True,
}


@dataclass(frozen=True)
class EvidenceRows:
    """Evidence [n * N, columns] of n lists of N = ``width`` candidates, the right one first in each list."""

    values: NDArray[np.float32]
    width: int

    @classmethod
    def of(cls, evidence: NDArray[np.float32]) -> "EvidenceRows":
        """Rounds evidence [n, N, columns] down to steps.

        Without steps, values that differ only by the order of a summation could fall on either side of a split.
        """
        rows = evidence.reshape(-1, evidence.shape[2])
        stepped = np.floor(rows / STEP + STEP_OFFSET) * STEP
        return cls(stepped.astype(np.float32, copy=False), evidence.shape[1])

    def dataset(
        self, task: Task, reference: lightgbm.Dataset | None = None, **fixed: Any
    ) -> lightgbm.Dataset:
        """The rows as LightGBM reads them, in the bins of the ``reference``."""
        count = len(self.values) // self.width
        right = np.zeros((count, self.width), np.int8)
        right[:, 0] = 1
        return lightgbm.Dataset(
            self.values,
            right.ravel(),
            group=np.full(count, self.width),
            feature_name=list(EVIDENCE_COLUMNS[task]),
            reference=reference,
            params=fixed,
        )


class LambdaMart(System):
    """Trees for each task, grown on the out-of-fold evidence of training groups and their negatives."""

    name = "lambdamart"
    adaptation = ""

    def __init__(
        self, effort: float = 1.0, device: str = "cpu", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of the grid and trees that it gets; it runs on the CPU, whatever ``device``."""
        self.effort, self.watch = effort, watch
        self.tuned: dict[Task, Tuned[Setting, lightgbm.Booster]] = {}
        self.groups = 0
        self.snapshot: Snapshot

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Grows trees for each setting and task, with early stopping; keeps what ranks the validation groups best."""
        parts = with_fewer_groups(with_folds(split, EVIDENCE.folds, seed), TRAINING_GROUPS)
        lists = draw_candidate_lists(
            logs, spread_sample(parts.validation, EVIDENCE.validation_cap), seed
        )
        prepared = build_dataset(
            logs, parts, lists, TrainingRun(EVIDENCE, seed=seed, report=self.watch)
        )
        self.snapshot, self.groups = prepared.seen, len(prepared.examples)
        examples = prepared.examples
        item_known, person_known = examples.known.T
        learned = {
            Task.ITEMS: examples.item_evidence[item_known],
            Task.PARTICIPANTS: examples.participant_evidence[person_known],
        }
        fixed = self._fixed(seed)
        grid = GRID[: share_of(len(GRID), self.effort)]
        for number, (task, evidence) in enumerate(learned.items()):
            self.watch(TrainingProgress("epoch", f"{self.name}, {task}", 0.3 + 0.3 * number))
            training = EvidenceRows.of(evidence).dataset(task, **fixed)
            rows = EvidenceRows.of(prepared.evidence[task])
            validation = rows.dataset(task, training, **fixed)

            def attempt(
                setting: Setting,
                training: lightgbm.Dataset = training,
                validation: lightgbm.Dataset = validation,
                width: int = rows.width,
            ) -> tuple[float, lightgbm.Booster]:
                rounds = share_of(ROUNDS, self.effort)
                return grow(training, validation, width, {**fixed, **setting}, rounds)

            self.tuned[task] = tune(grid, attempt)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The sums of the trees, with the evidence of all groups but the validation groups."""
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = slice(start, start + BLOCK)
            evidence = list_evidence(lists.part(block), self.snapshot, EVIDENCE)
            sums = self._sums(Task(lists.task), EvidenceRows.of(evidence))
            scores[block] = sums.reshape(evidence.shape[:2])
        return scores

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The sums of ``score``, from the evidence for everyone at once.

        That evidence is summed in another order, so a value at the very end of a step may fall into the next one.
        """
        task = Task.ITEMS if item is None else Task.PARTICIPANTS
        scores = np.empty((len(initiator), size), np.float32)
        for row, evidence in evidence_of_all_in_blocks(
            initiator, item, size, self.snapshot, EVIDENCE
        ):
            scores[row] = self._sums(task, EvidenceRows.of(evidence[None]))
        return scores

    def _sums(self, task: Task, rows: EvidenceRows) -> NDArray[np.float32]:
        """The sum of the task's trees for each row, [n * N]."""
        predicted = self.tuned[task].best.predict(rows.values, num_threads=settings().threads)
        return np.asarray(predicted, np.float32)

    def settings(self) -> dict[str, Any]:
        """What the trees were grown on, and the settings chosen and tried for each task."""
        found: dict[str, Any] = {
            "groups": self.groups,
            "folds": EVIDENCE.folds,
            "negatives": EVIDENCE.negatives,
            **COMMON,
        }
        for task, tuned in self.tuned.items():
            found |= tuned.report(task)
            found[f"{task}/trees"] = tuned.best.num_trees()
        return found

    @staticmethod
    def _fixed(seed: int) -> Setting:
        """Parameters that all settings share; the same seed gives the same trees on any machine."""
        return COMMON | {
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,  # otherwise LightGBM times both ways and takes the faster
            "feature_pre_filter": False,  # the settings share a data set but not the leaf size
            "metric": "None",
            "num_threads": settings().threads,
            "verbosity": -1,
        }


def with_fewer_groups(split: Split, most: int) -> Split:
    """The split with at most ``most`` training groups, in their folds; the others still count as evidence."""
    kept = spread_sample(np.arange(len(split.training)), most)
    return Split(split.training[kept], split.fold[kept], split.validation)


def grow(
    training: lightgbm.Dataset,
    validation: lightgbm.Dataset,
    width: int,
    setting: Setting,
    rounds: int,
) -> tuple[float, lightgbm.Booster]:
    """The best quality on validation lists of ``width`` candidates, and the trees up to there."""

    def evaluate(scores: NDArray[np.float64], data: lightgbm.Dataset) -> tuple[str, float, bool]:
        return "quality", mean_mrr_ndcg(scores.reshape(-1, width)), True

    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    trees = lightgbm.train(
        setting, training, rounds, valid_sets=[validation], feval=evaluate, callbacks=[stop]
    )
    best = trees.best_score["valid_0"]["quality"]
    # The model's text holds the best trees only, and none of the data.
    kept = lightgbm.Booster(model_str=trees.model_to_string(num_iteration=trees.best_iteration))
    return float(best), kept
