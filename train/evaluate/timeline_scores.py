"""Scores of served models, each candidate list asked as of its own moment."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from db.settings import settings
from engine.loading import Bundle
from engine.moment import Moment
from engine.timeline import Timeline
from train.evaluate.sampled_ranking import CandidateLists

Report = Callable[[int, int], None]  # how many moments of how many were asked
Lists = Mapping[Task, CandidateLists]
Scores = dict[Task, NDArray[np.float32]]


def ignore_moments(_done: int, _of: int) -> None:
    """Does nothing."""


def scores_as_of(
    bundles: Sequence[Bundle], logs: Logs, lists: Lists, report: Report = ignore_moments
) -> list[Scores]:
    """The scores [n, N] of each bundle, each list asked as of its own moment; several moments at a time."""
    timelines = [Timeline(bundle, logs) for bundle in bundles]
    places = [_places(timeline, logs) for timeline in timelines]
    found: list[Scores] = [
        {task: np.empty(drawn.candidates.shape, np.float32) for task, drawn in lists.items()}
        for _ in bundles
    ]
    states = {task: _states(timelines[0], drawn) for task, drawn in lists.items()}
    asked = np.unique(np.concatenate([*states.values(), np.empty(0, np.int64)])).tolist()

    def ask(state: int) -> None:
        for timeline, (user, item), scores in zip(timelines, places, found, strict=True):
            known = timeline.known_at(state)
            for task, drawn in lists.items():
                rows = states[task] == state
                if not rows.any():
                    continue
                part = drawn.part(rows)
                candidates = item if task is Task.ITEMS else user
                scores[task][rows] = known.scorer(task).score_pairs(
                    user[part.initiator],
                    None if part.item is None else item[part.item],
                    candidates[part.candidates],
                )

    report(0, len(asked))
    with ThreadPoolExecutor(settings().threads) as pool:
        try:
            for done, _ in enumerate(pool.map(ask, asked), 1):
                report(done, len(asked))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _places(timeline: Timeline, logs: Logs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the users [U] and the items [I] of the logs are in the model."""
    known = timeline.known_at(0)
    return (
        known.user_positions([str(id) for id in logs.users.index]),
        known.item_positions([str(id) for id in logs.items.index]),
    )


def _states(timeline: Timeline, lists: CandidateLists) -> NDArray[np.int64]:
    assert lists.at is not None, "drawn as of their launches"  # noqa: S101
    return np.array([timeline.state(Moment(at)) for at in lists.at], np.int64)
