"""Sentences that other parts say in English, known again by patterns with blanks: ``The {column} is missing.``"""

import re
from functools import cache

from app.text import catalogue


@cache
def patterns(name: str, tongue: str) -> list[tuple[re.Pattern[str], str]]:
    """The catalogue ``name`` as patterns, each with what it becomes, in its order: the special come first."""
    return [(_pattern(english), said) for english, said in catalogue(f"{name}.{tongue}").items()]


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if k % 2 else re.escape(part) for k, part in enumerate(parts)),
        re.DOTALL,
    )
