"""A term for what everybody wants, which products of vectors learn slowly."""

import torch
from torch import Tensor, nn

from db.logs import Task
from engine.evidence.graphs import Graphs
from train.benchmark.systems.search_space import Choice

KINDS = Choice(("none", "bias", "degree"))
TERM_SENTENCE = (
    "Where the search chose so, its scores have a popularity term that its paper does not have: a bias learned for "
    "each item and each participant, or a learned combination of the logarithms of their launches, failed launches "
    "and joins."
)


class PopularityTerm(nn.Module):
    """What is added to the score of every item (Task I) and every participant (Task II).

    ``none``: nothing. ``bias``: a number for each, learned. ``degree``: log(1 + count) of launches, failed launches and
    joins, weighted by three numbers that are learned.
    """

    items: Tensor
    participants: Tensor

    def __init__(self, graphs: Graphs, kind: str) -> None:
        super().__init__()
        self.kind = kind
        for task, counts in (
            (Task.ITEMS, graphs.item_counts),
            (Task.PARTICIPANTS, graphs.user_counts),
        ):
            if kind == "degree":
                self.register_buffer(task, torch.from_numpy(counts).log1p(), persistent=False)
            if kind != "none":
                rows = counts.shape[1] if kind == "degree" else len(counts)
                self.register_parameter(f"{task}_weight", nn.Parameter(torch.zeros(rows)))

    def forward(self) -> dict[str, Tensor]:
        """The term of all items [I+1] and of all users [U+1], by the name of the task with "/popularity"."""
        if self.kind == "none":
            return {}
        weights = {task: self.get_parameter(f"{task}_weight") for task in Task}
        if self.kind == "bias":
            return {f"{task}/popularity": weight for task, weight in weights.items()}
        return {f"{task}/popularity": self.get_buffer(task) @ weights[task] for task in Task}


def with_popularity(
    scores: Tensor, tables: dict[str, Tensor], task: Task, candidates: Tensor
) -> Tensor:
    """The scores [n, N] of ``candidates`` [n, N] with the popularity term, where the tables hold one."""
    term = tables.get(f"{task}/popularity")
    return scores if term is None else scores + term[candidates]
