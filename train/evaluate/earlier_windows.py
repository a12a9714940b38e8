"""How much windows of launches differ by themselves, measured on the windows before the validation weeks.

A bootstrap says what other launches of the same weeks would have given. The weeks to come differ from these by more:
new goods, a season, a few busy initiators. How much is read off a ranking that learns nothing, decayed counts, over
windows as long as the validation weeks: what their figures differ by from one to the next, beyond sampling.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.logs import SUCCESSFUL, Logs, Metric, Task
from engine.evidence.timed.event_counts import EventCounts
from train.evaluate.metrics import MetricEstimate, clustered_variance
from train.evaluate.sampled_ranking import CandidateLists, metrics_per_list
from train.evaluate.splits import spread_sample
from train.evaluate.validation_weeks import (
    FIRST_TIMES,
    NOTHING_LATER,
    REPEATS,
    ValidationWeeks,
    weeks_of_initiators,
)
from train.evaluate.window import Window
from train.random_keys import Purpose, generator

MOST_WINDOWS, FEWEST_DIFFERENCES = 8, 3
MOST_GROUPS, FEWEST_GROUPS = 400, 30  # asked in a window
HALF_LIFE = (90.0,)  # days
POPULARITY = 1e-3  # orders only what history and ties leave equal
DRIFT_QUANTILE = 2.3  # Student's t of a 95 % interval for as many differences as there are at most
ALL = ""  # the part that is all lists, each as of its own launch

# By part and metric: the standard deviation from one window to the next.
Drift = Mapping[tuple[str, Metric], float]
_Figures = dict[tuple[str, Metric], tuple[float, float]]  # mean and variance


def drift_between_windows(weeks: ValidationWeeks) -> Drift:
    """The drift of each part and metric, of up to ``MOST_WINDOWS`` windows before the validation weeks and these.

    Empty where the logs hold too few windows.
    """
    counts = PlainCounts(weeks.window.logs)
    figures = [_figures(counts, weeks), *(_figures(counts, one) for one in _earlier(weeks))]
    found = {}
    for key in figures[0]:
        known = [one[key] for one in figures if key in one]
        if len(known) <= FEWEST_DIFFERENCES:
            continue
        mean, variance = np.array(known).T
        sampling = variance[1:] + variance[:-1]
        found[key] = float(np.sqrt(max(0.0, (np.diff(mean) ** 2 - sampling).mean())))
    return found


def widened(estimate: MetricEstimate, drift: float) -> MetricEstimate:
    """The estimate with an interval for the figure of the next weeks.

    They differ from these by the ``drift``, which few windows tell (hence Student's t), and are a sample like these.
    """
    further = DRIFT_QUANTILE * drift

    def end(half: float) -> float:
        return float(np.sqrt(2 * half**2 + further**2))

    return replace(
        estimate,
        low=max(0.0, estimate.value - end(estimate.value - estimate.low)),
        high=min(1.0, estimate.value + end(estimate.high - estimate.value)),
    )


def _earlier(weeks: ValidationWeeks) -> Iterator[ValidationWeeks]:
    """The windows before, the latest first; none in the first half of the logs, when little was known."""
    window, logs = weeks.window, weeks.window.logs
    launched = logs.group_launched_at
    first = launched[~np.isnat(launched)].min()
    length = window.end - window.start
    start = window.start
    for number in range(1, MOST_WINDOWS + 1):
        end, start = start, start - length
        if start < first + (window.start - first) / 2:
            return
        earlier = Window(logs, logs.known_before(start), start, end, window.question)
        groups = spread_sample(earlier.groups(), MOST_GROUPS)
        if len(groups) < FEWEST_GROUPS:
            return
        rng = generator(Purpose.CANDIDATES, 0, Purpose.VALIDATION.value, number)
        items = earlier.item_lists(groups, earlier.shelf(), rng)
        people = earlier.participant_lists(groups, rng)
        yield ValidationWeeks(earlier, {Task.ITEMS: items, Task.PARTICIPANTS: people})


def _figures(counts: "PlainCounts", weeks: ValidationWeeks) -> _Figures:
    """What the counts reach in a window, by part and metric."""
    found: _Figures = {}
    for task, lists in weeks.lists.items():
        clusters = weeks_of_initiators(weeks.window.logs, lists.group)
        parts = {ALL: lists, NOTHING_LATER: weeks.nothing_later(lists)}
        every = np.ones(len(lists.group), bool)
        rows = dict.fromkeys(parts, every)
        if task is Task.ITEMS:
            repeats = weeks.window.repeats(lists.group)
            parts |= {REPEATS: lists, FIRST_TIMES: lists}
            rows |= {REPEATS: repeats, FIRST_TIMES: ~repeats}
        for part, asked in parts.items():
            chosen = rows[part]
            if not chosen.any():
                continue
            values = metrics_per_list(asked.part(chosen), counts.score(asked.part(chosen)))
            for metric, each in values.items():
                variance = clustered_variance(each, clusters[chosen])
                found[part, metric] = float(each.mean()), variance
    return found


class PlainCounts:
    """Decayed counts of the initiator's own launches or of ties, then of popularity."""

    def __init__(self, logs: Logs) -> None:
        self.items, self.users = len(logs.items), len(logs.users)
        launched, launcher = logs.group_launched_at, logs.group_initiator.astype(np.int64)
        joins = logs.group_status[logs.join_group] == SUCCESSFUL
        group, people = logs.join_group[joins], logs.join_participant[joins].astype(np.int64)
        item, joined = logs.group_item[group].astype(np.int64), logs.joined_at[joins]
        self.own = EventCounts(launcher * self.items + logs.group_item, launched, HALF_LIFE)
        self.launches = EventCounts(logs.group_item, launched, HALF_LIFE)
        self.ties = EventCounts(launcher[group] * self.users + people, joined, HALF_LIFE)
        self.of_item = EventCounts(item * self.users + people, joined, HALF_LIFE)
        self.joins = EventCounts(people, joined, HALF_LIFE)

    def score(self, lists: CandidateLists) -> NDArray[np.float64]:
        """The scores [n, N] of the candidates, each list as of its moment."""
        assert lists.at is not None  # noqa: S101  lists of a window have moments
        at, candidates, initiator = lists.at[:, None], lists.candidates, lists.initiator[:, None]

        def decayed(counts: EventCounts, keys: NDArray[np.int64]) -> NDArray[np.float64]:
            return counts.at(keys, at).decayed[..., 0].astype(np.float64)

        if lists.item is None:
            own = decayed(self.own, initiator * self.items + candidates)
            return own + POPULARITY * decayed(self.launches, candidates)
        ties = decayed(self.ties, initiator * self.users + candidates)
        ties += decayed(self.of_item, lists.item[:, None] * self.users + candidates)
        return ties + POPULARITY * decayed(self.joins, candidates)
