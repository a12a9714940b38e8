"""From bytes to text: guesses the encoding of a file and reads its lines.

The lines are bounded in length, numbered, and have their undecodable bytes marked.
"""

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from db.errors import InputError
from db.importing.readers.chunk import LONGEST_LINE, LONGEST_SHOWN, RowError
from db.importing.readers.source import HEAD_BYTES, LONGEST_SAMPLE, SourceFile
from db.importing.readers.undeclared import CODECS, Reading, readings, rivals
from db.messages import Message

# The encodings that people can choose where the guess is wrong.
ENCODINGS = (
    "utf-8",
    "gb18030",
    "big5",
    "cp949",
    "shift_jis",
    "utf-16",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
    "euc_jp",
    "koi8_r",
)
_BROKEN = 0.2  # share of bytes beyond ASCII that are no UTF-8, in text that is UTF-8 nevertheless
_PROOF = 12  # bytes in threes: other encodings have some by chance
_TWO_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
_MORE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SAMPLE_LINES = 100  # of each piece


@dataclass(frozen=True)
class EncodingGuess:
    """The encoding of a file, and what is worth knowing about how it was found."""

    encoding: str
    sample: str = ""  # of the text beyond ASCII, where the bytes do not tell the encoding
    others: tuple[Reading, ...] = ()  # nearly as likely, with another text


def guess_encoding(source: SourceFile) -> EncodingGuess:
    """By a byte order mark, by zero bytes, by being UTF-8, or by the language that the text looks like.

    Raises InputError if the bytes are no text in any encoding that is known.
    """
    head = source.head
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return EncodingGuess(encoding)
    sample = head[:4096]
    if b"\0" in sample:
        for encoding in ("utf-16-le", "utf-16-be"):
            if _reads_as_text(sample, encoding):
                return EncodingGuess(encoding)
        raise InputError("db.file.zero_bytes", name=source.name)
    lines = _lines_beyond_ascii(source)
    if not lines or _is_utf8(lines):
        return EncodingGuess("utf-8")
    found = readings(lines, head[:8192])
    if not found or 50 * len(_CONTROLS.findall(sample)) > len(sample):
        raise InputError("db.file.unknown_encoding", name=source.name)
    return EncodingGuess(found[0].encoding, found[0].sample, tuple(rivals(found)))


def plausible_readings(source: SourceFile) -> list[Reading]:
    """How the file reads in each encoding that makes a text of it, the likeliest first."""
    return readings(_lines_beyond_ascii(source), source.head[:8192])


def codec_of(encoding: str) -> str:
    """Python's name of an encoding's largest dialect."""
    return CODECS.get(encoding.lower().replace("-", "_"), encoding)


def _lines_beyond_ascii(source: SourceFile) -> list[bytes]:
    """Lines from the pieces of the file, without a last one that is cut."""
    found: list[bytes] = []
    for piece in source.samples:
        lines = re.split(rb"[\r\n]+", piece)
        if len(lines) > 1 and len(piece) >= LONGEST_SAMPLE:
            lines.pop()
        found += [line for line in lines if not line.isascii()][:_SAMPLE_LINES]
    return found


def _is_utf8(lines: Sequence[bytes]) -> bool:
    """Whether most lines are UTF-8, or nearly all bytes are, and not by chance: two bytes of two prove nothing."""
    text = b"\n".join(lines)
    more = sum(map(len, _MORE_BYTES.findall(text)))
    valid = more + sum(map(len, _TWO_BYTES.findall(_MORE_BYTES.sub(b"", text))))
    beyond = len(text) - len(text.decode("ascii", "ignore"))
    whole = sum("\ufffd" not in line.decode("utf-8", "replace") for line in lines)
    if 2 * whole >= len(lines):
        return more > 0
    return more >= _PROOF and valid >= (1 - _BROKEN) * beyond


def decode_head(head: bytes, encoding: str) -> str:
    """The head as text with newlines as line ends, without a last line that may be incomplete."""
    text = codecs.getincrementaldecoder(codec_of(encoding))("replace").decode(head)
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


UNDECODABLE = "\udcff"  # replaces undecodable bytes; real text has no lone surrogates


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "only decoding uses this handler"  # noqa: S101
    return UNDECODABLE, error.end


MARK_UNDECODABLE = "mark-undecodable"
codecs.register_error(MARK_UNDECODABLE, _mark)


class Lines:
    """Iterates over the lines of a stream, none longer than LONGEST_LINE, numbered from 1.

    A longer line is reported in ``too_long`` and replaced by a blank one, so that the numbers stay right.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        # utf-8-sig drops a byte order mark, and is plain UTF-8 without one.
        encoding = "utf-8-sig" if encoding == "utf-8" else codec_of(encoding)
        self._text = io.TextIOWrapper(stream, encoding, errors=MARK_UNDECODABLE, newline="")
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
