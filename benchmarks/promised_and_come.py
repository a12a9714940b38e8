"""What a validation promises and what comes, for a ranking that learns nothing: decayed counts.

    python -m benchmarks.promised_and_come [--from 2018-01-01] [--until 2022-10-01] [--months 3] [--days 90]

Of the store's logs. For each day, what was known before it is split and validated as a training does it, and the same
counts are asked about the very same weeks once all of their launches are known that filled in the end, and about the
days that follow. Beside what a training reports is what it would report of the launches since the cut alone that had
filled. On the same weeks promised and come differ by the protocol alone; on the next ones by drift as well.

Prints MRR@100 by day, task and way; then the mean difference on the same weeks with its 95 % interval, and how often
the next days fall within the promised interval.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Logs, Metric, Task
from db.read_logs import read_logs
from db.store import Store
from engine.candidates import Question
from engine.evidence.timed.timed_evidence import moment_after
from engine.presets import preset
from train.evaluate.earlier_windows import (
    ALL,
    PlainCounts,
    drift_between_windows,
    widened,
)
from train.evaluate.metrics import estimate
from train.evaluate.sampled_ranking import CandidateLists, metrics_per_list
from train.evaluate.splits import split_groups
from train.evaluate.validation_weeks import (
    NOTHING_LATER,
    ValidationWeeks,
    knows_open_groups,
    validation_weeks,
    weeks_of_initiators,
)
from train.evaluate.window import Window

NORMAL = 1.96  # standard deviations to either side of a 95 % interval
WAYS = {ALL: "daily", NOTHING_LATER: "nothing later"}


@dataclass(frozen=True)
class Row:
    """The figures of one day, task and way."""

    day: str
    task: Task
    way: str
    filled_since_launched: float  # of the launches since the cut, those that had filled
    promised: float
    low: float
    high: float
    same_weeks: float
    next_days: float

    @property
    def kept(self) -> bool:
        """Whether the next days are within the interval."""
        return self.low <= self.next_days <= self.high


def promised_and_come(logs: Logs, end: np.datetime64, days: int) -> Iterator[Row]:
    """The rows of a day."""
    known = _known(logs, end)
    split = split_groups(known, preset("default", []), 0)
    assert split.cut is not None  # noqa: S101  logs with times
    weeks = validation_weeks(known, split, len(known.group_item), 0)
    drift = drift_between_windows(weeks)
    length = np.timedelta64(days, "D")
    same = _asked(logs, split.cut, moment_after(known.last_event), split.question)
    later = _asked(logs, end, end + length, split.question)
    for task, lists in weeks.lists.items():
        together = weeks_of_initiators(known, lists.group)
        fast = ~weeks.launched_before(lists)
        for part, way in WAYS.items():
            asked = lists if part == ALL else weeks.nothing_later(lists)
            values = _values(known, split.cut, part, asked)
            found = widened(estimate(values, together), drift.get((part, _mrr(task)), 0.0))
            yield Row(
                str(end.astype("datetime64[D]")),
                task,
                way,
                float(values[fast].mean()),
                found.value,
                found.low,
                found.high,
                _reached(logs, same, task, part),
                _reached(logs, later, task, part),
            )


def _known(logs: Logs, moment: np.datetime64) -> Logs:
    """What a store that ends at the moment holds: open groups only where the shop writes them down."""
    known = logs.known_before(moment)
    if knows_open_groups(logs):
        return known
    return logs.with_groups(logs.closed_at < moment)


def _asked(
    logs: Logs, start: np.datetime64, end: np.datetime64, question: Question
) -> ValidationWeeks:
    """All launches of a window that filled in the end, whenever that was."""
    window = Window(logs, _known(logs, start), start, end, question)
    rng = np.random.default_rng(0)
    groups = window.groups()
    items = window.item_lists(groups, window.shelf(), rng)
    return ValidationWeeks(
        window, {Task.ITEMS: items, Task.PARTICIPANTS: window.participant_lists(groups, rng)}
    )


def _reached(logs: Logs, asked: ValidationWeeks, task: Task, part: str) -> float:
    """The mean reciprocal rank of the lists, as of their launches or of the window's start."""
    lists, start = asked.lists[task], asked.window.start
    if part == NOTHING_LATER:
        moments = np.full(len(lists.group), start)
        lists = CandidateLists(
            task, lists.initiator, lists.item, lists.candidates, lists.group, moments
        )
    return float(_values(logs, start, part, lists).mean())


def _values(
    logs: Logs, cut: np.datetime64, part: str, lists: CandidateLists
) -> NDArray[np.float64]:
    """The reciprocal rank of each list by what was known."""
    counted = _known(logs, cut) if part == NOTHING_LATER else logs
    scores = PlainCounts(counted).score(lists)
    return metrics_per_list(lists, scores)[_mrr(lists.task)]


def _mrr(task: Task) -> Metric:
    return Metric(task, "mrr", 100)


def _summary(rows: list[Row]) -> str:
    def against(values: Mapping[str, NDArray[np.float64]]) -> str:
        return ", ".join(
            f"{name} {gap.mean():+.4f} (+-{NORMAL * gap.std(ddof=1) / len(gap) ** 0.5:.4f})"
            for name, gap in values.items()
        )

    come = np.array([row.same_weeks for row in rows])
    gaps = {
        "launched since and filled": np.array([row.filled_since_launched for row in rows]) - come,
        "promised": np.array([row.promised for row in rows]) - come,
    }
    kept = np.mean([row.kept for row in rows])
    width = np.mean([row.high - row.low for row in rows]) / 2
    miss = np.sqrt(np.mean([(row.next_days - row.promised) ** 2 for row in rows]))
    return (
        f"less what came in the same weeks: {against(gaps)}; next days within the interval {kept:.0%}, "
        f"half of its width {width:.3f}, root mean square difference {miss:.3f}"
    )


def main() -> None:
    """Reads the options and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="first", default="2018-01-01")
    parser.add_argument("--until", default="2022-10-01")
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    logs = read_logs(Store.open())
    ends = pd.date_range(options.first, options.until, freq=pd.DateOffset(months=options.months))
    rows = []
    for end in ends:
        for row in promised_and_come(logs, np.datetime64(end, "s"), options.days):
            rows.append(row)
            print(
                f"{row.day}  {row.task:12} {row.way:13} promised {row.promised:.3f} "
                f"({row.low:.3f} to {row.high:.3f})  launched since {row.filled_since_launched:.3f}  "
                f"same weeks {row.same_weeks:.3f}  next {options.days} days {row.next_days:.3f}"
                f"{'' if row.kept else '  outside'}",
                flush=True,
            )
    for task in Task:
        for way in WAYS.values():
            some = [row for row in rows if (row.task, row.way) == (task, way)]
            print(f"{task}, {way}: {_summary(some)}")


if __name__ == "__main__":
    main()
