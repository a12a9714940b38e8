"""Versions on groups that they have not learned from, each group asked as of its own launch.

Two versions rank the same candidates, so the difference between them is paired. A version alone is compared with what
its validation reported, to see whether it has decayed.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from db.errors import EngineError
from db.logs import Logs, Metric, Task
from db.messages import Message
from db.models.later_comparison import (
    LEAST_GROUPS,
    RECENT_DAYS,
    AskedGroups,
    LaterComparison,
    PairedMetric,
    RecentCheck,
    RecentMetric,
    day_of,
    write_comparison,
    write_recent,
)
from db.read_logs import read_logs
from db.settings import settings
from db.shop_clock import shop_zone
from db.store import Store
from engine.bundle.manifest import Manifest
from engine.earlier_tastes import with_tastes_before
from engine.loading import Bundle, load_bundle
from engine.moment import Moment
from engine.refresh import can_follow_logs
from engine.timeline import Timeline
from train.evaluate.later_groups import LaterGroups, later_groups, lists_as_of_launch
from train.evaluate.metrics import estimate
from train.evaluate.sampled_ranking import CandidateLists, metrics_per_list
from train.evaluate.splits import has_times

Report = Callable[[int, int], None]  # how many moments of how many were asked
Lists = Mapping[Task, CandidateLists]
Scores = dict[Task, NDArray[np.float32]]


def ignore_moments(_done: int, _of: int) -> None:
    """Does nothing."""


class _ImpossibleError(Exception):
    """Nothing can be compared; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class Contender:
    """A version that is asked, and how far its logs went: ``logs_end`` is the first moment that it knows nothing of."""

    bundle: Bundle
    logs_end: np.datetime64

    @property
    def version(self) -> str:
        """Its name."""
        return self.bundle.manifest.version

    @property
    def border(self) -> np.datetime64:
        """The moment from which on it has learned from no group; from there to ``logs_end`` it was validated."""
        cut = self.bundle.manifest.validated_from
        return self.logs_end if cut is None else min(np.datetime64(cut, "s"), self.logs_end)

    def as_of(self, since: np.datetime64, logs: Logs) -> Bundle:
        """The bundle without what it has seen of the groups launched since."""
        if self.logs_end <= since:
            return self.bundle
        return with_tastes_before(self.bundle, logs, since)


def compare_in_store(
    store: Store, new: str, old: str, report: Report = ignore_moments
) -> LaterComparison:
    """Compares two versions of the store's models on its later groups, and keeps the result with the new one."""
    models = settings().models
    logs = read_logs(store)
    try:
        ours, theirs = (_open(models, version, store) for version in (new, old))
        found = compare(logs, ours, theirs, report)
    except EngineError as error:
        found = LaterComparison(new, old, logs.version, impossible=error.message)
    with suppress(OSError):  # on a full disk it is shown and not kept
        write_comparison(models, found)
    return found


def check_in_store(store: Store, version: str, report: Report = ignore_moments) -> RecentCheck:
    """Asks a version of the store's models about the last four weeks, and keeps the result with it."""
    models = settings().models
    logs = read_logs(store)
    try:
        found = check_recent(logs, _open(models, version, store), report)
    except EngineError as error:
        found = RecentCheck(version, logs.version, impossible=error.message)
    with suppress(OSError):
        write_recent(models, found)
    return found


def compare(
    logs: Logs, new: Contender, old: Contender, report: Report = ignore_moments
) -> LaterComparison:
    """Two versions on the groups that neither has learned from; preferably those that neither was validated on."""
    try:
        _check_times(logs, new, old)
        later = _unseen_groups(logs, new, old)
    except _ImpossibleError as error:
        return LaterComparison(new.version, old.version, logs.version, impossible=error.message)
    lists = _enough(lists_as_of_launch(logs, later, new.bundle.manifest.question))
    bundles = [contender.as_of(later.since, logs) for contender in (new, old)]
    lists = {
        task: found for task, found in lists.items() if all(task in b.scorers for b in bundles)
    }
    ours, theirs = scores_as_of(bundles, logs, lists, report)
    return LaterComparison(
        new.version,
        old.version,
        logs.version,
        asked=_asked(later, logs),
        tuned=tuple(one.version for one in (new, old) if one.logs_end > later.since),
        metrics={
            str(metric): paired
            for task, drawn in lists.items()
            for metric, paired in paired_metrics(drawn, ours[task], theirs[task]).items()
        },
    )


def check_recent(logs: Logs, one: Contender, report: Report = ignore_moments) -> RecentCheck:
    """A version on the groups of the last four weeks that came after its logs, beside what its validation reported."""
    try:
        _check_times(logs, one)
        weeks = logs.last_event.astype("datetime64[D]") + 1 - np.timedelta64(RECENT_DAYS, "D")
        later = later_groups(logs, max(one.logs_end, np.datetime64(weeks, "s")), LEAST_GROUPS)
        if later is None:
            raise _ImpossibleError(Message("train.compare.too_few_recent", {"least": LEAST_GROUPS}))
    except _ImpossibleError as error:
        return RecentCheck(one.version, logs.version, impossible=error.message)
    lists = _enough(lists_as_of_launch(logs, later, one.bundle.manifest.question))
    lists = {task: found for task, found in lists.items() if task in one.bundle.scorers}
    (scores,) = scores_as_of([one.bundle], logs, lists, report)
    found = {}
    for task, drawn in lists.items():
        metric = Metric(task, "mrr", 100)
        now = estimate(metrics_per_list(drawn, scores[task])[metric], drawn.group)
        reported = one.bundle.manifest.metrics.get(str(metric), {})
        value, low, high = (reported.get(name) for name in ("value", "low", "high"))
        if value is not None and low is not None and high is not None:
            found[str(metric)] = RecentMetric(now.value, now.low, now.high, value, low, high)
    return RecentCheck(one.version, logs.version, _asked(later, logs), found)


def paired_metrics(
    lists: CandidateLists, ours: NDArray[np.floating], theirs: NDArray[np.floating]
) -> dict[Metric, PairedMetric]:
    """MRR and NDCG at 100 and 10 of two versions' scores [n, N], and their difference with its 95 % interval."""
    our_values, their_values = (metrics_per_list(lists, scores) for scores in (ours, theirs))
    found = {}
    for metric in sorted(our_values, key=lambda one: -(one.k or 0)):
        change = estimate(our_values[metric] - their_values[metric], lists.group)
        found[metric] = PairedMetric(
            float(our_values[metric].mean()),
            float(their_values[metric].mean()),
            change.value,
            change.low,
            change.high,
            change.lists,
        )
    return found


def scores_as_of(
    bundles: list[Bundle], logs: Logs, lists: Lists, report: Report = ignore_moments
) -> list[Scores]:
    """The scores [n, N] of each bundle, each list asked as of its own moment."""
    timelines = [Timeline(bundle, logs) for bundle in bundles]
    places: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    found: list[Scores] = []
    for timeline in timelines:
        nobody = timeline.known_at(0)
        places.append(
            (
                nobody.user_positions([str(id) for id in logs.users.index]),
                nobody.item_positions([str(id) for id in logs.items.index]),
            )
        )
        found.append(
            {task: np.empty(drawn.candidates.shape, np.float32) for task, drawn in lists.items()}
        )
    states = {task: _states(timelines[0], drawn) for task, drawn in lists.items()}
    asked = np.unique(np.concatenate([*states.values(), np.empty(0, np.int64)]))
    for done, state in enumerate(asked.tolist()):
        report(done, len(asked))
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
    report(len(asked), len(asked))
    return found


def _states(timeline: Timeline, lists: CandidateLists) -> NDArray[np.int64]:
    assert lists.at is not None, "drawn as of their launches"  # noqa: S101
    return np.array([timeline.state(Moment(at)) for at in lists.at], np.int64)


def _open(models: Path, version: str, store: Store) -> Contender:
    """A version of the store's models; raises EngineError where its files are damaged."""
    bundle = load_bundle(models / version, settings().threads)
    return Contender(bundle, logs_end(bundle.manifest, shop_zone(store).name))


def logs_end(manifest: Manifest, zone: str) -> np.datetime64:
    """The first moment of the shop's clock of which the logs of a training knew nothing.

    Versions that did not note their last event ended at the latest when they were made.
    """
    if manifest.last_event is not None:
        return np.datetime64(manifest.last_event, "s") + np.timedelta64(1, "s")
    if manifest.known_before is not None:
        return np.datetime64(manifest.known_before, "s")
    if not manifest.created_at:
        return np.datetime64("9999-12-31", "s")
    made = datetime.fromisoformat(manifest.created_at).astimezone(ZoneInfo(zone))
    return np.datetime64(made.replace(tzinfo=None), "s") + np.timedelta64(1, "s")


def _check_times(logs: Logs, *contenders: Contender) -> None:
    """Raises _ImpossibleError where logs have no times, or a version cannot be asked about a moment."""
    if not has_times(logs.group_launched_at):
        raise _ImpossibleError(Message("train.compare.no_times"))
    for one in contenders:
        if not can_follow_logs(one.bundle):
            raise _ImpossibleError(Message("train.compare.cannot_follow", {"version": one.version}))


def _unseen_groups(logs: Logs, new: Contender, old: Contender) -> LaterGroups:
    ends, borders = (new.logs_end, old.logs_end), (new.border, old.border)
    for since in (max(ends), max(borders)):
        if (later := later_groups(logs, since, LEAST_GROUPS)) is not None:
            return later
    values: dict[str, str | int] = {"since": day_of(str(max(borders))), "least": LEAST_GROUPS}
    raise _ImpossibleError(Message("train.compare.too_few", values))


def _enough(lists: Lists) -> Lists:
    """The tasks whose lists come from enough groups to say anything."""
    return {
        task: drawn for task, drawn in lists.items() if len(np.unique(drawn.group)) >= LEAST_GROUPS
    }


def _asked(later: LaterGroups, logs: Logs) -> AskedGroups:
    return AskedGroups(len(later.groups), str(later.since), str(later.last(logs)))
