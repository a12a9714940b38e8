"""The commands ``compare`` and ``recheck``, which ask versions about later groups, and what they print."""

import argparse
import dataclasses
import json
from typing import Any

from db.cli import Command, argument, json_option
from db.errors import NoModel, UnknownModel
from db.models import registry
from db.models.later_comparison import RECENT_DAYS, LaterComparison, RecentCheck, day_of
from db.store import Store
from train.progress import TrainingProgress, reporter

_WORDS = {"better": "better", "worse": "worse", "alike": "no clear difference"}


def _compare(options: argparse.Namespace) -> None:
    from train.compare_versions import compare_in_store

    store = Store.open()
    new, old = options.version, _known(store, options.other)
    _known(store, new)
    with reporter(options.progress) as shown:

        def report(done: int, of: int) -> None:
            shown.show(TrainingProgress("compare", "Asking both versions", done / max(1, of)))

        found = compare_in_store(store, new, old, report)
    print(json.dumps(as_json(found)) if options.json else comparison_text(found))


def _recheck(options: argparse.Namespace) -> None:
    from train.compare_versions import check_in_store

    store = Store.open()
    version = _known(store, options.version)
    with reporter(options.progress) as shown:

        def report(done: int, of: int) -> None:
            shown.show(TrainingProgress("compare", "Asking the version", done / max(1, of)))

        found = check_in_store(store, version, report)
    print(json.dumps(as_json(found)) if options.json else recheck_text(found))


def _known(store: Store, version: str | None) -> str:
    """The version, or the serving one; raises UnknownModel, and NoModel where none serves."""
    if version is None:
        version = registry.serving_name(store)
        if version is None:
            raise NoModel("engine.no_model")
    elif version not in {known.version for known in registry.versions(store)}:
        raise UnknownModel("engine.unknown_model", version=version)
    return version


def as_json(found: LaterComparison | RecentCheck) -> dict[str, Any]:
    """The result as the commands print it, why there is none as a sentence."""
    said = None if found.impossible is None else str(found.impossible)
    return dataclasses.asdict(found) | {"impossible": said}


def comparison_text(found: LaterComparison) -> str:
    """A comparison in words and figures."""
    if found.impossible is not None or found.asked is None:
        return f"{found.new} and {found.old} cannot be compared on later groups. {found.impossible}"
    asked = found.asked
    lines = [
        f"{found.new}, {found.old} and the difference (95 % interval) on the same {asked.count} groups launched from "
        f"{day_of(asked.since)} to {day_of(asked.last)}, each asked as of its own launch:"
    ]
    for one, paired in zip(found.differences(), found.metrics.values(), strict=True):
        lines.append(
            f"  {one.metric!s:24} {paired.new:.4f}  {paired.old:.4f}  {paired.change:+.4f} "
            f"({paired.low:+.4f} to {paired.high:+.4f})  {_WORDS[one.verdict]}"
        )
    return "\n".join([*lines, _tuned_text(found)])


def _tuned_text(found: LaterComparison) -> str:
    if not found.tuned:
        return "Neither version has seen these groups."
    if len(found.tuned) == 2:
        return "Neither has learned from these groups; both were tuned on them (when to stop, chances)."
    return (
        f"Neither has learned from these groups; {found.tuned[0]} was tuned on them (when to stop, chances), "
        "which favours it a little."
    )


def recheck_text(found: RecentCheck) -> str:
    """What a version reaches now, beside what it reported."""
    if found.impossible is not None or found.asked is None:
        return (
            f"{found.version} cannot be checked on the last {RECENT_DAYS} days. {found.impossible}"
        )
    lines = [
        f"{found.version} on {found.asked.count} groups launched from {day_of(found.asked.since)} to "
        f"{day_of(found.asked.last)}, each asked as of its own launch (95 % interval), and what its validation "
        "reported:",
    ]
    for name, one in found.metrics.items():
        lines.append(
            f"  {name:24} {one.now:.4f}  ({one.low:.4f} to {one.high:.4f})  "
            f"{one.reported:.4f}  ({one.reported_low:.4f} to {one.reported_high:.4f})  "
            f"{_figure(one.sales)}  {_figure(one.reported_sales)}"
        )
    if found.decayed:
        metrics = ", ".join(str(one.metric) for one in found.decayed)
        lines.append(f"It is lower than reported in {metrics}: train again.")
    if found.harder:
        lines.append("A list sorted by sales fell as well: in part these weeks are harder.")
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


_PROGRESS = argument(
    "--progress",
    choices=("bar", "json", "none"),
    default="bar",
    help="how to report on stderr (default bar)",
)

COMPARE = Command(
    "compare",
    "compare two versions on groups that neither has learned from",
    _compare,
    (
        argument("version", metavar="VERSION"),
        argument("--with", dest="other", metavar="VERSION", help="default: the serving version"),
        json_option("the comparison as JSON"),
        _PROGRESS,
    ),
    description="Both rank the same candidates of the same later groups, each asked as of its own launch, and the "
    "differences are paired. The app shows the result, and promotes accordingly.",
)
RECHECK = Command(
    "recheck",
    "what a version reaches on the last four weeks, against its validation",
    _recheck,
    (
        argument("version", metavar="VERSION", nargs="?", help="default: the serving version"),
        json_option("the figures as JSON"),
        _PROGRESS,
    ),
)
