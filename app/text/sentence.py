"""The one sentence of a recommendation: what to do, and why, fit to be said to a colleague."""

from typing import Literal

from app.cached_reads import names
from app.text import language, t
from app.text.reasons import say
from engine.results import Explanation, TaskExplanation

TOLD = 2  # reasons of a task; more would be no sentence

Kind = Literal["initiator", "item", "participant"]


def called(kind: Kind, id: str) -> str:
    """The name; where the shop knows none, the id after what it is the id of."""
    name = names("items" if kind == "item" else "users", (id,)).get(id, id)
    return t(f"why.nameless.{kind}", id=id) if name == id else name


def sentence(explanation: Explanation) -> str:
    """Who should launch what and whom to invite, each with its strongest reasons, in the session's language."""
    launch = t(
        "why.sentence.launch",
        initiator=called("initiator", explanation.initiator),
        item=called("item", explanation.item),
        because=because(explanation.tasks[0]),
    )
    if explanation.participant is None or len(explanation.tasks) < 2:
        return t("why.sentence.alone", launch=launch)
    return t(
        "why.sentence.both",
        launch=launch,
        participant=called("participant", explanation.participant),
        because=because(explanation.tasks[1]),
    )


def because(task: TaskExplanation) -> str:
    """A task's strongest reasons in brackets; nothing where it has none."""
    told = [say(reason).rstrip("。.") for reason in task.reasons[:TOLD]]
    if language() == "en":
        told = [reason[:1].lower() + reason[1:] for reason in told]
    return t("why.sentence.because", reasons=t("why.sentence.and").join(told)) if told else ""
