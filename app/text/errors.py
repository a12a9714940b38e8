"""Errors in the words of the page. They are raised in English, for people at a command line too.

``errors.zh.json`` has every sentence of them that can reach a page; ``errors.en.json`` those alone that name a
command or a setting otherwise than the page does. An error is as many sentences as it needs, and each is known by
itself: what went wrong, then what to do.


What is wrong with rows, in the language of the page: the importer says it in English.
"""

import re
from functools import lru_cache
from itertools import islice

import pandas as pd

from app.frame.downloads import csv_bytes
from app.text import catalogue, language, t
from app.text.patterns import sentences
from app.text.setting_text import change_in, setting_in

_MAY_END = re.compile(r"(?<=[.!?])\s+|\Z")
_TRIED = 6  # places where a sentence may end: names with more full stops in them are rare
_QUOTED = re.compile(r"'[^']*'((, | and )'[^']*')*")
_BETWEEN = re.compile("(?<='), (?=')|(?<=') and (?=')")


def said_error(error: Exception | str) -> str:
    """The error's sentences in the session's language; one that is not in the catalogue stays as it is.

    Errors that were kept, such as those of trainings, come as their text.
    """
    return in_page_words(str(error), language())


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
        return change_in(value, tongue)
    if blank == "setting":
        return setting_in(value, tongue)
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


def said_problems(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its ``problem`` column in the session's language.

    Where a sentence is not in the catalogue, it stays as the importer wrote it.
    """
    if language() == "en" or frame.empty:
        return frame
    distinct = {text: in_words(text) for text in frame["problem"].unique()}
    return frame.assign(problem=frame["problem"].map(distinct))


def refused_csv(frame: pd.DataFrame) -> bytes:
    """The refused rows as a file to download, its headings and problems in the session's language."""
    said = said_problems(frame)
    return csv_bytes(said.rename(columns=lambda column: t(f"data.error.{column}")))


def in_words(sentence: str) -> str:
    """A sentence of the importer in the session's language."""
    return in_chinese(sentence) if language() == "zh" else sentence


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
