"""No name out of a file steers the terminal on which a command prints it."""

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.terminal import LegibleStream, legible, one_line

NAMES = st.text(st.characters(), max_size=40)
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printed(text: str, encoding: str = "utf-8", bars: bool = False) -> str:
    raw = io.BytesIO()
    stream = LegibleStream(io.TextIOWrapper(raw, encoding=encoding, newline=""), bars)
    assert stream.write(text) == len(text)
    stream.flush()
    return raw.getvalue().decode(encoding)


@given(NAMES, st.sampled_from(["utf-8", "latin-1", "ascii", "gb18030"]))
def test_what_is_printed_holds_no_sign_that_steers(name: str, encoding: str) -> None:
    said = printed(name, encoding)
    steering = {sign for sign in said if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")}
    assert steering <= {"\t", "\n"}
    assert not TURNING & set(said)


@given(NAMES, st.sampled_from(["utf-8", "latin-1", "ascii", "gb18030"]))
def test_json_stays_the_same_data(name: str, encoding: str) -> None:
    assert json.loads(printed(json.dumps([name], ensure_ascii=False), encoding)) == [name]


@given(NAMES)
def test_a_name_takes_one_line(name: str) -> None:
    assert len(one_line(name).splitlines()) <= 1
    assert "\t" not in one_line(name)


@pytest.mark.parametrize(
    "text", ["", "张三 & Söhne\tUG\n", "emoji 👨‍👩‍👧 ok", "{brace} \\u0041", "שלום"]
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert legible(text) == printed(text) == text


def test_an_escape_sequence_is_written_out() -> None:
    assert printed("\x1b]0;owned\x07\x1b[2J\x9b31m\r") == (
        r"\u001b]0;owned\u0007\u001b[2J\u009b31m\u000d"
    )


def test_a_progress_bar_may_return_to_the_start_of_its_line_and_nowhere_else() -> None:
    assert printed("\r10 of 20 rows", bars=True) == "\r10 of 20 rows"
    assert printed("\rbad\rname", bars=True) == "\rbad\\u000dname"
