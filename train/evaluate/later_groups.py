"""The groups that were launched from some moment on, each asked as of its own launch."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.logs import LAUNCHED, SUCCESSFUL, Logs, Task
from engine.candidates import Question
from engine.evidence.timed.event_counts import EventCounts
from train.evaluate.sampled_ranking import CandidateLists, Moment, draw_candidate_lists
from train.evaluate.splits import WINDOW, spread_sample

MOST_GROUPS = 600  # asked in one comparison


@dataclass(frozen=True)
class LaterGroups:
    """Positions of successful ``groups`` [n] by launch, all launched in [``since``, ``last``]."""

    groups: NDArray[np.int64]
    since: np.datetime64

    def last(self, logs: Logs) -> np.datetime64:
        """The latest launch among them."""
        return np.datetime64(logs.group_launched_at[self.groups].max(), "s")


def later_groups(logs: Logs, since: np.datetime64, least: int) -> LaterGroups | None:
    """The groups with participants that were launched at or after ``since``; None where they are fewer than ``least``.

    Of more than ``WINDOW`` the last weeks alone, unless they hold too few; at most ``MOST_GROUPS``, spread evenly.
    """
    launched = logs.group_launched_at
    joined = np.bincount(logs.join_group, minlength=len(launched)) > 0
    found = np.flatnonzero((logs.group_status == SUCCESSFUL) & joined & (launched >= since))
    if len(found) < least:
        return None
    found = found[np.argsort(launched[found], kind="stable")]
    start = max(since, np.datetime64(launched[found[-1]].astype("datetime64[D]") - WINDOW, "s"))
    if (launched[found] >= start).sum() < least:
        start = since
    found = found[launched[found] >= start]
    return LaterGroups(spread_sample(found, MOST_GROUPS), start)


def lists_as_of_launch(
    logs: Logs, later: LaterGroups, question: Question, seed: int = 0
) -> dict[Task, CandidateLists]:
    """The 1:99 lists of these groups, each with the launch of its group as its moment.

    Candidates are what was on the shelf, and who was active, when the first of them could be launched. Asked for
    something new, a launch that repeats one of its initiator's before it has no list of items.
    """
    known = ~(logs.group_launched_at >= later.since)
    moment = Moment(known, later.since)
    drawn = draw_candidate_lists(logs, later.groups, seed, moment, question)
    if question is Question.NEW:
        items = drawn[Task.ITEMS]
        drawn[Task.ITEMS] = items.part(~_repeats_at_launch(logs, items.group))
    return {
        task: replace(lists, at=logs.group_launched_at[lists.group])
        for task, lists in drawn.items()
    }


def sales_as_of_launch(logs: Logs, lists: CandidateLists) -> NDArray[np.float32]:
    """Successful launches (Task I) or joins (Task II) of the candidates before the moment of each list, [n, N]."""
    assert lists.at is not None, "drawn as of their launches"  # noqa: S101
    successful = logs.group_status == SUCCESSFUL
    if lists.task is Task.ITEMS:
        sold = EventCounts(logs.group_item[successful], logs.closed_at[successful])
    else:
        joins = successful[logs.join_group]
        sold = EventCounts(logs.join_participant[joins], logs.joined_at[joins])
    return sold.at(lists.candidates, lists.at[:, None]).count


def _repeats_at_launch(logs: Logs, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ``groups`` [n] launch what their initiator had launched before."""
    pair = logs.group_initiator.astype(np.int64) * len(logs.items) + logs.group_item
    launched = np.isin(logs.group_status, LAUNCHED)
    pairs, place = np.unique(pair, return_inverse=True)
    first = np.full(len(pairs), np.iinfo(np.int64).max)
    times = logs.group_launched_at.astype("datetime64[s]").astype(np.int64)  # NaT is earliest
    np.minimum.at(first, place[launched], times[launched])
    return np.asarray(first[place[groups]] < times[groups])
