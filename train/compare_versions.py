"""Versions on groups that they have not learned from, each group asked as of its own launch.

Two versions rank the same candidates, so the difference between them is paired. A version alone is compared with what
its validation reported, to see whether it has decayed.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from db.errors import EngineError
from db.logs import Logs, Metric
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
from db.models.registry import find
from db.read_logs import read_logs
from db.settings import settings
from db.shop_clock import shop_zone
from db.store import Store
from engine.bundle.manifest import Manifest
from engine.earlier_tastes import with_tastes_before
from engine.loading import Bundle, load_bundle
from engine.refresh import can_follow_logs
from train.evaluate.later_groups import (
    LaterGroups,
    later_groups,
    lists_as_of_launch,
    sales_as_of_launch,
)
from train.evaluate.metrics import estimate
from train.evaluate.sampled_ranking import CandidateLists, metrics_per_list
from train.evaluate.splits import has_times
from train.evaluate.timeline_scores import Lists, Report, ignore_moments, scores_as_of


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
    store: Store,
    new: str,
    old: str,
    report: Report = ignore_moments,
    logs: Logs | None = None,
) -> LaterComparison:
    """Compares two versions of the store's models on its later groups, and keeps the result with the new one.

    ``logs`` are the store's, for callers that have read them already.
    """
    models = settings().models
    logs = read_logs(store) if logs is None else logs
    try:
        _check_times(logs)
        ours, theirs = (_open(models, version, store) for version in (new, old))
        found = compare(logs, ours, theirs, report)
    except (EngineError, _ImpossibleError) as error:
        found = LaterComparison(new, old, logs.version, impossible=error.message)
    with suppress(OSError):  # on a full disk it is shown and not kept
        write_comparison(models, found)
    return found


def check_in_store(store: Store, version: str, report: Report = ignore_moments) -> RecentCheck:
    """Asks a version of the store's models about the last four weeks, and keeps the result with it."""
    models = settings().models
    logs = read_logs(store)
    try:
        _check_times(logs)
        found = check_recent(logs, _open(models, version, store), report)
    except (EngineError, _ImpossibleError) as error:
        found = RecentCheck(version, logs.version, impossible=error.message)
    with suppress(OSError):
        write_recent(models, found)
    return found


def compare(
    logs: Logs, new: Contender, old: Contender, report: Report = ignore_moments
) -> LaterComparison:
    """Two versions on the groups that neither has learned from; preferably those that neither was validated on."""
    try:
        _check_times(logs)
        _check_follows(new, old)
        later = _unseen_groups(logs, new, old)
        lists = _lists(logs, later, new, old)
    except _ImpossibleError as error:
        return LaterComparison(new.version, old.version, logs.version, impossible=error.message)
    bundles = [contender.as_of(later.since, logs) for contender in (new, old)]
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
        _check_times(logs)
        _check_follows(one)
        later = _recent_groups(logs, one)
        lists = _lists(logs, later, one)
    except _ImpossibleError as error:
        return RecentCheck(one.version, logs.version, impossible=error.message)
    (scores,) = scores_as_of([one.bundle], logs, lists, report)
    found = {}
    for task, drawn in lists.items():
        metric = Metric(task, "mrr", 100)
        now = estimate(metrics_per_list(drawn, scores[task])[metric], drawn.group)
        sold = metrics_per_list(drawn, sales_as_of_launch(logs, drawn))[metric]
        reported = one.bundle.manifest.metrics.get(str(metric), {})
        value, low, high, sales = (
            reported.get(name) for name in ("value", "low", "high", "popularity")
        )
        if value is not None and low is not None and high is not None:
            found[str(metric)] = RecentMetric(
                now.value, now.low, now.high, value, low, high, float(sold.mean()), sales
            )
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


def _open(models: Path, version: str, store: Store) -> Contender:
    """A version of the store's models; raises EngineError where its files are damaged."""
    recorded = find(store, version)
    manifests = () if recorded is None else recorded.manifests
    bundle = load_bundle(models / version, settings().threads, manifests)
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


def _check_times(logs: Logs) -> None:
    """Raises _ImpossibleError where the logs cannot tell earlier from later."""
    if not has_times(logs.group_launched_at):
        raise _ImpossibleError(Message("train.compare.no_times"))


def _check_follows(*contenders: Contender) -> None:
    """Raises _ImpossibleError where a version cannot be asked about a moment."""
    for one in contenders:
        if not can_follow_logs(one.bundle):
            values = {"version": one.version}
            raise _ImpossibleError(Message("train.compare.cannot_follow", values))


def _unseen_groups(logs: Logs, new: Contender, old: Contender) -> LaterGroups:
    ends, borders = (new.logs_end, old.logs_end), (new.border, old.border)
    for since in (max(ends), max(borders)):
        if (later := later_groups(logs, since, LEAST_GROUPS)) is not None:
            return later
    raise _too_few(max(borders))


def _recent_groups(logs: Logs, one: Contender) -> LaterGroups:
    weeks = logs.last_event.astype("datetime64[D]") + 1 - np.timedelta64(RECENT_DAYS, "D")
    later = later_groups(logs, max(one.logs_end, np.datetime64(weeks, "s")), LEAST_GROUPS)
    if later is None:
        raise _ImpossibleError(Message("train.compare.too_few_recent", {"least": LEAST_GROUPS}))
    return later


def _lists(logs: Logs, later: LaterGroups, *contenders: Contender) -> Lists:
    """The lists of the tasks that all of them rank, where enough groups have one; asked the first one's question."""
    drawn = lists_as_of_launch(logs, later, contenders[0].bundle.manifest.question)
    lists = {
        task: found
        for task, found in drawn.items()
        if all(task in one.bundle.scorers for one in contenders)
        and len(np.unique(found.group)) >= LEAST_GROUPS
    }
    if not lists:
        raise _too_few(later.since)
    return lists


def _too_few(since: np.datetime64) -> _ImpossibleError:
    values: dict[str, str | int] = {"since": day_of(str(since)), "least": LEAST_GROUPS}
    return _ImpossibleError(Message("train.compare.too_few", dict(values)))


def _asked(later: LaterGroups, logs: Logs) -> AskedGroups:
    return AskedGroups(len(later.groups), str(later.since), str(later.last(logs)))
