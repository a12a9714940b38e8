"""Asks a system about the launches after a cut, in either way."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from engine.benchmark.records import Part, Way
from train.benchmark.estimates import Answers, ByPart, sampled_estimates
from train.benchmark.future import FutureHoldout
from train.benchmark.paired_differences import ListValues
from train.benchmark.systems.system import System
from train.evaluate.sampled_ranking import CandidateLists


def answer_about_the_future(system: System, holdout: FutureHoldout, way: Way) -> Answers:
    """What a fitted system answers; for the evidence of the day it must be updatable.

    As of the cut, a system that takes in logs knows the validation weeks as well, as one that serves does.
    """
    tasks = list(holdout.lists)
    asked = [holdout.asked(holdout.lists[task], way) for task in tasks]
    if holdout.among_new is not None:
        asked.append(holdout.asked(holdout.among_new, way))
    scores, scoring, updating = _score(
        system, holdout.known if way is Way.CUT else holdout.later, asked
    )
    found: ByPart = {Part.ALL: {}}
    values = ListValues()
    for task, lists, scored in zip(tasks, asked, scores, strict=False):
        values.add_lists(lists, scored)
        found[Part.ALL] |= sampled_estimates(lists, scored)
        for part, rows in holdout.parts.get(task, {}).items():
            estimates = sampled_estimates(lists.part(rows), scored[rows])
            found.setdefault(part, {}).update(estimates)
    if holdout.among_new is not None:
        found[Part.NEW_AMONG_NEW] = sampled_estimates(asked[-1], scores[-1])
    return Answers(found, values, scoring, round(updating, 2) if system.updatable else None)


def _score(
    system: System, logs: Logs, asked: Sequence[CandidateLists]
) -> tuple[list[NDArray[np.float32]], float, float]:
    """The scores of each of the lists as of their moments, given these ``logs``; the seconds of scoring and updating.

    A system that answers as of each list's moment gets all the logs at once. One that only knows what it was last given
    gets, for each day asked, what was known when the day began.
    """
    if not system.updatable or system.timed:
        started = time.perf_counter()
        if system.updatable:
            system.update(logs)
        updated = time.perf_counter()
        scores = [system.score(lists) for lists in asked]
        return scores, time.perf_counter() - updated, updated - started
    scores = [np.zeros(lists.candidates.shape, np.float32) for lists in asked]
    days = [_days(lists) for lists in asked]
    scoring = updating = 0.0
    for day in np.unique(np.concatenate(days)):
        started = time.perf_counter()
        system.update(logs.known_before(day))
        updated = time.perf_counter()
        for lists, on, found in zip(asked, days, scores, strict=True):
            if (on == day).any():
                found[on == day] = system.score(lists.part(on == day))
        updating += updated - started
        scoring += time.perf_counter() - updated
    return scores, scoring, updating


def _days(lists: CandidateLists) -> NDArray[np.datetime64]:
    """The first second of the day of each list's moment, [n]."""
    assert lists.at is not None  # noqa: S101  lists of the future have moments
    return lists.at.astype("datetime64[D]").astype("datetime64[s]")
