"""The recommender: opens a model version, ranks every candidate exactly, and explains."""

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.errors import EngineError, NoModel, UnknownModel
from db.logs import Logs, Task
from db.models import registry
from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.availability import LoggedAvailability, ReadsAvailability, StoredAvailability
from engine.bundle.manifest import Manifest
from engine.candidates import Question
from engine.catalogue import Catalogue, Listing, Offered, count_reasons
from engine.explain.explainer import Explainer
from engine.explain.reasons import find_reasons
from engine.initiators import InitiatorFilter, InitiatorRanker
from engine.loading import Bundle, load_bundle
from engine.moment import Moment, current_moment, everything_known
from engine.query_scores import QueryScores
from engine.refresh import can_follow_logs, refresh_bundle, refresh_if_stale
from engine.results import Explanation, InitiatorRanking, Ranked, Ranking
from engine.scorer import ScoredQuery, Scorer
from engine.source import Kind, LogsSource, Source, StoreSource
from engine.timeline import Timeline
from engine.track_record import TrackRecords


class Recommender:
    """A model version over a store, or over logs in memory; threads may share it.

    Ids are the shop's own; surrounding spaces are ignored. An id that the model was trained without is never an error:
    it is ranked by its groups and neighbours in the current logs, or, if it is in none, by the cold-start row. The logs
    and the lists of users and items are read once: open another recommender when ``db.read_logs.data_version`` has
    changed. What the shop says of its shelf, and who does not want to be asked, is heeded from the next call on.

    Everything is ranked as of ``moment``: what happened at it or later does not count. Lists leave out items that
    cannot be had then, unless they are asked to ``show_all``, and never name people who do not want to be asked.
    """

    def __init__(self, source: Source, bundle: Bundle, availability: ReadsAvailability) -> None:
        self._bundle = bundle
        self._catalogue = Catalogue(source, bundle.users, bundle.items, availability)
        self._scores = QueryScores(bundle, self._catalogue)

    @classmethod
    def open(
        cls,
        store: Store,
        version: str | None = None,
        models: Path | None = None,
        as_of: Moment | None = None,
    ) -> "Recommender":
        """The model ``version``, or the serving one, from the folder ``models`` (default: the setting).

        It serves what was known before ``as_of`` (default: ``engine.moment.current_moment``), be that less or more
        than the logs of its training. Raises NoModel if no version serves, UnknownModel, BundleRefused if the files
        are damaged, StoreError if the logs cannot be read, and EngineError for a model that cannot follow the logs to
        a moment that somebody picked.
        """
        recorded = registry.serving(store) if version is None else registry.find(store, version)
        if recorded is None:
            if version is None:
                raise NoModel("engine.no_model")
            raise UnknownModel("engine.unknown_model", version=version)
        version = recorded.version
        chosen = settings()
        folder = (models or chosen.models) / version
        bundle = load_bundle(folder, chosen.threads, recorded.manifests)
        availability = StoredAvailability(store, as_of)
        moment = as_of or current_moment(store)
        if moment is None or everything_known(store, moment):
            at = None if moment is None else moment.at
            return cls(StoreSource(store), refresh_if_stale(bundle, store, at), availability)
        known = read_logs(store).known_before(moment.at)
        if can_follow_logs(bundle):
            bundle = refresh_bundle(bundle, known, moment.at)
        elif moment.picked:
            raise EngineError("engine.moment.cannot_follow", version=version, moment=str(moment))
        return cls(LogsSource(known), bundle, availability)

    def over(self, logs: Logs) -> "Recommender":
        """The same model over other logs; over those of its training if it cannot follow any others."""
        follows = can_follow_logs(self._bundle)
        bundle = refresh_bundle(self._bundle, logs) if follows else self._bundle
        return Recommender(LogsSource(logs), bundle, LoggedAvailability(logs))

    def timeline(self, logs: Logs) -> Timeline:
        """The same model at any moment of other logs; raises EngineError if it cannot follow them."""
        return Timeline(self._bundle, logs)

    @property
    def version(self) -> str:
        """The name of the model version."""
        return self._bundle.manifest.version

    @property
    def moment(self) -> Moment | None:
        """The moment as of which it ranks; None where the logs have no times."""
        return self._catalogue.moment

    @property
    def manifest(self) -> Manifest:
        """The bundle's manifest: settings, counts, metrics, calibration."""
        return self._bundle.manifest

    def track_records(self) -> TrackRecords:
        """How the groups of each item ended that had closed before the moment."""
        return TrackRecords(self._catalogue.source.closed_group_counts())

    def knows_no_item(self, item: str) -> bool:
        """Whether the model was trained without this item."""
        return self._bundle.items.is_new(self._bundle.items.position(item))

    @property
    def question(self) -> Question:
        """What the model was trained to answer in Task I: what an initiator launches that is new to them, or at all."""
        return self.manifest.question

    def rank_items(
        self,
        initiator: str,
        top: int = 20,
        exclude_launched: bool | None = None,
        among: Collection[str] | None = None,
        show_all: bool = False,
    ) -> Ranking:
        """The ``top`` items for an initiator, out of all items of the shop, or out of ``among``.

        ``exclude_launched`` asks for something new: it leaves out the items that the initiator has a successful or an
        open group for; one that failed may be tried again. None asks ``question``. The probabilities of all candidates
        that can be had are about 1 in sum, whichever question is asked. ``among`` (ids) restricts the list; scores and
        probabilities still compare with every candidate. ``show_all`` lists what cannot be had, too, with the reason
        and the probability that it would have if it alone came back; those of the others stay. Ties are broken by id.
        """
        initiator = initiator.strip()
        question = self._asked(exclude_launched)
        launched = self._scores.launched_items(initiator, question)
        offered = self._catalogue.offered()
        scored = self._scores.score_items(initiator, launched, question, offered)
        listed = self._catalogue.items
        allowed = ~listed.mask(launched)
        if among is not None:
            allowed &= listed.mask(id.strip() for id in among)
        left_out = allowed & ~offered.items
        if not show_all:
            allowed &= offered.items
        return Ranking(
            model=self.version,
            initiator=initiator,
            initiator_newcomer=self._bundle.users.is_new(scored.query.initiator),
            item=None,
            item_newcomer=False,
            results=self._ranked(scored, listed, allowed, top, offered),
            candidates=int(allowed.sum()),
            question=question,
            moment=self.moment,
            left_out=count_reasons(listed, left_out, offered.availability.shelf.unavailable),
            show_all=show_all,
        )

    def rank_participants(
        self, initiator: str, item: str, top: int = 20, exclude: Collection[str] = ()
    ) -> Ranking:
        """The ``top`` participants for an initiator and an item, out of all users of the shop.

        Never the initiator, nor anybody in ``exclude``: the ids of those who have joined the group already, nor
        whoever does not want to be asked. The latter keep their share of the probability, because they may join
        unasked. Ties are broken by id.
        """
        initiator, item = initiator.strip(), item.strip()
        members = [id.strip() for id in exclude]
        offered = self._catalogue.offered()
        scored = self._scores.score_participants(initiator, item, members, offered)
        listed = self._catalogue.users
        allowed = ~listed.mask([initiator, *members])
        left_out = allowed & offered.refusing
        allowed &= offered.people
        return Ranking(
            model=self.version,
            initiator=initiator,
            initiator_newcomer=self._bundle.users.is_new(scored.query.initiator),
            item=item,
            item_newcomer=self.knows_no_item(item),
            results=self._ranked(scored, listed, allowed, top),
            candidates=int(allowed.sum()),
            moment=self.moment,
            left_out=count_reasons(listed, left_out, offered.availability.refusing),
            item_unavailable=offered.why_not_item(item),
        )

    def rank_initiators(
        self,
        item: str,
        top: int = 20,
        candidates: Collection[str] | None = None,
        exclude_launched: bool | None = None,
        least_launches: int = 0,
    ) -> InitiatorRanking:
        """The ``top`` initiators for an item, by the calibrated probability that a launch of theirs is of this item.

        Out of all users of the shop, or those whose ids are in ``candidates``. ``least_launches`` leaves out users who
        have opened fewer groups. ``exclude_launched`` asks who launches it as something new, and leaves out those with
        a successful or an open group for the item; None asks ``question``. Ties are broken by id. How active an
        initiator is does not affect the order; ``launches`` shows it.

        Every probability is exact: all items are ranked for that initiator. In a shop with many users this is done for
        a shortlist only (see ``engine.initiators``), so somebody near the end of the list may be missing;
        ``InitiatorRanking.exact`` says whether anybody was left out.
        """
        chosen = InitiatorFilter(candidates, self._asked(exclude_launched), least_launches)
        return self._initiator_ranker.rank(item.strip(), top, chosen)

    def explain(self, initiator: str, item: str, participant: str | None = None) -> Explanation:
        """Why this item for this initiator and, if one is given, why this participant."""
        return self._explainer.explain(
            initiator.strip(), item.strip(), None if participant is None else participant.strip()
        )

    def score_items(self, initiator: str, candidates: Sequence[str]) -> NDArray[np.float32]:
        """The logits of items [K] for an initiator, in the order of ``candidates``."""
        return self.scorer(Task.ITEMS).score_pairs(
            self.user_positions([initiator]), None, self.item_positions(candidates)[None]
        )[0]

    def score_participants(
        self, initiator: str, item: str, candidates: Sequence[str]
    ) -> NDArray[np.float32]:
        """The logits of participants [K] for an initiator and an item, in the order of ``candidates``."""
        return self.scorer(Task.PARTICIPANTS).score_pairs(
            self.user_positions([initiator]),
            self.item_positions([item]),
            self.user_positions(candidates)[None],
        )[0]

    def gates(
        self,
        initiators: Sequence[str],
        items: Sequence[str],
        participants: Sequence[str] | None = None,
    ) -> NDArray[np.float32]:
        """The gate weights [N, experts] of N cases, equal to those that ``explain`` gives one by one.

        Of Task I, or of Task II if there are ``participants``; ``experts`` names the columns. Cases of the same query
        are computed together: pass many at once.
        """
        u, i = self.user_positions(initiators), self.item_positions(items)
        if participants is None:
            return self.scorer(Task.ITEMS).gates_of_pairs(u, None, i)
        p = self.user_positions(participants)
        return self.scorer(Task.PARTICIPANTS).gates_of_pairs(u, i, p)

    @property
    def experts(self) -> dict[Task, list[str]]:
        """The experts that each task's gate chooses from, in its order."""
        return {task: scorer.manifest.experts for task, scorer in self._bundle.scorers.items()}

    @property
    def provider(self) -> str:
        """Where the graphs run, ``CUDAExecutionProvider`` or ``CPUExecutionProvider``."""
        return next(iter(self._bundle.scorers.values())).head.provider

    def new_users(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Which of these users, [N], the model was trained without."""
        return self.user_positions(ids) >= self._bundle.users.trained

    def new_items(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Which of these items, [N], the model was trained without."""
        return self.item_positions(ids) >= self._bundle.items.trained

    def scorer(self, task: Task) -> Scorer:
        """The scorer of a task; raises EngineError if the model was trained without it."""
        return self._scores.scorer(task)

    def user_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in the model, the cold-start position for unknown ids."""
        return self._bundle.users.positions(ids)

    def item_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in the model, the cold-start position for unknown ids."""
        return self._bundle.items.positions(ids)

    @property
    def _explainer(self) -> Explainer:
        return Explainer(self._bundle, self._catalogue, self._scores)

    @cached_property
    def _initiator_ranker(self) -> InitiatorRanker:
        return InitiatorRanker(self.version, self.scorer(Task.ITEMS), self._catalogue)

    def _asked(self, exclude_launched: bool | None) -> Question:
        return self.question if exclude_launched is None else Question.of(exclude_launched)

    def _ranked(
        self,
        scored: ScoredQuery,
        listed: Listing,
        allowed: NDArray[np.bool_],
        top: int,
        offered: Offered | None = None,
    ) -> list[Ranked]:
        """The ``top`` allowed entries of the list, with names, reasons and whether they can be had."""
        scores = scored.scores[listed.positions]
        chosen = listed.top(scores, allowed, top)
        positions, ids = listed.positions[chosen], listed.ids[chosen].tolist()
        kind: Kind = "items" if scored.query.task is Task.ITEMS else "users"
        names = self._catalogue.names(kind, ids)
        reasons = find_reasons(scored, positions, self._catalogue.item_names)
        missing = np.zeros(len(chosen), bool) if offered is None else ~offered.items[chosen]
        probabilities = scored.probabilities(scores[chosen], missing)
        return [
            Ranked(
                rank=k + 1,
                id=id,
                name=names[id],
                score=float(scores[chosen[k]]),
                probability=float(probabilities[k]),
                reasons=reasons[k],
                newcomer=bool(positions[k] >= scored.scorer.trained),
                unavailable=None if offered is None else offered.why_not_item(id),
                remark=None if offered is None else offered.availability.shelf.remarks.get(id),
            )
            for k, id in enumerate(ids)
        ]
