"""Messages for people: a key and values, rendered in a language from a catalogue.

A message crosses every border as itself: an error carries one, the store keeps it as JSON, a process hands it to
another. Each language renders it from its own catalogue. The first word of a key names the package whose
``messages.en.json`` holds the English sentence, ``db.import.empty`` in ``db/messages.en.json``; the pages' sentences
are in ``app/text/messages.*.json``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, Protocol, Union

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Term:
    """A value that each language has a name for.

    ``field``: a column of the logs, by its name in the importer. ``setting``: a setting of the model, with its
    ``value`` where one was given. ``system``: what the operating system said, whose number (errno) is the ``value``.
    """

    kind: Literal["field", "setting", "system"]
    name: str
    value: str = ""


def os_error(error: OSError) -> Term:
    """What the operating system said, as a value of a message."""
    return Term("system", error.strerror or str(error), str(error.errno or ""))


Value = Union[
    str, int, float, Term, "Message", tuple[str, ...]
]  # a tuple reads as a list of quoted words


@dataclass(frozen=True)
class Message:
    """A sentence or several, by the key of a catalogue and the values of its blanks."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        """In English, as the commands print it."""
        return render(self, English())

    def to_json(self) -> str:
        """As the store and files between processes keep it."""
        return _MESSAGE.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Message":
        """What ``to_json`` wrote; raises pydantic.ValidationError where it did not."""
        return _MESSAGE.validate_json(text)


_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


class Language(Protocol):
    """How a language says things; ``English`` is one, the pages have their own."""

    def sentence(self, key: str) -> str:
        """The sentence of a key, with blanks ``{name}``; KeyError where there is none."""
        ...

    def term(self, term: Term) -> str:
        """The name of a value."""
        ...

    def names(self, words: tuple[str, ...]) -> str:
        """A list of quoted words."""
        ...


def render(message: Message, language: Language) -> str:
    """The message in a language; KeyError where its catalogue lacks the key or a blank has no value."""
    values = {name: _said(value, language) for name, value in message.values.items()}
    return language.sentence(message.key).format(**values)


def _said(value: Value, language: Language) -> str:
    if isinstance(value, Message):
        return render(value, language)
    if isinstance(value, Term):
        return language.term(value)
    return language.names(value) if isinstance(value, tuple) else str(value)


class English:
    """English for people at a command line."""

    def sentence(self, key: str) -> str:
        """The sentence of a key; KeyError where there is none."""
        return catalogue(key.partition(".")[0])[key]

    def term(self, term: Term) -> str:
        """The name of a value, ``heads=8`` for a setting as the commands take it."""
        if term.kind == "field":
            return field_words(term.name)
        return f"{term.name}={term.value}" if term.kind == "setting" and term.value else term.name

    def names(self, words: tuple[str, ...]) -> str:
        """'a', 'b' and 'c'."""
        quoted = [repr(word) for word in words]
        return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


@cache
def catalogue(package: str) -> dict[str, str]:
    """The English sentences of a package, by key."""
    text = (files(package) / "messages.en.json").read_text(encoding="utf-8")
    sentences: dict[str, str] = json.loads(text)
    return sentences


_FIELD_WORDS = {
    "launched_at": "launch time",
    "ordered_at": "order time",
    "expires_at": "deadline",
    "target_size": "group size",
    "order_state": "state of the order",
    "payment_state": "state of the payment",
    "refund_state": "state of the refund",
    "people_so_far": "people so far",
    "launched_day": "day of the launch",
    "ordered_day": "day of the order",
    "expires_day": "day of the deadline",
    "record": "number of the row",
    "parent": "number of the launch",
    "order": "order number",
    "cancelled_at": "time of the cancellation",
    "filled_at": "time of filling",
    "joined_at": "times of the joins",
    "in_stock": "word on the stock",
    "sold_out": "mark of what is sold out",
    "backorders": "mark of what sells beyond its stock",
    "on_shelf": "mark of what is on the shelf",
    "published": "mark of what the shop shows",
    "off_shelf": "mark of what is off the shelf",
    "hidden": "mark of what is hidden",
    "on_sale_from": "start of the sale",
    "on_sale_until": "end of the sale",
    "contactable": "mark of who may be asked",
    "not_contactable": "mark of who must not be asked",
}


def field_words(name: str) -> str:
    """A field of the logs in words: ``launched_at`` is the launch time."""
    bare = re.sub(r"(contactable)_\d$", r"\1", name)
    return _FIELD_WORDS.get(bare, name.replace("_", " "))
