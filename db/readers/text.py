"""A log file's text, line by line: bounded, numbered, and with its broken bytes marked."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from db.readers.chunk import LONGEST_LINE, SHOWN
from db.writing import RowError

BROKEN = "\udcff"  # stands for bytes that are no text; no real text holds a lone surrogate


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "only decoding uses this handler"  # noqa: S101
    return BROKEN, error.end


codecs.register_error("mark-broken", _mark)


class Lines:
    """The lines one by one, none longer than LONGEST_LINE, numbered from 1.

    A longer one goes to ``too_long``, and a blank line takes its place to keep the count right.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        # utf-8-sig drops a mark at the beginning, and is plain UTF-8 without one.
        encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        self._text = io.TextIOWrapper(stream, encoding, errors="mark-broken", newline="")
        self.number = 0
        self.recent: list[str] = []  # since the reader last cleared it
        self.too_long: list[RowError] = []

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE):
            self.number += 1
            if len(line) == LONGEST_LINE:
                problem = "The line is longer than a million characters. Break it into rows."
                self.too_long.append(RowError(self.number, "", "", problem, line[:SHOWN]))
                while line and not line.endswith(("\n", "\r")):
                    line = self._text.readline(LONGEST_LINE)
                line = "\n"
            self.recent.append(line)
            yield line

    def take_too_long(self) -> list[RowError]:
        """The lines that were too long since the last call."""
        taken, self.too_long = self.too_long, []
        return taken


def shown(text: str) -> str:
    """Text fit to be kept and shown: cut to SHOWN characters, broken bytes as question marks."""
    return text[:SHOWN].replace(BROKEN, "�").replace("\0", "�").encode(errors="replace").decode()
