"""JSON whose nesting is bounded: what is nested a thousand times deep can be read, but not written or compared."""

import json
from typing import Any

DEEPEST = 30  # levels; what an API answers has few

_CONTAINERS = {dict, list, tuple}


class TooDeepError(ValueError):
    """Lists or objects stand in each other more than DEEPEST times."""


def load_json(text: str) -> Any:
    """The value of a JSON text; raises TooDeepError as it says, other ValueErrors for what is no JSON."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise TooDeepError from error
    # Few rows have as many brackets, and counting these is fast.
    if text.count("[") + text.count("{") > DEEPEST and is_too_deep(value):
        raise TooDeepError
    return value


def is_too_deep(value: object, levels: int = DEEPEST) -> bool:
    """Whether lists or objects stand in each other more than ``levels`` times."""
    if not isinstance(value, dict | list | tuple):
        return False
    inner = value.values() if isinstance(value, dict) else value
    if _CONTAINERS.isdisjoint(map(type, inner)):
        return False
    return levels <= 1 or any(is_too_deep(one, levels - 1) for one in inner)
