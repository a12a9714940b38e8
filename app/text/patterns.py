"""Sentences that other parts say in English, known again by patterns with blanks: ``The {column} is missing.``"""

import re
from dataclasses import dataclass
from functools import cache

from app.text import catalogue


@dataclass(frozen=True)
class Sentence:
    """A sentence in English and what a page says instead, with the same blanks or some of them."""

    said: str
    pattern: re.Pattern[str]
    literal: (
        str  # its longest part between blanks: where that is missing, the pattern need not be tried
    )

    def blanks_in(self, text: str) -> dict[str, str] | None:
        """What stands in the blanks where the text is this sentence, ``None`` where it is not."""
        found = self.pattern.fullmatch(text) if self.literal in text else None
        return None if found is None else found.groupdict()


@cache
def sentences(name: str, tongue: str) -> list[Sentence]:
    """The sentences of the catalogue ``name`` for a language, in its order: the special come first."""
    return [_sentence(english, said) for english, said in catalogue(f"{name}.{tongue}").items()]


def _sentence(english: str, said: str) -> Sentence:
    parts = re.split(r"\{(\w+)\}", english)
    pattern = "".join(
        f"(?P<{part}>.+?)" if k % 2 else re.escape(part) for k, part in enumerate(parts)
    )
    return Sentence(said, re.compile(pattern, re.DOTALL), max(parts[::2], key=len))
