"""The score and the losses of group buying that GBMF and GBGCN share (Zhang et al., ICDE 2021)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from train.nn.losses import pairwise
from train.systems.vector_system import VectorSystem
from train.systems.vectors import Batch, Setting, Tables, Vectors, product

ADAPTATION = (
    "Friends are declared friendships and, as few logs have any, the ties of initiators and participants in training "
    "groups. Task II: the participant's interest in the item, plus the product of initiator and participant. Where "
    "messages are passed they are normalised by both ends: plain means did worse on validation groups."
)


@dataclass(frozen=True)
class GroupBuyingSetting(Setting):
    """With the weights of the two roles and of the two signs."""

    friends: float = 0.5  # alpha: the share of the friends' interest in a launch's score
    refusal: float = 0.05  # beta: how much a failed launch says against the friends' interest


class GroupBuying(Vectors):
    """Vectors whose tables are ``initiator`` and ``launched``, ``participant`` and ``joined``, and ``friends``.

    Rows of the first two pairs are a user's and an item's vectors in either role; row u of ``friends`` is the mean of
    her friends' participant vectors.
    """

    setting: GroupBuyingSetting

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """(1 - alpha) own interest as an initiator + alpha the mean interest of her friends as participants."""
        own = product(tables["initiator"], initiator, tables["launched"], items)
        theirs = product(tables["friends"], initiator, tables["joined"], items)
        alpha = self.setting.friends
        return (1 - alpha) * own + alpha * theirs

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """The participant's interest in the item, plus initiator times participant."""
        interest = product(tables["joined"], item, tables["participant"], participants)
        tie = product(tables["initiator"], initiator, tables["participant"], participants)
        return interest + tie

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """BPR of both tasks, and of failed launches: the initiator wanted the item, her friends did not."""
        tables = self()
        found = self.task_losses(tables, batch)
        if batch.failures is not None and len(batch.failures.initiator):
            initiator, items = batch.failures.initiator, batch.failures.items
            own = product(tables["initiator"], initiator, tables["launched"], items)
            theirs = product(tables["friends"], initiator, tables["joined"], items)
            found["failed"] = pairwise(own[:, :1], own[:, 1:])
            found["refused"] = self.setting.refusal * pairwise(-theirs[:, :1], -theirs[:, 1:])
        return found


class GroupBuyingSystem(VectorSystem):
    """Both tasks learned together, from failed launches as well."""

    adaptation = ADAPTATION
    scopes: ClassVar[Sequence[tuple[str, ...]]] = (("items", "participants"),)
    failures = True
