"""The output of the commands: JSON for programs, tables for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from db.cli import table_lines
from db.logs import Task
from db.messages import Message
from db.models.later_comparison import LaterComparison, day_of
from db.models.registry import ModelVersion
from engine.bundle.retention import PlannedVersion, Pruned
from engine.candidates import Question
from engine.cli.shelf_lines import as_of, availability_lines, explanation_lines
from engine.results import Explanation, InitiatorRanking, Ranked, Ranking, Reason, TaskExplanation
from engine.track_record import TrackRecord, TrackRecords

# What a probability is a share of, as a column's heading and as a sentence.
SHARE = {Task.ITEMS: "of launches", Task.PARTICIPANTS: "of spots"}
MEANING = {
    Task.ITEMS: 'A percentage "of launches" is the chance that, if the initiator launches and the group succeeds, '
    "it is for this item.",
    Task.PARTICIPANTS: 'A percentage "of spots" is the chance that, if a spot in a successful group for the item is '
    "taken, this person takes it. It is not a response rate.",
}
GAPS = {
    "no_failures": "No track records: the logs have no failed groups, so how often groups succeed is unknown.",
    "nothing_closed": "No track records: no group has closed yet.",
}


def ranking_json(ranking: Ranking, records: TrackRecords) -> str:
    """One object: model, initiator, the item in Task II, and the results.

    The track record (null where the shop has none) is that of each item in Task I, that of the group's item in Task II.
    """
    shown: dict[str, Any] = {
        "model": ranking.model,
        "initiator": ranking.initiator,
        "initiator_newcomer": ranking.initiator_newcomer,
    }
    if ranking.item is not None:
        shown |= {"item": ranking.item, "item_newcomer": ranking.item_newcomer}
        shown |= _availability(ranking.item_unavailable, "item_")
        shown["track_record"] = _track_record(records, ranking.item)
    if ranking.question is not None:
        shown["question"] = ranking.question
    shown |= {"as_of": as_of(ranking.moment), "left_out": dict(ranking.left_out)}
    shown["candidates"] = ranking.candidates
    shown["results"] = [_ranked(result) for result in ranking.results]
    if ranking.item is None:
        for result in shown["results"]:
            result["track_record"] = _track_record(records, result["id"])
    return json.dumps(shown, ensure_ascii=False)


def ranking_text(ranking: Ranking, records: TrackRecords) -> str:
    """A table with the reasons at the end of each line, what its percentages mean, and the track record."""
    task = Task.ITEMS if ranking.item is None else Task.PARTICIPANTS
    of = f" and item {ranking.item}" if ranking.item is not None else ""
    new = " (new here)" if ranking.initiator_newcomer else ""
    asked = ""
    if ranking.question is Question.NEW:
        asked = " that they have not launched"
    elif ranking.question is Question.ANY:
        asked = " items, launched before or not,"
    head = (
        f"Best of {ranking.candidates:,}{asked} for initiator {ranking.initiator}{new}{of}, "
        f"model {ranking.model}"
    )
    rows = [
        (
            str(result.rank),
            result.id,
            result.name if result.name != result.id else "",
            f"{result.score:.3f}",
            f"{100 * result.probability:.2f} %",
            *([_rate(records.of(result.id))] if ranking.item is None else []),
            _why(result),
        )
        for result in ranking.results
    ]
    record = ["track record"] if ranking.item is None else []
    table = table_lines(("rank", "id", "name", "score", SHARE[task], *record, "why"), rows)
    shelf = availability_lines(ranking, ranking.show_all)
    return "\n".join([head, *table, *shelf, *_footnotes(task, records, ranking.item)])


def initiators_json(ranking: InitiatorRanking, records: TrackRecords) -> str:
    """One object: model, item with its track record, how many were considered and ranked in full, and the results."""
    shown = {
        "model": ranking.model,
        "item": ranking.item,
        "item_newcomer": ranking.item_newcomer,
        **_availability(ranking.item_unavailable, "item_"),
        "track_record": _track_record(records, ranking.item),
        "question": ranking.question,
        "as_of": as_of(ranking.moment),
        "left_out": dict(ranking.left_out),
        "candidates": ranking.candidates,
        "ranked": ranking.ranked,
        "results": [_ranked(result) for result in ranking.results],
    }
    return json.dumps(shown, ensure_ascii=False)


def initiators_text(ranking: InitiatorRanking, records: TrackRecords) -> str:
    """A table with the reasons at the end of each line, what its percentages mean, and the track record."""
    new = " (new here)" if ranking.item_newcomer else ""
    full = "" if ranking.exact else f", {ranking.ranked:,} of them ranked in full"
    head = (
        f"Best of {ranking.candidates:,} initiators for item {ranking.item}{new}{full}, "
        f"model {ranking.model}"
    )
    rows = [
        (
            str(result.rank),
            result.id,
            result.name if result.name != result.id else "",
            f"{100 * result.probability:.2f} %",
            str(result.launches),
            "; ".join(map(str, result.reasons)),
        )
        for result in ranking.results
    ]
    table = table_lines(("rank", "id", "name", SHARE[Task.ITEMS], "launches", "why"), rows)
    shelf = availability_lines(ranking)
    return "\n".join([head, *table, *shelf, *_footnotes(Task.ITEMS, records, ranking.item)])


def explanation_json(explanation: Explanation) -> str:
    """One object, arrays as nested lists."""
    shown = {
        "model": explanation.model,
        "initiator": explanation.initiator,
        "item": explanation.item,
        "participant": explanation.participant,
        "as_of": as_of(explanation.moment),
        **_availability(explanation.item_unavailable, "item_"),
        **(
            {}
            if explanation.participant is None
            else _availability(explanation.participant_unasked, "participant_")
        ),
        "sentence": explanation.sentence,
        "tasks": [_task(task) for task in explanation.tasks],
        "past_groups": [asdict(group) for group in explanation.past_groups],
    }
    return json.dumps(shown, ensure_ascii=False)


def explanation_text(explanation: Explanation) -> str:
    """The sentence, then each task's gate and contributions, then the past groups."""
    lines = [explanation.sentence, *explanation_lines(explanation)]
    for task in explanation.tasks:
        share = f"{100 * task.probability:.2f} % {SHARE[task.task]}"
        lines += ["", f"{task.task}: score {task.score:.3f}, {share}"]
        lines += [f"  {reason}" for reason in task.reasons]
        lines += table_lines(
            ("expert", "gate"),
            [(name, f"{g:.3f}") for name, g in zip(task.experts, task.gate, strict=True)],
        )
        lines += table_lines(
            ("without", "loses"), [(c.input, f"{c.change:+.3f}") for c in task.contributions]
        )
    lines += ["", *(MEANING[task.task] for task in explanation.tasks)]
    if explanation.past_groups:
        lines.append("")
        lines += table_lines(
            ("past group", "initiator", "item", "participants"),
            [
                (group.why, group.initiator, group.item, " ".join(group.participants))
                for group in explanation.past_groups
            ],
        )
    return "\n".join(lines)


def models_json(versions: Sequence[ModelVersion], serving: str | None) -> str:
    """A list, the newest first."""
    return json.dumps(
        [
            {
                "version": version.version,
                "serving": version.version == serving,
                "preset": version.preset,
                "data_version": version.data_version,
                "created_at": _time(version.created_at),
                "metrics": version.metrics,
            }
            for version in versions
        ],
        ensure_ascii=False,
    )


def promotion_warning(compared: LaterComparison | None) -> str:
    """That a version which serves now ranks worse on later groups than the one before it; empty where it does not."""
    if compared is None or compared.asked is None:
        return ""
    worse = [str(one.metric) for one in compared.worse()]
    if not worse:
        return ""
    return (
        f"warning: on the same {compared.asked.count} groups launched since {day_of(compared.asked.since)} it ranks "
        f"worse than {compared.old} in {', '.join(worse)}. `python -m engine rollback` takes it back."
    )


def models_text(versions: Sequence[ModelVersion], serving: str | None) -> str:
    """A table, the newest first."""
    if not versions:
        return "There is no model yet. `python -m train fit --promote` trains one."
    rows = [
        (
            version.version,
            "serving" if version.version == serving else "",
            version.preset,
            _time(version.created_at),
            version.data_version,
        )
        for version in versions
    ]
    return "\n".join(table_lines(("version", "", "preset", "created", "data"), rows))


_WHY = {
    "serving": "stays: serving",
    "before": "stays: served before",
    "pinned": "stays: pinned",
    "newest": "stays: among the newest",
    None: "goes",
}


def plan_text(plan: Sequence[PlannedVersion]) -> str:
    """A table of what a pruning would remove and keep, the newest first."""
    rows = [
        (planned.version.version, _WHY[planned.kept_as], f"{planned.bytes / 1e6:.1f} MB")
        for planned in plan
    ]
    return "\n".join(table_lines(("version", "", "size"), rows))


def pruned_text(pruned: Pruned) -> str:
    """What a pruning removed, one version per line."""
    lines = [f"{version} is removed." for version in pruned.removed]
    lines += [f"{version} stays: somebody is using it." for version in pruned.in_use]
    freed = f"{pruned.bytes / 1e6:.1f} MB are free." if pruned.removed else "Nothing was removed."
    return "\n".join([*lines, freed])


def _ranked(result: Ranked) -> dict[str, Any]:
    shown = asdict(result) | {"reasons": _texts(result.reasons)}
    del shown["unavailable"], shown["remark"]
    shown |= _availability(result.unavailable)
    return shown if result.remark is None else shown | {"remark": str(result.remark)}


def _availability(reason: Message | None, of: str = "") -> dict[str, Any]:
    """Whether something can be had, and why not."""
    available: dict[str, Any] = {f"{of}available": reason is None}
    return available if reason is None else available | {f"{of}reason": str(reason)}


def _why(result: Ranked) -> str:
    notes = [note for note in (result.unavailable, result.remark) if note is not None]
    return "; ".join([str(note).rstrip(".") for note in notes] + _texts(result.reasons))


def _track_record(records: TrackRecords, item: str) -> dict[str, int | float] | None:
    record = records.of(item)
    if record is None:
        return None
    return {"rate": record.rate, "successes": record.successes, "closed": record.closed}


def _rate(record: TrackRecord | None) -> str:
    """A track record as text: "58 % (41 of 70)"; empty where the shop has none."""
    if record is None:
        return ""
    return f"{100 * record.rate:.0f} % ({record.successes:,} of {record.closed:,})"


def _footnotes(task: Task, records: TrackRecords, item: str | None) -> list[str]:
    """Below a ranking: what its percentages mean, and how groups for the item ended, or why that is unknown."""
    record = None if item is None else records.of(item)
    if records.gap is not None:
        ended = GAPS[records.gap]
    elif record is None:
        ended = "A track record is how the closed groups of an item ended, smoothed towards the whole shop's."
    else:
        shop = f"{100 * record.base_rate:.0f} % in the whole shop"
        ended = f"Groups for item {item}: track record {_rate(record)}; {shop}."
    return ["", MEANING[task], ended]


def _texts(reasons: Sequence[Reason]) -> list[str]:
    return [reason.text for reason in reasons]


def _task(task: TaskExplanation) -> dict[str, Any]:
    return {
        "task": task.task,
        "score": task.score,
        "probability": task.probability,
        "experts": task.experts,
        "gate": task.gate.tolist(),
        "tokens": task.tokens,
        "attention": task.attention.tolist(),
        "contributions": [asdict(contribution) for contribution in task.contributions],
        "reasons": _texts(task.reasons),
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
