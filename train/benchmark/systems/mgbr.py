"""MGBR, which MAMGBR builds on (Zhai et al., ICDE 2023), and MAMGBR as its paper reads."""

from typing import Any, ClassVar

from torch import Tensor, nn

from engine.model_settings import ModelSettings
from engine.presets import PRESETS
from train.benchmark.systems.search_space import Choice, Range, Space, Whole
from train.benchmark.systems.searched import UNTUNED, Tuning, Values
from train.benchmark.systems.searched_network import SearchedNetwork
from train.nn.model import Level
from train.nn.network import Network
from train.progress import ProgressCallback, ignore_progress

# Half as long as the preset, with more evaluations: on Beibei these networks are best within their first pass.
MGBR: ModelSettings = PRESETS["paper"].with_changes(
    (
        "epochs=2",
        "least_steps=120",
        "evaluations=8",
        "attention=false",
        "bpr_on=logit",
        "rate=2e-3",
        "weight_decay=0.1",
    )
)
DOMAINS: Space = {
    "dim": Whole(3, 6, powers=True),
    "bpr_on": Choice(("probability", "logit")),
    "rate": Range(1e-4, 5e-2, log=True),
    "weight_decay": Range(1e-6, 5.0, log=True, closed=("low",)),
    "dropout": Range(0.0, 0.6, closed=("low",)),
    "task_weight": Range(0.01, 100.0, log=True, closed=("low", "high")),
    "auxiliary_1": Range(1e-3, 3.0, log=True),
    "auxiliary_2": Range(1e-3, 3.0, log=True),
}


class MamgbrPaper(SearchedNetwork):
    """MAMGBR as its paper reads."""

    name = "mamgbr-paper"
    adaptation = (
        "What the paper leaves open is chosen: attention over the tokens of the three roles, a mean participant in "
        "Task I, ListNet for the first auxiliary loss. Where the search chose so, BPR compares logits, not "
        "probabilities."
    )
    domains: ClassVar[Space] = DOMAINS


class Mgbr(SearchedNetwork):
    """MAMGBR's network without attention: gates over [u, i, p] mix experts that read the three concatenated.

    Experts have an axis of their own, so that each candidate is scored by itself.
    """

    name = "mgbr"
    adaptation = (
        "It is MAMGBR's paper reading without attention: its graphs, experts, gates, towers and losses. What MGBR's "
        "paper has of its own is not built: its adjusted gates, its levels of experts and its two auxiliary losses. A "
        "mean participant stands in for the third role in Task I. Where the search chose so, BPR compares logits, not "
        "probabilities."
    )
    domains: ClassVar[Space] = DOMAINS

    def __init__(
        self,
        base: ModelSettings = MGBR,
        effort: float = 1.0,
        device: str = "auto",
        watch: ProgressCallback = ignore_progress,
        tuning: Tuning = UNTUNED,
    ) -> None:
        """The arguments of ``SearchedNetwork``, with a base of its own."""
        super().__init__(base, effort, device, watch, tuning)


class PublishedMgbr(Mgbr):
    """MGBR with the mixing of its public code, which breaks the first rule of ``System``.

    The experts' outputs are concatenated along the batch axis and cut anew, so that a candidate gets the outputs of its
    neighbours, and its score depends on which these are and in which order.
    """

    name = "mgbr-published"
    adaptation = Mgbr.adaptation + (
        " Outputs of experts are mixed across the rows of the batch, as in MGBR's public code: a candidate's score "
        "depends on its neighbours in the list. Its settings are those that the search chose without this mixing."
    )

    def alter(self, network: Network) -> None:
        """Mixes the rows of the batch after the experts of each level."""
        for level in network.mamgbr.levels:
            assert isinstance(level, Level)  # noqa: S101  for the type checker
            level.experts.register_forward_hook(_mix_rows_hook)

    def settings(self) -> Values:
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
