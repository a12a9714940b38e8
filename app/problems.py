"""What is wrong with rows, in the language of the page: the importer says it in English."""

import re

import pandas as pd

from app.downloads import csv_bytes
from app.text import catalogue, language, t
from app.text.patterns import sentences

_OF_PARTICIPANT = re.compile(r"A participant ((?!stands).+)", re.DOTALL)
# What db.validation makes of the names of fields that hold times.
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
