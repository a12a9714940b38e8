r"""Text for terminals: names come from uploaded files, and none of them may steer the terminal that shows them.

An escape sequence in a name could clear the screen, forge the lines around it or type into the shell. Control
characters, marks that turn the reading direction, and characters that the terminal's encoding lacks are written as
``\\u001b``, which is also how JSON writes them: in a JSON string it stays the same text.
"""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO, cast

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LINE_BREAKS = re.compile("[\t\n]")


def legible(text: str) -> str:
    """The text with everything but tabs and line breaks that steers a terminal written out."""
    return _STEERING.sub(_written_out, text)


def one_line(text: str) -> str:
    """``legible`` for a name in a table or a sentence, whose own line breaks and tabs are written out, too."""
    return _LINE_BREAKS.sub(_written_out, legible(text))


def _written_out(found: re.Match[str]) -> str:
    return _escape(found[0])


def _escape(signs: str) -> str:
    units = signs.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[k : k + 4]}" for k in range(0, len(units), 4))


class LegibleStream(io.TextIOBase):
    """A stream whose text is ``legible`` and fits the encoding of the stream behind it.

    ``bars`` lets a carriage return begin a write, as progress bars do.
    """

    def __init__(self, stream: TextIO, bars: bool = False) -> None:
        self._stream, self._bars = stream, bars

    def write(self, text: str) -> int:
        """Writes the text; returns how many characters of it were written."""
        redraws = self._bars and text.startswith("\r")
        said = "\r" + legible(text[1:]) if redraws else legible(text)
        self._stream.write(self._encodable(said))
        return len(text)

    def _encodable(self, text: str) -> str:
        encoding = self.encoding
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return "".join(sign if _fits(sign, encoding) else _escape(sign) for sign in text)
        return text

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream behind."""
        return self._stream.encoding or "utf-8"

    def flush(self) -> None:
        """Flushes the stream behind."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether a terminal is behind."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream behind."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """It is for writing."""
        return True


def _fits(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def legible_output() -> Iterator[None]:
    """While the block runs, what is printed is legible: the results, the errors and the progress."""
    out = cast(TextIO, LegibleStream(sys.stdout))
    err = cast(TextIO, LegibleStream(sys.stderr, bars=True))
    with redirect_stdout(out), redirect_stderr(err):
        yield
