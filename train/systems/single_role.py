"""How a recommender that knows users and items only, not roles, comes to do both tasks of group buying."""

import abc
from typing import ClassVar

import scipy.sparse as sp
from torch import Tensor, nn

from db.evidence.graphs import Graphs
from train.systems.vector_system import VectorSystem
from train.systems.vectors import Setting, Tables, Vectors, product

ADAPTATION = (
    "Task I: initiators are its users. Task II: score(p|u,i) is the product of p and i learned over joins, "
    "plus the product of u and p learned over who joined whom, both graphs propagated and trained together."
)


class Space(nn.Module, abc.ABC):
    """Vectors of the two sides of one graph of interactions [L, R], in one space."""

    @abc.abstractmethod
    def forward(self) -> tuple[Tensor, Tensor]:
        """The vectors of both sides after propagation, [L, d] and [R, d]."""


class SingleRole(Vectors):
    """A space of initiators and items, or one of participants and items with one of initiators and participants."""

    def __init__(self, spaces: dict[str, Space]) -> None:
        super().__init__()
        self.spaces = nn.ModuleDict(spaces)

    def forward(self) -> Tables:
        """Both sides of each space."""
        tables: Tables = {}
        for name, space in self.spaces.items():
            tables[f"{name}/left"], tables[f"{name}/right"] = space()
        return tables

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """Initiator times item."""
        return product(tables["launches/left"], initiator, tables["launches/right"], items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Item times participant, plus initiator times participant."""
        taste = product(tables["joins/right"], item, tables["joins/left"], participants)
        return taste + product(tables["ties/left"], initiator, tables["ties/right"], participants)


class SingleRoleSystem(VectorSystem):
    """A system that is known by its ``space``: what it makes of one graph."""

    adaptation = ADAPTATION
    space: ClassVar[type[Space]]

    def vectors(self, graphs: Graphs, tasks: tuple[str, ...], setting: Setting) -> Vectors:
        """The spaces that the task needs."""
        sides: dict[str, sp.csr_matrix] = {"launches": graphs.launched_ever}
        if tasks == ("participants",):
            invited = graphs.invited.copy()
            invited.data[:] = 1
            sides = {"joins": graphs.joined_ever, "ties": invited}
        return SingleRole({name: self.space(matrix, setting) for name, matrix in sides.items()})
