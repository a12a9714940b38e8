"""MGBR, which MAMGBR builds on: three graphs, experts and gates for two tasks (Zhai et al., ICDE 2023)."""

from typing import Any

from torch import Tensor, nn

from db.logs import Logs, Task
from engine.model_settings import PRESETS
from train.benchmark.systems.mamgbr import MamgbrSystem
from train.benchmark.systems.system import Tuned, share_of, tune
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.fit_network import TrainedNetwork, fit_network, resolve_device
from train.nn.model import Level
from train.nn.network import Network
from train.prepare.dataset import build_dataset
from train.prepare.splits import Split, spread_sample, with_folds
from train.progress import ProgressCallback, ignore_progress

Setting = dict[str, Any]  # settings of the model

BASE = PRESETS["paper"].with_changes(("attention=false", "evaluations=8"))
GRID: tuple[Setting, ...] = (
    {"bpr_on": "probability", "rate": 5e-3, "weight_decay": 0.0},
    {"bpr_on": "logit", "rate": 5e-3, "weight_decay": 0.0},
    {"bpr_on": "logit", "rate": 2e-3, "weight_decay": 1e-1},
)


class Mgbr(MamgbrSystem):
    """MAMGBR's network without attention: gates over [u, i, p] mix experts that read the three concatenated.

    One network does both tasks and is trained once for each setting. Experts have an axis of their own, so that each
    candidate is scored by itself.
    """

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of the grid and epochs that it gets."""
        lengths = {
            name: share_of(getattr(BASE, name), effort) for name in ("epochs", "least_steps")
        }
        base = BASE.replace(**lengths)
        super().__init__("mgbr", dict.fromkeys(Task, base), device, watch)
        self.effort = effort
        self.tuned: Tuned[Setting, TrainedNetwork]

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Trains once for each setting, with early stopping; keeps what ranks the validation groups best."""
        self.device = resolve_device(self.requested_device).type
        base = self.configs[Task.ITEMS]
        parts = with_folds(split, base.folds, seed)
        lists = draw_candidate_lists(
            logs, spread_sample(parts.validation, base.validation_cap), seed
        )
        prepared = build_dataset(logs, parts, lists, self._run(base, seed))
        self.snapshot = prepared.seen

        def attempt(setting: Setting) -> tuple[float, TrainedNetwork]:
            settings = base.replace(**setting)
            found = fit_network(prepared, self._run(settings, seed), alter=self.alter)
            return max(evaluation["quality"] for evaluation in found.history), found

        self.tuned = tune(GRID[: share_of(len(GRID), self.effort)], attempt)
        chosen = base.replace(**self.tuned.setting)
        self.configs = dict.fromkeys(Task, chosen)
        self.trained = dict.fromkeys(Task, self.tuned.best)

    def alter(self, network: Network) -> None:
        """Changes the network before it is trained; here nothing."""

    def settings(self) -> dict[str, Any]:
        """The model settings, and those that were chosen and tried."""
        return super().settings() | self.tuned.report("+".join(Task))


class PublishedMgbr(Mgbr):
    """MGBR with the mixing of its public code, which breaks the first rule of ``System``.

    The experts' outputs are concatenated along the batch axis and cut anew, so that a candidate gets the outputs of its
    neighbours. The right answer always comes first in its list, so labels leak: the metrics say how much, not how well
    it recommends.
    """

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """The arguments of ``Mgbr``."""
        super().__init__(effort, device, watch)
        self.name = "mgbr-published"

    def alter(self, network: Network) -> None:
        """Mixes the rows of the batch after the experts of each level."""
        for level in network.mamgbr.levels:
            assert isinstance(level, Level)  # noqa: S101  for the type checker
            level.experts.register_forward_hook(_mix_rows_hook)

    def settings(self) -> dict[str, Any]:
        """MGBR's settings, and that rows are mixed."""
        return super().settings() | {"mixing": "across the rows of the batch, as published"}


def mix_rows(outputs: Tensor) -> Tensor:
    """Outputs [E, out, B, K] as the public code passes them on: concatenated, then E neighbours to a row.

    With 2 experts a and b over 4 rows, row 0 gets the outputs a0 and a1, row 1 a2 and a3, row 2 b0 and b1.
    """
    experts, width, queries, candidates = outputs.shape
    concatenated = outputs.permute(0, 2, 3, 1).reshape(-1, width)  # [E*B*K, out]
    rows = concatenated.view(queries * candidates, experts, width)
    return rows.permute(1, 2, 0).reshape(experts, width, queries, candidates)


def _mix_rows_hook(
    experts: nn.Module, tokens: tuple[Any, ...], found: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    outputs, attention = found
    return mix_rows(outputs), attention
