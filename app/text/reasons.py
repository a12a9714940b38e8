"""Reasons in the session's language."""

from app.text import catalogue, known, language, t
from app.text.numbers import count
from db.queries.ties import Tie
from engine.explain.reasons import SENTENCES
from engine.results import Reason


def say(reason: Reason) -> str:
    """The reason in the session's language, numbers and all; in English where Chinese lacks its kind."""
    chinese = catalogue("reasons.zh").get(reason.kind) if language() == "zh" else None
    sentence = chinese or SENTENCES.get(reason.kind)
    if sentence is None:
        return reason.text
    return sentence.format(**{blank: _written(value) for blank, value in reason.values.items()})


def _written(value: int | float | str) -> str:
    return value if isinstance(value, str) else count(value)


def named(key: str, name: str) -> str:
    """The catalogue's word ``key`` for a name of the engine; the name itself where it has none."""
    return t(key) if known(key) else name


def expert_name(expert: str) -> str:
    """An expert's name, numbered: "Task I 1" and "shared 2" of the engine in words."""
    bank, _, number = expert.rpartition(" ")
    key = f"expert.{bank}"
    return t(key, number=number) if bank and known(key) else expert


def tie_text(tie: Tie) -> str:
    """The tie in words, strongest first; empty between strangers."""
    parts = [t("tie.friends")] if tie.friends else []
    for key, times in (
        ("tie.joined_her", tie.joined_her),
        ("tie.joined_by_her", tie.joined_by_her),
        ("tie.together", tie.together),
    ):
        if times:
            parts.append(t(key, n=times))
    return t("list.and").join(parts)
