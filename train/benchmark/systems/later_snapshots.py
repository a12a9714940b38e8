"""A model that knows time, asked after its training: evidence as of each list's moment, role vectors as of its day."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import Logs
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables, propagate_views
from engine.evidence.taste_vectors import fold_in_items
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence, day_of, moment_after
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.snapshot import Snapshot
from train.prepare.timed_dataset import timed_snapshot


class LaterSnapshots:
    """The state of ``logs`` on any day, for a model that learned from ``learned``, as the engine serves it.

    Items keep the taste vectors of all that was learned from, rotated towards the ``target`` [I+1, d] of the training;
    users' vectors follow the logs from day to day (``engine.refresh``).
    """

    def __init__(
        self,
        learned: Logs,
        logs: Logs,
        settings: ModelSettings,
        target: NDArray[np.float32] | None,
    ) -> None:
        self.logs, self.settings = logs, settings
        trained = timed_snapshot(
            ShopEvents(logs, ShopEvents(learned).words.space),
            settings,
            moment_after(learned.last_event),
            target,
        )
        assert isinstance(trained.evidence, TimedEvidence)  # noqa: S101  a timed snapshot has timed evidence
        self._learned_on = day_of(trained.evidence.moment)
        self._trained, self._evidence = trained, trained.evidence
        self.end = moment_after(logs.last_event)

    def now(self) -> Snapshot:
        """The state at the end of the logs, in which lists without a moment are asked."""
        return self._of_day(day_of(self.end))

    def of_lists(self, lists: CandidateLists) -> Iterator[tuple[NDArray[np.bool_], Snapshot]]:
        """The lists [n] of each day, with the snapshot that they are asked in."""
        at = np.full(len(lists.group), self.end) if lists.at is None else lists.at
        days = at.astype("datetime64[D]").astype("datetime64[s]")
        for day in np.unique(days):
            yield days == day, self._of_day(day)

    def _of_day(self, day: np.datetime64) -> Snapshot:
        views = self._trained.tables if day <= self._learned_on else self._views(day)
        return replace(self._trained, evidence=self._evidence.as_of(self.end), tables=views)

    def _views(self, day: np.datetime64) -> ViewTables:
        """The role vectors as of the first second of the day."""
        assert self._trained.rotation is not None  # noqa: S101  taste embeddings always have one
        known = self.logs.known_before(day)
        graphs = Graphs.from_logs(known, friendships=self.settings.friendships)
        vectors = self._folded_in(graphs.smoothed_history)
        return propagate_views(Evidence(graphs, vectors, vectors), self._trained.rotation)

    def _folded_in(self, history: sp.csr_matrix) -> NDArray[np.float32]:
        """The taste vectors of a later history; items that nobody had chosen in training are the later ones."""
        trained = self._evidence.smooth_taste
        chosen = self._evidence.graphs.smoothed_history.getnnz(0)[:-1] > 0
        earlier, later = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        cold = len(chosen)
        order = np.concatenate([earlier, later, [cold]])
        folded = fold_in_items(trained[[*earlier, cold]], history[:, order])
        vectors = np.empty_like(folded)
        vectors[order] = folded
        return vectors
