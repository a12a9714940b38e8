"""LambdaMART: boosted trees that rank by the same evidence as MAMGBR (Burges, 2010), as LightGBM grows them."""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.model_settings import ModelSettings
from train.benchmark.systems.system import System
from train.benchmark.systems.tuned import Setting, Tuned, lessened, quality, tuned
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.prepare.dataset import build_dataset
from train.prepare.features import evidence_of_all_in_blocks, list_evidence
from train.prepare.snapshot import Snapshot
from train.prepare.splits import Split, spread_sample, with_folds
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

BLOCK = 1024  # lists at once: bounds the memory of their evidence
GROUPS = (
    120_000  # that are learned from, at most: more would fill the memory, and trees need no more
)
ROUNDS = 600  # trees, at most
GRAIN = np.float32(0.001)  # of the evidence; LightGBM cuts a column into 255 bins anyway
EDGE = np.float32(0.37)  # where a step ends: far from halves and other simple shares
PATIENCE = 40  # trees without a better figure
COLUMNS = {"items": ITEM_EVIDENCE, "participants": PARTICIPANT_EVIDENCE}
# The evidence is MAMGBR's, and so are the folds; the swapped triples of its auxiliary loss are nothing for trees.
EVIDENCE = ModelSettings(negatives=16, auxiliary_1=0.0, auxiliary_2=0.0)
SETTINGS: tuple[Setting, ...] = (
    {"num_leaves": 31, "learning_rate": 0.1, "min_data_in_leaf": 100, "lambda_l2": 1.0},
    {"num_leaves": 63, "learning_rate": 0.05, "min_data_in_leaf": 200, "lambda_l2": 10.0},
    {"num_leaves": 15, "learning_rate": 0.1, "min_data_in_leaf": 50, "lambda_l2": 1.0},
)
COMMON: Setting = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 1 + EVIDENCE.negatives,  # every place of a list counts
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "bagging_by_query": True,
}


@dataclass(frozen=True)
class Ranked:
    """Lists side by side for the trees: evidence [n * N, columns], of N candidates a list, the first one right."""

    facts: NDArray[np.float32]
    width: int

    @classmethod
    def of(cls, facts: NDArray[np.float32]) -> "Ranked":
        """From evidence [n, N, columns], in steps of ``GRAIN``.

        Facts that are the same but for the order in which they were added up would lie on both sides of a branch.
        """
        stepped = np.floor(facts.reshape(-1, facts.shape[2]) / GRAIN + EDGE) * GRAIN
        return cls(stepped.astype(np.float32, copy=False), facts.shape[1])

    def dataset(
        self, task: str, reference: lightgbm.Dataset | None = None, **fixed: Any
    ) -> lightgbm.Dataset:
        """As LightGBM reads them, cut into the bins of the ``reference``."""
        count = len(self.facts) // self.width
        right = np.zeros((count, self.width), np.int8)
        right[:, 0] = 1
        return lightgbm.Dataset(
            self.facts,
            right.ravel(),
            group=np.full(count, self.width),
            feature_name=list(COLUMNS[task]),
            reference=reference,
            params=fixed,
        )


class LambdaMart(System):
    """Trees for each task, grown on the evidence of true groups and their negatives, folds apart as for MAMGBR."""

    name = "lambdamart"
    adaptation = ""

    def __init__(
        self, effort: float = 1.0, device: str = "cpu", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of settings and trees that is spent; trees grow on the CPU, whatever ``device``."""
        self.effort, self.watch = effort, watch
        self.tuned: dict[str, Tuned[lightgbm.Booster]] = {}
        self.groups = 0
        self.seen: Snapshot

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Grows trees once a setting and a task, stopping early, and keeps what ranks the validation groups best."""
        parts = sampled(with_folds(parts, EVIDENCE.folds, seed), GROUPS)
        lists = draw_candidate_lists(
            logs, spread_sample(parts.validation, EVIDENCE.validation_cap), seed
        )
        prepared = build_dataset(logs, EVIDENCE, parts, lists, seed, self.watch)
        self.seen, self.groups = prepared.seen, len(prepared.examples)
        examples = prepared.examples
        item_known, person_known = examples.known.T
        learned = {
            Task.ITEMS: examples.item_facts[item_known],
            Task.PARTICIPANTS: examples.participant_facts[person_known],
        }
        fixed = self._fixed(seed)
        tried = SETTINGS[: lessened(len(SETTINGS), self.effort)]
        for place, (task, facts) in enumerate(learned.items()):
            self.watch(TrainingProgress("epoch", f"Growing trees for {task}", 0.3 + 0.3 * place))
            training = Ranked.of(facts).dataset(task, **fixed)
            asked = Ranked.of(prepared.facts[task])
            validation = asked.dataset(task, training, **fixed)

            def attempt(
                setting: Setting,
                training: lightgbm.Dataset = training,
                validation: lightgbm.Dataset = validation,
                width: int = asked.width,
            ) -> tuple[float, lightgbm.Booster]:
                rounds = lessened(ROUNDS, self.effort)
                return grown(training, validation, width, {**fixed, **setting}, rounds)

            self.tuned[task] = tuned(tried, attempt)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The trees' sums, with the evidence of all groups but those of validation."""
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = slice(start, start + BLOCK)
            facts = list_evidence(lists.part(block), self.seen, EVIDENCE)
            scores[block] = self._sums(lists.task, Ranked.of(facts).facts).reshape(facts.shape[:2])
        return scores

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The sums of ``score``, from everybody's evidence at once.

        They are added up in another order, so a fact that lies on the very edge of a step may fall to its other side.
        """
        task = "items" if item is None else "participants"
        scores = np.empty((len(initiator), size), np.float32)
        for row, facts in evidence_of_all_in_blocks(initiator, item, size, self.seen, EVIDENCE):
            scores[row] = self._sums(task, Ranked.of(facts[None]).facts)
        return scores

    def _sums(self, task: str, facts: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the task's trees add up to over rows of evidence [n, columns]."""
        predicted = self.tuned[task].found.predict(facts, num_threads=settings().threads)
        return np.asarray(predicted, np.float32)

    def settings(self) -> dict[str, Any]:
        """What the trees learned from, and what was chosen and tried for each task."""
        found: dict[str, Any] = {
            "groups": self.groups,
            "folds": EVIDENCE.folds,
            "negatives": EVIDENCE.negatives,
            **COMMON,
        }
        for task, best in self.tuned.items():
            found[f"{task}/chosen"] = best.chosen
            found[f"{task}/trees"] = best.found.num_trees()
            found[f"{task}/tried"] = best.tried
        return found

    @staticmethod
    def _fixed(seed: int) -> Setting:
        """What is the same for all settings: the same seed must give the same trees on any machine."""
        return (
            COMMON
            | {
                "seed": seed,
                "deterministic": True,
                "force_col_wise": True,  # LightGBM would time both ways and take the faster one
                "feature_pre_filter": False,  # the settings share one data set, and want leaves of different size
                "metric": "None",
                "num_threads": settings().threads,
                "verbosity": -1,
            }
        )


def sampled(parts: Split, most: int) -> Split:
    """The split with at most so many training groups, in their folds; the others are messages throughout."""
    kept = spread_sample(np.arange(len(parts.training)), most)
    return Split(parts.training[kept], parts.fold[kept], parts.validation)


def grown(
    training: lightgbm.Dataset,
    validation: lightgbm.Dataset,
    width: int,
    setting: Setting,
    rounds: int,
) -> tuple[float, lightgbm.Booster]:
    """The quality on validation lists of so many candidates, and the trees up to where it was best."""

    def judge(scores: NDArray[np.float64], data: lightgbm.Dataset) -> tuple[str, float, bool]:
        return "quality", quality(scores.reshape(-1, width)), True

    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    trees = lightgbm.train(
        setting, training, rounds, valid_sets=[validation], feval=judge, callbacks=[stop]
    )
    best = trees.best_score["valid_0"]["quality"]
    # Its own text holds the best trees alone, and none of the data.
    kept = lightgbm.Booster(model_str=trees.model_to_string(num_iteration=trees.best_iteration))
    return float(best), kept
