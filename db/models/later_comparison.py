"""What two versions, or one, reach on the groups that were launched after what they had learned from.

Each group is asked as of its own launch. Both versions rank the same candidates, so their difference is paired, and its
interval is far narrower than those of two validations. Kept beside the bundle of the version that was compared, as
``compared-VERSION.json`` and ``recent.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from db.atomic import write_atomically
from db.logs import Metric
from db.messages import Message
from db.models.comparison import Difference, differences, worse_metrics
from db.models.registry import ModelVersion

RECENT_DAYS = 28  # "the last four weeks"
LEAST_GROUPS = 50  # with fewer nothing is compared
DECISIVE = 100  # candidates of the lists that decide on a promotion
RECENT = "recent.json"


@dataclass(frozen=True)
class PairedMetric:
    """A metric of two versions over the same lists; ``low`` and ``high`` are the 95 % interval of ``change``."""

    new: float
    old: float
    change: float
    low: float
    high: float
    lists: int


@dataclass(frozen=True)
class AskedGroups:
    """The groups that were asked: how many, launched from ``since`` to ``last`` (ISO 8601, the shop's clock)."""

    count: int
    since: str
    last: str


@dataclass(frozen=True)
class LaterComparison:
    """Two versions on the same later groups, or why there is no such comparison.

    ``tuned`` are the versions whose training chose when to stop, and was calibrated, on some of the groups; none of
    them learned from any. ``metrics`` are by "items/mrr@10".
    """

    new: str
    old: str
    data_version: str  # of the logs that the groups come from
    asked: AskedGroups | None = None
    tuned: tuple[str, ...] = ()
    metrics: Mapping[str, PairedMetric] = field(default_factory=dict)
    impossible: Message | None = None

    def differences(self) -> list[Difference]:
        """All metrics, in their order."""
        return [_difference(Metric.parse(name), one) for name, one in self.metrics.items()]

    def worse(self) -> list[Difference]:
        """The metrics over lists of ``DECISIVE`` in which the new version is worse beyond chance.

        Those over 10 are of the same lists' heads: with them as well, an equal version would be called worse twice as
        often.
        """
        return [
            one for one in self.differences() if one.verdict == "worse" and one.metric.k == DECISIVE
        ]

    def reversed(self) -> "LaterComparison":
        """The same with the versions' parts exchanged."""
        turned = {
            name: PairedMetric(one.old, one.new, -one.change, -one.high, -one.low, one.lists)
            for name, one in self.metrics.items()
        }
        return replace(self, new=self.old, old=self.new, metrics=turned)


@dataclass(frozen=True)
class RecentMetric:
    """A metric on recent groups and the one that the validation reported, with 95 % intervals.

    ``sales`` and ``reported_sales`` are what a list sorted by sales reaches there; None where nobody noted it.
    """

    now: float
    low: float
    high: float
    reported: float
    reported_low: float
    reported_high: float
    sales: float | None = None
    reported_sales: float | None = None


@dataclass(frozen=True)
class RecentCheck:
    """What a version reaches on the groups of the last weeks, beside what its validation reported; or why not."""

    version: str
    data_version: str
    asked: AskedGroups | None = None
    metrics: Mapping[str, RecentMetric] = field(default_factory=dict)
    impossible: Message | None = None

    def differences(self) -> list[Difference]:
        """Now less what was reported; other groups, so the two intervals count as independent."""
        now = {
            name: {"value": one.now, "low": one.low, "high": one.high}
            for name, one in self.metrics.items()
        }
        before = {
            name: {"value": one.reported, "low": one.reported_low, "high": one.reported_high}
            for name, one in self.metrics.items()
        }
        return differences(now, before)

    @property
    def decayed(self) -> list[Difference]:
        """The metrics that are lower than reported, beyond chance."""
        return [one for one in self.differences() if one.verdict == "worse"]

    @property
    def harder(self) -> bool:
        """Whether a list sorted by sales, in which nothing ages, loses at least half of what a decayed metric does."""
        lost = [self.metrics[str(one.metric)] for one in self.decayed]
        return any(
            one.reported_sales - one.sales >= (one.reported - one.now) / 2
            for one in lost
            if one.sales is not None and one.reported_sales is not None
        )


@dataclass(frozen=True)
class Losses:
    """The metrics in which a version is worse than another beyond chance, or which it does not bring.

    ``later`` is the comparison on later groups that they come from; None: their own validation figures.
    """

    metrics: list[Difference]
    later: LaterComparison | None


def losses(models: Path, new: ModelVersion, old: ModelVersion) -> Losses:
    """Where ``new`` is worse than ``old``: by the comparison on later groups if there is one, else by validation."""
    lost = worse_metrics(new.metrics, old.metrics)
    compared = read_comparison(models, new.version, old.version)
    if compared is None or compared.impossible is not None:
        return Losses(lost, None)
    absent = [one for one in lost if one.verdict == "missing"]
    return Losses([*compared.worse(), *absent], compared)


def write_comparison(models: Path, compared: LaterComparison) -> None:
    """Keeps a comparison with the bundle of the new version; raises OSError where that cannot be written."""
    _write(_path(models, compared.new, compared.old), _COMPARISON, compared)


def read_comparison(models: Path, new: str, old: str) -> LaterComparison | None:
    """The kept comparison of two versions, whichever of them was the new one; None without one."""
    found = _read(_path(models, new, old), _COMPARISON)
    if found is not None and (found.new, found.old) == (new, old):
        return found
    found = _read(_path(models, old, new), _COMPARISON)
    if found is not None and (found.new, found.old) == (old, new):
        return found.reversed()
    return None


def write_recent(models: Path, check: RecentCheck) -> None:
    """Keeps what a version reaches now with its bundle; raises OSError where that cannot be written."""
    _write(models / check.version / RECENT, _RECENT, check)


def read_recent(models: Path, version: str) -> RecentCheck | None:
    """What was kept of a version; None where nothing was."""
    found = _read(models / version / RECENT, _RECENT)
    return found if found is not None and found.version == version else None


def _path(models: Path, new: str, old: str) -> Path:
    return models / new / f"compared-{old}.json"


_COMPARISON = TypeAdapter(LaterComparison)
_RECENT = TypeAdapter(RecentCheck)
Kept = TypeVar("Kept")


def _write(path: Path, kind: TypeAdapter[Any], content: object) -> None:
    if (
        path.parent.is_dir()
    ):  # a version that was pruned meanwhile does not come back as an empty folder
        write_atomically(path, kind.dump_json(content))


def _read(path: Path, kind: TypeAdapter[Kept]) -> Kept | None:
    try:
        return kind.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None  # never compared, cut off, or written by another version


def _difference(metric: Metric, one: PairedMetric) -> Difference:
    verdict: Literal["better", "worse", "alike"] = (
        "better" if one.low > 0 else "worse" if one.high < 0 else "alike"
    )
    return Difference(metric, one.new, one.old, one.change, one.low, one.high, verdict)


def day_of(moment: str) -> str:
    """The day of a time as these files keep it."""
    return str(np.datetime64(moment, "D"))
