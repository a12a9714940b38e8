"""Answers about earlier files with the same headings, found before a file is read."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from db.errors import InputError
from db.importing.answers import (
    NO_ANSWERS,
    Answers,
    is_known_layout,
    recall_answers,
    remember_answers,
)
from db.importing.readers.sniff import outline_of
from db.importing.readers.source import SourceFile
from db.messages import Message
from db.store import Store


@dataclass(frozen=True)
class RememberedAnswers:
    """What was said about a file now and before, and the headings that it is remembered by."""

    given: Answers  # now
    before: Answers  # about earlier files
    # As the product reads them by itself, and as it reads them with the answers: the next file is
    # met with the former.
    headings: tuple[tuple[str, ...], ...]
    known: bool  # whether such a file was imported before

    @property
    def answers(self) -> Answers:
        """What holds for the file."""
        return self.before.updated(self.given)

    def notes(self) -> list[Message]:
        """A note on the answers that hold because they were given before."""
        used = [name for name in self.before.as_json() if name not in self.given.as_json()]
        if not used and self.answers == self.given:
            return []
        return [Message("db.note.answers_recalled", {"options": ", ".join(_options(self.before))})]

    def remember(self, connection: Connection) -> None:
        """Store the answers for the next file with these headings, also where none were needed.

        A sheet is this file's own.
        """
        for headings in self.headings:
            remember_answers(connection, headings, replace(self.answers, sheet=""))


def recalled(
    store: Store, source: SourceFile, file_format: str, kind: str, given: Answers
) -> RememberedAnswers:
    """What was said about files with the headings of this one; raises InputError if it has none."""
    headings: dict[tuple[str, ...], None] = {}
    before = NO_ANSWERS
    with suppress(InputError):  # an answer may be needed to read the file at all
        guessed = outline_of(source, file_format, kind).headings
        headings[guessed] = None
        before = recall_answers(store, guessed)
    seen = outline_of(source, file_format, kind, before.updated(given)).headings
    headings[seen] = None
    if before == NO_ANSWERS:
        before = recall_answers(store, seen)
    known = any(is_known_layout(store, one) for one in headings)
    return RememberedAnswers(given, before, tuple(headings), known)


def _options(answers: Answers) -> Sequence[str]:
    """The answers as the options of the command."""
    found: list[str] = []
    for name, value in answers.as_json().items():
        option = "--" + {"columns": "column", "states": "state"}.get(name, name.replace("_", "-"))
        pairs = value.items() if isinstance(value, dict) else [(value, "")]
        found += [
            f"{option} {word}={meaning}" if isinstance(value, dict) else f"{option} {word}"
            for word, meaning in pairs
        ]
    return found
