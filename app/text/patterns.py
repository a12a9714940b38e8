"""Sentences that have no key yet, recognised by patterns with blanks: ``The {column} is missing.``"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

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


_MAY_END = re.compile(r"(?<=[.!?])\s+|\Z")
_TRIED = 6  # places where a sentence may end: names with more full stops in them are rare
_QUOTED = re.compile(r"'[^']*'((, | and )'[^']*')*")
_BETWEEN = re.compile("(?<='), (?=')|(?<=') and (?=')")


def translated(text: str, tongue: str) -> str:
    """The text in the language ``tongue``; as it is where no pattern fits."""
    if tongue == "zh" and (problem := in_chinese(text)) != text:
        return problem
    return in_page_words(text, tongue)


@lru_cache(maxsize=256)  # a page says them again at each look
def in_page_words(message: str, tongue: str) -> str:
    """The message as a page in the language ``tongue`` says it: values are kept, settings get their names."""
    said, rest = "", message.strip()
    while rest:
        sentence, rest = _first(rest, tongue)
        # Chinese sentences stand close; one that stayed English keeps its distance.
        said += f" {sentence}" if said[-1:].isascii() else sentence
    return said.strip()


def _first(text: str, tongue: str) -> tuple[str, str]:
    """The first sentence in the page's words, and what follows it.

    Names and numbers hold full stops too: the shortest beginning that is known is the sentence.
    """
    for end in islice(_MAY_END.finditer(text), _TRIED):
        known = _known(text[: end.start()], tongue)
        if known is not None:
            return known, text[end.end() :]
    end = next(_MAY_END.finditer(text))
    return text[: end.start()], text[end.end() :]


def _known(sentence: str, tongue: str) -> str | None:
    for one in sentences("errors", tongue):
        values = one.blanks_in(sentence)
        if values is None:
            continue
        words = {blank: _word(blank.rstrip("2"), value, tongue) for blank, value in values.items()}
        if "problem" in values and words["problem"] == values["problem"]:
            continue  # this is half a problem of a row: it goes on after the full stop
        return one.said.format(**words)
    return None


def _word(blank: str, value: str, tongue: str) -> str:
    """What stands in a blank: some values have names on the pages, the others are kept."""
    if blank == "change":
        field, _, wanted = value.partition("=")
        words = catalogue(tongue)
        is_word = f"setting.{field}.is.{wanted}"
        return f"{words.get(f'setting.{field}', field)} {words.get(is_word, wanted)}"
    if blank == "setting":
        return catalogue(tongue).get(f"setting.{value}", value)
    if blank == "reason":  # what the operating system said, or a check within a check
        return in_page_words(value, tongue)
    return _in_chinese(blank, value) if tongue == "zh" else value


def _in_chinese(blank: str, value: str) -> str:
    if blank == "field":
        return field_in_chinese(value)
    if blank == "problem":
        return in_chinese(value)
    if blank == "columns":
        return "、".join(in_page_words(column, "zh") for column in value.split("; "))
    if _QUOTED.fullmatch(value):
        return "、".join(f"“{word[1:-1]}”" for word in _BETWEEN.split(value))
    return value


_OF_PARTICIPANT = re.compile(r"A participant ((?!stands).+)", re.DOTALL)
# What db.importing.validation makes of the names of fields that hold times.
_RENAMED = {
    "launch time": "launched_at",
    "ordered time": "ordered_at",
    "expires time": "expires_at",
    "participant": "participants",
}


def in_chinese(problem: str) -> str:
    """The sentence in Chinese, its numbers and columns kept."""
    if found := _OF_PARTICIPANT.fullmatch(problem):
        # Said of one id among several, as it is of a column that holds one.
        return in_chinese(f"The participant {found.group(1)}")
    for sentence in sentences("problems", "zh"):
        blanks = sentence.blanks_in(problem)
        if blanks is not None:
            words = {name: field_in_chinese(word) for name, word in blanks.items()}
            return sentence.said.format(**words)
    return problem


def field_in_chinese(text: str) -> str:
    """What the importer calls a field, as the page calls it."""
    words = catalogue("zh")
    field = _RENAMED.get(text, text.replace(" ", "_"))
    return words.get(f"field.{field}", text)
