"""One model over the logs as they were known at any moment, for lists of candidates each with a moment of its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.errors import EngineError
from db.logs import OPEN, Logs, Task
from engine.evidence.few_rows import FewRowGraphs
from engine.evidence.timed.timed_evidence import TimedEvidence, day_of
from engine.loading import Bundle
from engine.moment import Moment
from engine.query_scores import scorer_of
from engine.refresh import as_of, can_follow_logs, in_model_positions, serve_logs, with_later
from engine.scorer import Scorer


class KnownScores:
    """A model that scores chosen candidates by what was known at some moment; not for threads to share."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def scorer(self, task: Task) -> Scorer:
        """The scorer of a task, for chosen candidates only; raises EngineError if the model was trained without it."""
        return scorer_of(self._bundle, task)

    def user_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in the model, the cold-start position for unknown ids."""
        return self._bundle.users.positions(ids)

    def item_positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Positions in the model, the cold-start position for unknown ids."""
        return self._bundle.items.positions(ids)


class Timeline:
    """The model at any moment. Moments of one *state* share what is costly to compute.

    To a model that knows time, a state is a day: its role vectors are those of the day's first second, and its evidence
    is exact as of each list's own moment. To others, a state is what was known between two events.
    """

    def __init__(self, bundle: Bundle, logs: Logs) -> None:
        """Raises EngineError if the model cannot follow the logs."""
        if not can_follow_logs(bundle):
            raise EngineError("engine.moment.cannot_follow_any", version=bundle.manifest.version)
        extended = with_later(bundle, logs)
        self._logs = in_model_positions(extended, logs)
        self.exact = isinstance(bundle.evidence, TimedEvidence)  # as of each list's own moment
        if self.exact:
            self._bundle, self._changes = serve_logs(extended, self._logs), _NO_CHANGES
        else:
            self._bundle, self._changes = extended, _changes(self._logs)

    def state(self, moment: Moment) -> int:
        """The state of the moment."""
        if self.exact:
            return int(day_of(moment.at).astype(np.int64))
        # How many changes came before it: moments of the same state know the same.
        return int(np.searchsorted(self._changes, moment.at, side="left"))

    def known_at(self, state: int) -> KnownScores:
        """The model over what is known in a state."""
        if self.exact:
            return KnownScores(as_of(self._bundle, np.datetime64(state, "s")))
        logs = self._logs
        if state < len(self._changes):
            logs = logs.known_before(self._changes[state])
        return KnownScores(serve_logs(self._bundle, logs, FewRowGraphs))


_NO_CHANGES = np.empty(0, "datetime64[s]")


def _changes(logs: Logs) -> NDArray[np.datetime64]:
    """The moments [C], ascending, after which something else is known."""
    # An open group is no evidence; a closed one is from when it was known what became of it, each join from when
    # it was known to be one.
    closed = logs.group_status != OPEN
    times = [logs.group_launched_at[closed], logs.closed_at[closed], logs.joined_at]
    changes = np.unique(np.concatenate(times))
    return changes[~np.isnat(changes)]
