"""Guesses how a file's bytes are text: UTF-8, UTF-16 or GB18030.

A log file's text, line by line: bounded, numbered, and with its broken bytes marked.
"""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from db.errors import InputError
from db.importing.readers.chunk import LONGEST_LINE, SHOWN, RowError
from db.importing.readers.source import Opened

# What a person may choose where the guess is wrong.
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")
_WIDEST = 1 << 18  # bytes of a head that may be cut


def guess_encoding(opened: Opened) -> str:
    """UTF-8 (with or without a mark), UTF-16 or GB18030; InputError where the bytes are no text."""
    head = opened.head
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    sample = head[:4096]
    if b"\0" in sample:
        for encoding in ("utf-16-le", "utf-16-be"):
            if _reads_as_text(sample, encoding):
                return encoding
        raise InputError(
            f"{opened.name} is no text: it holds zero bytes. Save it as CSV in UTF-8 and try again."
        )
    lines = [line for piece in opened.samples for line in piece.split(b"\n")]
    lines = [line for line in lines if not line.isascii()]
    if not lines:
        return "utf-8"
    shares = {
        encoding: sum(_decodes(line, encoding) for line in lines) / len(lines)
        for encoding in ("utf-8", "gb18030")
    }
    # Text in GB18030 is hardly ever valid UTF-8, while the reverse is common; so UTF-8 goes first.
    for encoding, share in shares.items():
        if share > 0.5:
            return encoding
    raise InputError(
        f"{opened.name} is no text in UTF-8, UTF-16 or GB18030. "
        "Save it as CSV in UTF-8 and try again."
    )


def decode_head(head: bytes, encoding: str) -> str:
    """The head as text, without a last line that may be cut."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    complete, newline, _ = text.rpartition("\n")
    return complete if newline and len(head) >= _WIDEST else text


def _reads_as_text(sample: bytes, encoding: str) -> bool:
    """Whether nearly all signs are Latin or Chinese: with the halves swapped, few would be."""
    text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
    usual = sum(
        sign in "\t\r\n" or " " <= sign <= "~" or "\u3000" <= sign <= "\u9fff" for sign in text
    )
    ascii_signs = sum(sign <= "~" for sign in text)  # delimiters and line ends
    return usual > 0.95 * len(text) and ascii_signs > 0.02 * len(text)


def _decodes(line: bytes, encoding: str) -> bool:
    """Whether the line is text, apart from a last sign that a piece may have cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(line)
    except UnicodeDecodeError:
        return False
    return True


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
