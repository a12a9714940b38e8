"""The recommender: opens a model version, ranks every candidate exactly, and explains."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.errors import EngineError, NoModel, UnknownModel
from db.logs import Logs, Task
from db.models import registry
from db.settings import settings
from db.store import Store
from engine.bundle.manifest import Manifest
from engine.catalogue import Listed, Shop, place, top_ranked
from engine.explain.past_groups import past_groups
from engine.explain.reasons import Query, reasons_for
from engine.explain.task import explain_task, item_sentence, participant_sentence, similar_items
from engine.initiators import Candidates, Launchers
from engine.loading import Bundle, load_bundle
from engine.refresh import brought_up_to_date, current
from engine.results import Explanation, InitiatorRanking, Ranked, Ranking
from engine.scorer import ITEMS, PARTICIPANTS, Scorer


class Recommender:
    """A model version over a store; threads may share it.

    Ids are the shop's own, surrounding spaces forgiven. One that the model was trained without is a
    newcomer, never an error: it is ranked by its groups and neighbours in the logs, or, where it is
    in none of them, as nobody in particular. The logs, and who and what can be recommended, are
    read from the store once: open another recommender when ``db.read_logs.data_version`` has changed.
    """

    def __init__(self, store: Store, bundle: Bundle) -> None:
        self._store, self._bundle = store, bundle
        self._shop = Shop(store, bundle.users, bundle.items)

    @classmethod
    def open(
        cls, store: Store, version: str | None = None, models: Path | None = None
    ) -> "Recommender":
        """The model ``version``, or the serving one, from the folder ``models``.

        Where the store has changed since the training, its logs are read and served with what was
        learned. ``models`` defaults to the setting. Raises NoModel where none serves, UnknownModel,
        BundleRefused where the files are damaged, and StoreError where the logs cannot be read.
        """
        if version is None:
            serving = registry.serving(store)
            if serving is None:
                raise NoModel(
                    "No model serves yet. Train one with `python -m train fit --promote`, or "
                    "promote a version: `python -m engine models` lists them."
                )
            version = serving.version
        elif version not in {known.version for known in registry.versions(store)}:
            raise UnknownModel(
                f"There is no model version {version!r}. `python -m engine models` lists them."
            )
        chosen = settings()
        bundle = load_bundle((models or chosen.models) / version, chosen.threads)
        return cls(store, current(bundle, store))

    def over(self, logs: Logs) -> "Recommender":
        """The same model over other logs, or as it is where it cannot follow any since its vectors were learned."""
        if self._bundle.rotation is None or self._bundle.evidence is None:
            return self
        return Recommender(self._store, brought_up_to_date(self._bundle, logs))

    @property
    def version(self) -> str:
        """The name of the model version."""
        return self._bundle.manifest.version

    @property
    def manifest(self) -> Manifest:
        """The bundle's manifest: settings, counts, metrics, calibration."""
        return self._bundle.manifest

    def knows_no_item(self, item: str) -> bool:
        """Whether the model was trained without this item."""
        return self._bundle.items.is_new(self._bundle.items.position(item))

    def rank_items(
        self,
        initiator: str,
        top: int = 20,
        exclude_launched: bool = True,
        among: Collection[str] | None = None,
    ) -> Ranking:
        """The ``top`` items for an initiator, out of all that the store holds, or of ``among``.

        ``exclude_launched`` leaves out what she has a successful or an open group for; what she
        launched in vain she may try again. ``among`` (ids) changes who is listed, not the scores
        and the chances: they compare with every item. Ties are broken by id.
        """
        initiator = initiator.strip()
        query = self._query(ITEMS, initiator, None)
        listed = self._shop.items
        allowed = ~listed.those(self._shop.launched(initiator) if exclude_launched else ())
        if among is not None:
            allowed &= listed.those(id.strip() for id in among)
        return Ranking(
            model=self.version,
            initiator=initiator,
            initiator_newcomer=self._bundle.users.is_new(query.initiator),
            item=None,
            item_newcomer=False,
            results=self._ranked(query, listed, allowed, top),
            candidates=int(allowed.sum()),
        )

    def rank_participants(
        self, initiator: str, item: str, top: int = 20, exclude: Collection[str] = ()
    ) -> Ranking:
        """The ``top`` participants for an initiator and an item, out of all the store's users.

        Never the initiator herself, nor anybody in ``exclude`` (ids of those who have joined).
        Ties are broken by id.
        """
        initiator, item = initiator.strip(), item.strip()
        query = self._query(PARTICIPANTS, initiator, item)
        listed = self._shop.users
        allowed = ~listed.those([initiator, *(id.strip() for id in exclude)])
        return Ranking(
            model=self.version,
            initiator=initiator,
            initiator_newcomer=self._bundle.users.is_new(query.initiator),
            item=item,
            item_newcomer=self._bundle.items.is_new(self._bundle.items.position(item)),
            results=self._ranked(query, listed, allowed, top),
            candidates=int(allowed.sum()),
        )

    def rank_initiators(
        self,
        item: str,
        top: int = 20,
        candidates: Collection[str] | None = None,
        exclude_launched: bool = True,
        least_launches: int = 0,
    ) -> InitiatorRanking:
        """The ``top`` initiators for an item, by the calibrated chance that the next launch of each is this item.

        Out of all users of the store, or of those among them whose ids are in ``candidates``; ``least_launches``
        leaves out who has opened fewer groups, and ``exclude_launched`` who has a successful or an open one for the
        item. Ties are broken by id.

        The chance of everyone in the answer is exact: all her items are ranked. In a shop with many users that is
        done for a shortlist alone, more than ``top`` of them (``engine.initiators`` says how it is found), so that
        somebody near the end of the list may be missing; ``InitiatorRanking.exact`` says whether anybody was left
        out so. How active an initiator is has no part in the order: ``launches`` says it apart.
        """
        chosen = Candidates(candidates, exclude_launched, least_launches)
        return self._launchers.ranking(item.strip(), top, chosen)

    def explain(self, initiator: str, item: str, participant: str | None = None) -> Explanation:
        """Why this item for this initiator and, where one is given, why this participant."""
        initiator, item = initiator.strip(), item.strip()
        users, items = self._bundle.users, self._bundle.items
        people = self._shop.names("users", [initiator, (participant or "").strip()])
        name = self._shop.names("items", [item])[item]
        query = self._query(ITEMS, initiator, None)
        tasks = [explain_task(query, items.position(item), self._shop.item_names)]
        listed = self._shop.items
        allowed = ~listed.those(self._shop.launched(initiator) - {item})
        rank, candidates = place(query.everyone.scores, listed, allowed, item, items.position(item))
        tasks[0] = replace(tasks[0], rank=rank, candidates=candidates)
        told = [item_sentence(people[initiator], name, rank, candidates, tasks[0].reasons)]
        if participant is not None:
            participant = participant.strip()
            query = self._query(PARTICIPANTS, initiator, item)
            at = users.position(participant)
            tasks.append(explain_task(query, at, self._shop.item_names))
            allowed = ~self._shop.users.those({initiator} - {participant})
            rank, candidates = place(
                query.everyone.scores, self._shop.users, allowed, participant, at
            )
            tasks[1] = replace(tasks[1], rank=rank, candidates=candidates)
            told.append(
                participant_sentence(people[participant], rank, candidates, tasks[1].reasons)
            )
        return Explanation(
            model=self.version,
            initiator=initiator,
            item=item,
            participant=participant,
            tasks=tasks,
            past_groups=past_groups(
                self._shop.store, initiator, item, participant, self._similar(item)
            ),
            sentence=" ".join(told),
        )

    def score_items(self, initiator: str, candidates: Sequence[str]) -> NDArray[np.float32]:
        """The logits of items [K] for an initiator, in the order of ``candidates``."""
        return self.scorer(ITEMS).pairs(
            self.user_positions([initiator]), None, self.item_positions(candidates)[None]
        )[0]

    def score_participants(
        self, initiator: str, item: str, candidates: Sequence[str]
    ) -> NDArray[np.float32]:
        """The logits of participants [K] for an initiator and an item, in the order given."""
        return self.scorer(PARTICIPANTS).pairs(
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
        """The gate's weights [N, experts] of N cases, as ``explain`` gives them one by one.

        Task I weighs an initiator and an item, Task II a participant as well; ``experts`` names
        the columns. Cases of the same query are answered together: give many at once.
        """
        chosen = self.item_positions(items)
        queries = self.user_positions(initiators)
        if participants is None:
            return self.scorer(ITEMS).pairs_gates(queries, None, chosen)
        joiners = self.user_positions(participants)
        return self.scorer(PARTICIPANTS).pairs_gates(queries, chosen, joiners)

    @property
    def experts(self) -> dict[str, list[str]]:
        """The experts that each task's gate chooses from, in its order."""
        return {task: scorer.manifest.experts for task, scorer in self._bundle.scorers.items()}

    @property
    def provider(self) -> str:
        """Where the graphs run, ``CUDAExecutionProvider`` or ``CPUExecutionProvider``."""
        return next(iter(self._bundle.scorers.values())).graph.provider

    def new_users(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Which of these users, [N], the model was trained without."""
        return self.user_positions(ids) >= self._bundle.users.trained

    def new_items(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Which of these items, [N], the model was trained without."""
        return self.item_positions(ids) >= self._bundle.items.trained

    def scorer(self, task: str) -> Scorer:
        """The scorer of ``items`` or ``participants``; raises EngineError where there is none."""
        if task not in self._bundle.scorers:
            raise EngineError(
                f"The model version {self.version} was trained without the task {task!r}. "
                "Train it on both tasks, or promote another version."
            )
        return self._bundle.scorers[Task(task)]

    def user_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in what is served, the newcomer's for unknown ids."""
        return self._bundle.users.positions(ids)

    def item_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in what is served, the newcomer's for unknown ids."""
        return self._bundle.items.positions(ids)

    @cached_property
    def _launchers(self) -> Launchers:
        return Launchers(self.version, self.scorer(ITEMS), self._bundle, self._shop)

    def _query(self, task: str, initiator: str, item: str | None) -> Query:
        scorer = self.scorer(task)
        u = self._bundle.users.position(initiator)
        i = None if item is None else self._bundle.items.position(item)
        return Query(scorer, u, i, scorer.everyone(u, i))

    def _ranked(
        self, query: Query, listed: Listed, allowed: NDArray[np.bool_], top: int
    ) -> list[Ranked]:
        """The best ``top`` of the allowed ones, with names and reasons."""
        scores = query.everyone.scores[listed.positions]
        chosen = top_ranked(scores, listed.ids, allowed, top)
        positions, ids = listed.positions[chosen], listed.ids[chosen].tolist()
        names = self._shop.names("items" if query.item is None else "users", ids)
        reasons = reasons_for(query, positions, self._shop.item_names)
        probabilities = query.scorer.probabilities(scores[chosen], query.everyone.normaliser)
        return [
            Ranked(
                rank=k + 1,
                id=id,
                name=names[id],
                score=float(scores[chosen[k]]),
                probability=float(probabilities[k]),
                reasons=reasons[k],
                newcomer=bool(positions[k] >= query.scorer.trained),
            )
            for k, id in enumerate(ids)
        ]

    def _similar(self, item: str) -> list[str]:
        """Ids of the items that go with ``item``; none for a model without evidence."""
        if self._bundle.evidence is None:
            return []
        near = similar_items(self._bundle.evidence.graphs, self._bundle.items.position(item))
        return [self._bundle.items.ids[position] for position in near]
