"""The settings of a training as people read them: ``heads=8`` is "Attention heads 8"."""

from collections.abc import Sequence
from typing import get_type_hints

from app.text import catalogue, language
from engine.model_settings import Config

KINDS = get_type_hints(Config)


def said(changes: Sequence[str]) -> list[str]:
    """Changes ``name=value`` as people read them; settings that there are no more are left out."""
    known = [change for change in changes if change.partition("=")[0] in KINDS]
    return [change_in(change, language()) for change in known]


def change_in(change: str, tongue: str) -> str:
    """One change in the language ``tongue``; as it is where there is no such setting."""
    field, _, value = change.partition("=")
    return (
        f"{setting_in(field, tongue)} {value_in(field, value, tongue)}"
        if field in KINDS
        else change
    )


def setting_in(field: str, tongue: str) -> str:
    """What a setting is called; its own name where there is no such setting."""
    return catalogue(tongue).get(f"setting.{field}", field)


def value_in(field: str, value: str, tongue: str) -> str:
    """A setting's value as people read it; as it is where there is no word for it."""
    kind, words = KINDS.get(field), catalogue(tongue)
    if kind is bool:
        return words["settings.on" if value.lower() in ("true", "1", "yes") else "settings.off"]
    return words.get(f"setting.{field}.is.{value}", value)
