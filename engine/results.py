"""What the engine answers: plain frozen records, ready to be drawn, printed or written as JSON."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Reason:
    """Why a candidate stands where it stands, as a fact counted from past groups.

    ``kind`` names the evidence (a key of ``engine.explain.reasons.SENTENCES``), ``values`` fill the
    sentence's blanks, so that the app can say it in another language.
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
    name: str  # the id where the store knows no name
    score: float  # the model's logit: orders, and means nothing alone
    probability: float  # calibrated on the validation split
    reasons: list[Reason]  # at most three, strongest first
    newcomer: bool  # the model was trained without this entity


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


@dataclass(frozen=True)
class RankedInitiator(Ranked):
    """One initiator for an item. The probability is that her next launch is this item."""

    launches: int  # groups that she has opened, whatever became of them: how active she is


@dataclass(frozen=True)
class InitiatorRanking:
    """Who should launch an item, by the chance that the next launch of each is this item."""

    model: str
    item: str
    item_newcomer: bool
    results: list[RankedInitiator]
    candidates: int  # initiators who were looked at
    ranked: int  # of these the ones all of whose items were ranked; the others had less promise

    @property
    def exact(self) -> bool:
        """Whether nobody was left out on a guess."""
        return self.ranked == self.candidates


@dataclass(frozen=True)
class Contribution:
    """What the score loses when one input is taken away."""

    input: str  # a token's name
    change: float  # score with it minus score without it


@dataclass(frozen=True)
class PastGroup:
    """A group of the logs on which a recommendation rests."""

    initiator: str
    item: str
    participants: list[str]
    # "same_item", "by_initiator", "joined_by_participant", "between_the_two" or "similar_item"
    why: str


@dataclass(frozen=True)
class TaskExplanation:
    """The model's inside for one candidate in one task."""

    task: str  # "items" or "participants"
    score: float
    probability: float
    experts: list[str]  # that this task's gate chooses from: "task 1", ..., "shared 1", ...
    gate: NDArray[np.float32]  # [experts], sums to 1
    tokens: list[str]  # names of the inputs that attend to each other
    attention: NDArray[np.float32]  # [experts, heads, tokens, tokens], each row sums to 1
    contributions: list[Contribution]
    reasons: list[Reason]
    rank: int = 0  # from 1, among all candidates; 0 where nobody ranked it
    candidates: int = 0


@dataclass(frozen=True)
class Explanation:
    """Why this item for this initiator and, where one is given, why this participant."""

    model: str
    initiator: str
    item: str
    participant: str | None
    tasks: list[TaskExplanation]  # Task I; Task II as well when there is a participant
    past_groups: list[PastGroup] = field(default_factory=list)
    sentence: str = ""
