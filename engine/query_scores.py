"""The queries of both tasks, scored by one model over what a shop offers."""

from collections.abc import Collection, Sequence

from db.errors import EngineError
from db.logs import Query, Task
from engine.candidates import Question
from engine.catalogue import Catalogue, Offered
from engine.loading import Bundle
from engine.scorer import ScoredQuery, Scorer


def scorer_of(bundle: Bundle, task: Task) -> Scorer:
    """The scorer of a task; raises EngineError if the model was trained without it."""
    if task not in bundle.scorers:
        version = bundle.manifest.version
        if task is Task.ITEMS:
            raise EngineError("engine.cannot_rank_items", version=version)
        raise EngineError("engine.cannot_rank_participants", version=version)
    return bundle.scorers[task]


class QueryScores:
    """Scores everyone for the queries of a catalogue; ids are the shop's own, threads may share it."""

    def __init__(self, bundle: Bundle, catalogue: Catalogue) -> None:
        self._bundle, self._catalogue = bundle, catalogue

    def scorer(self, task: Task) -> Scorer:
        """The scorer of a task; raises EngineError if the model was trained without it."""
        return scorer_of(self._bundle, task)

    def launched_items(self, initiator: str, question: Question) -> set[str]:
        """The items that are no candidates because the initiator has launched them."""
        if question is Question.ANY:
            return set()
        return self._catalogue.source.launched_items([initiator])[initiator]

    def score_items(
        self, initiator: str, launched: Collection[str], question: Question, offered: Offered
    ) -> ScoredQuery:
        """All items for an initiator; ``launched`` ones are no candidates, and what cannot be had has no share."""
        excluded = self._bundle.items.positions(list(launched))
        return self.scorer(Task.ITEMS).score_all(
            Query(self._bundle.users.position(initiator)),
            excluded,
            question,
            offered.missing,
            offered.absent_items,
        )

    def score_participants(
        self, initiator: str, item: str, members: Sequence[str], offered: Offered
    ) -> ScoredQuery:
        """All users for an initiator and an item; the ``members`` of the group are no candidates."""
        excluded = self._bundle.users.positions([initiator, *members])
        return self.scorer(Task.PARTICIPANTS).score_all(
            Query(self._bundle.users.position(initiator), self._bundle.items.position(item)),
            excluded,
            absent=offered.absent_users,
        )
