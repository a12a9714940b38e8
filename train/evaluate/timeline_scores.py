"""Scores of served models, each candidate list asked as of its own moment."""

import functools
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
    states = [
        {task: _states(timeline, drawn) for task, drawn in lists.items()} for timeline in timelines
    ]
    asked = [np.unique(np.concatenate([*of.values(), np.empty(0, np.int64)])) for of in states]
    done, every = 0, sum(map(len, asked))
    report(done, every)
    found: list[Scores] = []
    with ThreadPoolExecutor(settings().threads) as pool:
        for timeline, state_of, moments in zip(timelines, states, asked, strict=True):
            scores: Scores = {
                task: np.empty(drawn.candidates.shape, np.float32) for task, drawn in lists.items()
            }
            found.append(scores)
            ask = functools.partial(
                _ask, timeline, _places(timeline, logs), lists, state_of, scores
            )
            try:
                for _ in pool.map(ask, moments.tolist()):
                    done += 1
                    report(done, every)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return found


def _ask(
    timeline: Timeline,
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    lists: Lists,
    states: Mapping[Task, NDArray[np.int64]],
    scores: Scores,
    state: int,
) -> None:
    """Writes the scores of the lists that are asked in this state."""
    known, (user, item) = timeline.known_at(state), places
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
            part.at if timeline.exact else None,
        )


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
