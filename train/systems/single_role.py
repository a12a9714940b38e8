"""How a recommender that knows users and items only, not roles, comes to do both tasks of group buying."""

import abc
from typing import ClassVar

import scipy.sparse as sp
from torch import Tensor, nn

from db.evidence.graphs import Graphs
from train.systems.vector_system import VectorSystem
from train.systems.vectors import Setting, Tables, Vectors, product

ADAPTATION = (
    "It knows no roles: an interaction is whatever a user did to an item, launches, failed launches and joins. Task I "
    "ranks items by the product of initiator and item. Task II: score(p|u,i) is the product of p and i over the same "
    "interactions plus the product of u and p over who shared a group or is a friend, both learned together from joins."
)


class Space(nn.Module, abc.ABC):
    """Vectors of the two sides of one graph of interactions [L, R], in one space."""

    @abc.abstractmethod
    def forward(self) -> tuple[Tensor, Tensor]:
        """The vectors of both sides after propagation, [L, d] and [R, d]."""


class SingleRole(Vectors):
    """Task I: a space of users and items. Task II: another such space, and one of initiators and participants.

    Roles are kept apart in what is learned (launches, or joins), not in the graphs: nearly all users launch one item or
    two, and a graph of launches alone falls into pieces that share nothing.
    """

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
        return product(tables["tastes/left"], initiator, tables["tastes/right"], items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Item times participant, plus initiator times participant."""
        taste = product(tables["tastes/right"], item, tables["tastes/left"], participants)
        return taste + product(tables["ties/left"], initiator, tables["ties/right"], participants)


class SingleRoleSystem(VectorSystem):
    """A system that is known by its ``space``: what it makes of one graph."""

    adaptation = ADAPTATION
    space: ClassVar[type[Space]]

    def vectors(self, graphs: Graphs, tasks: tuple[str, ...], setting: Setting) -> Vectors:
        """The spaces that the task needs."""
        sides: dict[str, sp.csr_matrix] = {"tastes": graphs.history}
        if tasks == ("participants",):
            sides["ties"] = graphs.circle
        return SingleRole({name: self.space(matrix, setting) for name, matrix in sides.items()})
