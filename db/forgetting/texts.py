"""Finds and blanks the words of a person in texts: their id and names, also as JSON writes them."""

import json
import re
from collections.abc import Sequence
from typing import Any

IN_PLACE = "…"


class Words:
    """The id and the names of one person, one word at least."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        written = {form for word in words for form in _forms(word)}
        self.forms = sorted(filter(None, written), key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(_bounded, self.forms)))

    def within(self, text: str) -> bool:
        """Whether the text has one of the words."""
        return self._pattern.search(text) is not None

    def blanked(self, value: Any) -> Any:
        """A JSON value without the words."""
        if isinstance(value, str):
            return self._pattern.sub(IN_PLACE, value)
        if isinstance(value, list):
            return [self.blanked(one) for one in value]
        if isinstance(value, dict):
            return {self.blanked(key): self.blanked(one) for key, one in value.items()}
        return value

    def in_bytes(self, content: bytes) -> bool:
        """Whether a file's content has one of the words, in the encodings that files have."""
        return any(
            form.encode(encoding, "ignore") in content
            for form in self.forms
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
        )


def is_telling(word: str) -> bool:
    """Whether the word can hardly mean anything but the person: 1 may be a code, and 2026 a year."""
    if not word.isascii():
        return len(word) > 1
    return len(word) >= (6 if word.isdecimal() else 4)


def _forms(word: str) -> tuple[str, ...]:
    return word, json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]


def _bounded(form: str) -> str:
    """A pattern of the word by itself: U1 is not in U12; Chinese has nothing between its words."""
    before = r"(?<![A-Za-z0-9])" if form[0].isascii() and form[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if form[-1].isascii() and form[-1].isalnum() else ""
    return before + re.escape(form) + behind
