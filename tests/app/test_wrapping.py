"""A table's cell shows whole sentences in lines that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wrapping import fitting, lines, width

texts = st.text(st.sampled_from("ab 小雨，0-g "), max_size=60)


@given(texts)
def test_breaking_loses_nothing_but_the_spaces_at_the_breaks(text):
    assert "".join("".join(lines(text, 80)).split()) == "".join(text.split())


@given(texts)
def test_no_line_is_too_wide_unless_it_is_a_single_word(text):
    for line in lines(text, 80):
        assert width(line) <= 80 or " " not in line


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_has_no_lines(text):
    assert lines(text, 80) == []


def test_only_whole_sentences_are_shown_and_at_least_one():
    long, short = "很长的理由" * 20, "短"
    assert fitting([short, short, short, short], 100, 3) == "短\n短\n短"
    assert fitting([short, long], 100, 3) == "短"
    assert fitting([long, short], 100, 3).replace("\n", "") == long
    assert fitting([], 100, 3) == ""
