"""From bytes to text: guesses the encoding of a file and reads its lines.

The lines are bounded in length, numbered, and have their undecodable bytes marked.
"""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from db.errors import InputError
from db.importing.readers.chunk import LONGEST_LINE, LONGEST_SHOWN, RowError
from db.importing.readers.source import HEAD_BYTES, SourceFile
from db.messages import Message

# The encodings that people can choose where the guess is wrong.
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")


def guess_encoding(source: SourceFile) -> str:
    """UTF-8 (with or without a byte order mark), UTF-16 or GB18030.

    Raises InputError if the bytes are not text in any of them.
    """
    head = source.head
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
        raise InputError("db.file.zero_bytes", name=source.name)
    lines = [line for piece in source.samples for line in piece.split(b"\n")]
    lines = [line for line in lines if not line.isascii()]
    if not lines:
        return "utf-8"
    shares = {
        encoding: sum(_decodes(line, encoding) for line in lines) / len(lines)
        for encoding in ("utf-8", "gb18030")
    }
    # GB18030 text is hardly ever valid UTF-8, but UTF-8 text is often valid GB18030: UTF-8 goes first.
    for encoding, share in shares.items():
        if share > 0.5:
            return encoding
    raise InputError("db.file.unknown_encoding", name=source.name)


def decode_head(head: bytes, encoding: str) -> str:
    """The head as text with newlines as line ends, without a last line that may be incomplete."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    complete, newline, _ = text.rpartition("\n")
    return complete if newline and len(head) >= HEAD_BYTES else text


def _reads_as_text(sample: bytes, encoding: str) -> bool:
    """Whether nearly all characters are Latin or Chinese; with the bytes swapped, few would be."""
    text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
    usual = sum(
        char in "\t\r\n" or " " <= char <= "~" or "\u3000" <= char <= "\u9fff" for char in text
    )
    ascii_chars = sum(char <= "~" for char in text)  # delimiters and line ends
    return usual > 0.95 * len(text) and ascii_chars > 0.02 * len(text)


def _decodes(line: bytes, encoding: str) -> bool:
    """Whether the line is text, apart from a last character that the sample may have cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(line)
    except UnicodeDecodeError:
        return False
    return True


UNDECODABLE = "\udcff"  # replaces undecodable bytes; real text has no lone surrogates


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "only decoding uses this handler"  # noqa: S101
    return UNDECODABLE, error.end


codecs.register_error("mark-undecodable", _mark)


class Lines:
    """Iterates over the lines of a stream, none longer than LONGEST_LINE, numbered from 1.

    A longer line is reported in ``too_long`` and replaced by a blank one, so that the numbers stay right.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        # utf-8-sig drops a byte order mark, and is plain UTF-8 without one.
        encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        self._text = io.TextIOWrapper(stream, encoding, errors="mark-undecodable", newline="")
        self.number = 0
        self.recent: list[str] = []  # since the reader last cleared it
        self.too_long: list[RowError] = []

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE):
            self.number += 1
            if len(line) == LONGEST_LINE:
                problem = Message("db.row.line_too_long")
                self.too_long.append(RowError(self.number, "", "", problem, line[:LONGEST_SHOWN]))
                while line and not line.endswith(("\n", "\r")):
                    line = self._text.readline(LONGEST_LINE)
                line = "\n"
            self.recent.append(line)
            yield line

    def take_too_long(self) -> list[RowError]:
        """The errors of overlong lines since the last call."""
        taken, self.too_long = self.too_long, []
        return taken


def printable(text: str) -> str:
    """Text that can be stored and shown: cut to LONGEST_SHOWN characters, undecodable bytes as �."""
    text = text[:LONGEST_SHOWN].replace(UNDECODABLE, "�").replace("\0", "�")
    return text.encode(errors="replace").decode()
