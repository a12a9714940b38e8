"""The results of the engine: plain frozen records, ready to be shown, printed or written as JSON.

Field names are those of the commands' JSON output. A *newcomer* there is a user or item that came after the training.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from db.logs import Task
from db.messages import Message
from engine.candidates import Question
from engine.moment import Moment


@dataclass(frozen=True)
class Reason:
    """A fact, counted from past groups, that raises a candidate's score.

    ``kind`` is a key of ``engine.explain.reasons.SENTENCES`` and ``values`` fill the blanks of its sentence, so that
    the app can say it in another language.
    """

    kind: str
    values: dict[str, int | float | str]
    text: str  # the English sentence

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Ranked:
    """One candidate: an item in Task I, a participant in Task II."""

    rank: int  # from 1
    id: str  # the shop's own id
    name: str  # the id if the shop gives no name
    score: float  # the model's logit: orders candidates, means nothing on its own
    # Task I: if the initiator launches and the group succeeds, that it is for this item, among all items that can be
    # had; of an item that cannot, what it would be if it alone came back. Task II: if a spot in a successful group for
    # the item is taken, that this person takes it, asked or not. Calibrated on validation groups; neither says whether
    # somebody launches or answers an invitation.
    probability: float
    reasons: list[Reason]  # at most three, strongest first
    newcomer: bool  # the model was trained without this user or item
    unavailable: Message | None = field(default=None, kw_only=True)  # why the item cannot be had
    remark: Message | None = field(
        default=None, kw_only=True
    )  # on an item of which the shop says nothing


@dataclass(frozen=True)
class Ranking:
    """A ranked list for an initiator (and an item, in Task II)."""

    model: str
    initiator: str
    initiator_newcomer: bool
    item: str | None  # None in Task I
    item_newcomer: bool
    results: list[Ranked]
    candidates: int  # how many were ranked, all of them exactly
    question: Question | None = None  # None in Task II
    moment: Moment | None = None  # as of which it was ranked; None where the logs have no times
    # Candidates that the list leaves out, by reason (``db.queries.shelf.why_not``): sold_out, off, not_contactable.
    left_out: Mapping[str, int] = field(default_factory=dict)
    show_all: bool = False  # the list has those that cannot be had, too
    item_unavailable: Message | None = None  # in Task II: why the item cannot be had


@dataclass(frozen=True)
class RankedInitiator(Ranked):
    """An initiator for an item. ``probability`` is that of this item, if they launch and the group succeeds."""

    launches: int  # groups that the initiator has opened, whatever became of them


@dataclass(frozen=True)
class InitiatorRanking:
    """Initiators for an item, by the probability of this item if they launch and the group succeeds."""

    model: str
    item: str
    item_newcomer: bool
    results: list[RankedInitiator]
    candidates: int  # initiators who were considered
    ranked: int  # of these, those for whom all items were ranked; the others were less promising
    question: Question
    moment: Moment | None = None  # as of which it was ranked; None where the logs have no times
    left_out: Mapping[str, int] = field(
        default_factory=dict
    )  # initiators who are not asked, by reason
    item_unavailable: Message | None = None  # why the item cannot be had

    @property
    def exact(self) -> bool:
        """Whether all items were ranked for every candidate."""
        return self.ranked == self.candidates


@dataclass(frozen=True)
class Contribution:
    """What the score loses when one input is replaced by its average."""

    input: str  # a token's name
    change: float  # the score with it minus the score without it


# Why a past group bears on a recommendation.
Relevance = Literal[
    "between_the_two", "by_initiator", "joined_by_participant", "same_item", "similar_item"
]


@dataclass(frozen=True)
class PastGroup:
    """A group of the logs on which a recommendation rests."""

    initiator: str
    item: str
    participants: list[str]
    why: Relevance


@dataclass(frozen=True)
class TaskExplanation:
    """What happens inside the model for one candidate in one task."""

    task: Task
    score: float
    probability: float
    experts: list[str]  # that this task's gate chooses from: "task 1", ..., "shared 1", ...
    gate: NDArray[np.float32]  # [experts], sums to 1
    tokens: list[str]  # names of the inputs that attend to each other
    attention: NDArray[np.float32]  # [experts, heads, tokens, tokens], each row sums to 1
    contributions: list[Contribution]
    reasons: list[Reason]
    rank: int = 0  # from 1, among all candidates; 0 if it was not ranked
    candidates: int = 0


@dataclass(frozen=True)
class Explanation:
    """Why this item for this initiator and, if one is given, why this participant."""

    model: str
    initiator: str
    item: str
    participant: str | None
    tasks: list[TaskExplanation]  # Task I; Task II as well when there is a participant
    past_groups: list[PastGroup] = field(default_factory=list)
    sentence: str = ""
    moment: Moment | None = None  # as of which it was explained; None where the logs have no times
    item_unavailable: Message | None = None  # why the item cannot be had
    participant_unasked: Message | None = None  # why no list names the participant
