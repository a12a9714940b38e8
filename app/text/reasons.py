"""Shares, reasons, ties and recommendations in words, in the session's language."""

from datetime import datetime
from typing import Literal

from app.cached_reads import entity_names
from app.text import catalogue, known, language, t
from app.text.numbers import count, day, percent
from db.logs import Task
from db.queries.ties import Tie
from engine.explain.reasons import SENTENCES
from engine.results import Explanation, Reason, TaskExplanation

REASONS_IN_SENTENCE = 2  # per task; more would not read as one sentence

Kind = Literal["initiator", "item", "participant"]


def share_text(task: Task, probability: float) -> str:
    """What a probability of the task is a share of: "3.1% of launches", "0.4% of spots"."""
    return t(f"share.{task}", share=percent(probability))


def reason_text(reason: Reason) -> str:
    """The reason with its numbers and days formatted; in English where the Chinese catalogue lacks its kind."""
    chinese = catalogue("reasons.zh").get(reason.kind) if language() == "zh" else None
    sentence = chinese or SENTENCES.get(reason.kind)
    if sentence is None:
        return reason.text
    written = {blank: _formatted(blank, value) for blank, value in reason.values.items()}
    return sentence.format(**written)


def _formatted(blank: str, value: int | float | str) -> str:
    if not isinstance(value, str):
        return count(value)
    return day(datetime.fromisoformat(value), language()) if blank == "day" else value


def label_or_name(key: str, name: str) -> str:
    """The catalogue's sentence ``key``; ``name`` where the engine knows a name that the app does not."""
    return t(key) if known(key) else name


def expert_name(expert: str) -> str:
    """An expert's display name: "shared 2" of the engine is "Shared expert 2"."""
    bank, _, number = expert.rpartition(" ")
    key = f"expert.{bank}"
    return t(key, number=number) if bank and known(key) else expert


def tie_text(tie: Tie) -> str:
    """How two people are connected, strongest first; empty for strangers."""
    parts = [t("tie.friends")] if tie.friends else []
    for key, times in (
        ("tie.joined_initiator", tie.joined_initiator),
        ("tie.initiator_joined", tie.initiator_joined),
        ("tie.together", tie.together),
    ):
        if times:
            parts.append(t(key, n=times))
    return t("list.and").join(parts)


def display_name(kind: Kind, id: str) -> str:
    """The name; where the shop knows none, the id with what it identifies ("user 12")."""
    name = entity_names("items" if kind == "item" else "users", (id,)).get(id, id)
    return t(f"why.nameless.{kind}", id=id) if name == id else name


def recommendation_text(explanation: Explanation) -> str:
    """Who should launch what and whom to invite, each with its strongest reasons."""
    launch = t(
        "why.sentence.launch",
        initiator=display_name("initiator", explanation.initiator),
        item=display_name("item", explanation.item),
        because=_because(explanation.tasks[0]),
    )
    if explanation.participant is None or len(explanation.tasks) < 2:
        return t("why.sentence.alone", launch=launch)
    return t(
        "why.sentence.both",
        launch=launch,
        participant=display_name("participant", explanation.participant),
        because=_because(explanation.tasks[1]),
    )


def _because(task: TaskExplanation) -> str:
    """A task's strongest reasons in brackets; empty where it has none."""
    reasons = [reason_text(reason).rstrip("。.") for reason in task.reasons[:REASONS_IN_SENTENCE]]
    if language() == "en":
        reasons = [reason[:1].lower() + reason[1:] for reason in reasons]
    return t("why.sentence.because", reasons=t("why.sentence.and").join(reasons)) if reasons else ""
