"""MGBR, which MAMGBR builds on: three graphs, experts and gates for two tasks (Zhai et al., ICDE 2023)."""

from typing import Any

from torch import Tensor, nn

from db.logs import Logs, Task
from engine.model_settings import PRESETS
from train.benchmark.systems.mamgbr import MamgbrSystem
from train.benchmark.systems.tuned import Setting, Tuned, lessened, tuned
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.fit_network import TrainedNetwork, fit_network, resolve_device
from train.nn.model import Level
from train.nn.network import Network
from train.prepare.dataset import build_dataset
from train.prepare.splits import Split, spread_sample, with_folds
from train.progress import ProgressCallback, ignore_progress

BASE = PRESETS["paper"].with_changes(("attention=false", "evaluations=8"))
GRID: tuple[Setting, ...] = (
    {"bpr_on": "probability", "rate": 5e-3, "weight_decay": 0.0},
    {"bpr_on": "logit", "rate": 5e-3, "weight_decay": 0.0},
    {"bpr_on": "logit", "rate": 2e-3, "weight_decay": 1e-1},
)


class Mgbr(MamgbrSystem):
    """The paper's network without its attention: gates over [u, i, p] mix experts that read the three side by side.

    One network does both tasks, trained once a setting. A task's own experts and the shared ones stand on an axis of
    their own, so that each candidate is scored by itself.
    """

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of settings and epochs that is spent."""
        lengths = {
            name: lessened(getattr(BASE, name), effort) for name in ("epochs", "least_steps")
        }
        base = BASE.replace(**lengths)
        super().__init__("mgbr", dict.fromkeys(Task, base), device, watch)
        self.effort = effort
        self.tuned: Tuned[TrainedNetwork]

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Trains once a setting, stopping early, and keeps what ranks the validation groups best."""
        self.device = resolve_device(self.requested_device).type
        base = self.configs[Task.ITEMS]
        parts = with_folds(parts, base.folds, seed)
        lists = draw_candidate_lists(
            logs, spread_sample(parts.validation, base.validation_cap), seed
        )
        prepared = build_dataset(logs, base, parts, lists, seed, self.watch)
        self.snapshot = prepared.seen

        def attempt(setting: Setting) -> tuple[float, TrainedNetwork]:
            config = base.replace(**setting)
            found = fit_network(prepared, config, seed, self.device, self.watch, alter=self.alter)
            return max(evaluation["quality"] for evaluation in found.history), found

        self.tuned = tuned(GRID[: lessened(len(GRID), self.effort)], attempt)
        chosen = base.replace(**self.tuned.chosen)
        self.configs = dict.fromkeys(Task, chosen)
        self.trained = dict.fromkeys(Task, self.tuned.found)

    def alter(self, network: Network) -> None:
        """Changes nothing."""

    def settings(self) -> dict[str, Any]:
        """MAMGBR's settings as they were chosen, and what was tried."""
        return super().settings() | {"chosen": self.tuned.chosen, "tried": self.tuned.tried}


class PublishedMgbr(Mgbr):
    """MGBR with the mixing of its public code, which breaks the law of ``System``.

    The outputs of experts come under one another on the batch's axis and are cut anew, so that a candidate's experts
    are those of its neighbours. The right answer always leads its list, and so labels leak: the figures say how much,
    not how well it recommends.
    """

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """As for ``Mgbr``."""
        super().__init__(effort, device, watch)
        self.name = "mgbr-published"

    def alter(self, network: Network) -> None:
        """Mixes the rows of the batch after the experts of every level."""
        for level in network.mamgbr.levels:
            assert isinstance(level, Level)  # noqa: S101  for the type checker
            level.experts.register_forward_hook(_mixing)

    def settings(self) -> dict[str, Any]:
        """MGBR's, and that rows are mixed."""
        return super().settings() | {"mixing": "across the rows of the batch, as published"}


def mixed_rows(outputs: Tensor) -> Tensor:
    """Outputs [E, out, B, K] as the public code hands them on: under one another, then E neighbours to a row.

    Of 2 experts a and b over 4 rows, row 0 gets a0 and a1 for its experts, row 1 a2 and a3, row 2 b0 and b1.
    """
    experts, width, queries, candidates = outputs.shape
    below = outputs.permute(0, 2, 3, 1).reshape(-1, width)  # [E*B*K, out]
    rows = below.view(queries * candidates, experts, width)
    return rows.permute(1, 2, 0).reshape(experts, width, queries, candidates)


def _mixing(
    experts: nn.Module, tokens: tuple[Any, ...], found: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    outputs, attention = found
    return mixed_rows(outputs), attention
