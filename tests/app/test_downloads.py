"""A downloaded CSV opens in a spreadsheet without running anything, and loses nothing."""

import csv
import io

import pandas as pd
import pytest

from app.downloads import csv_bytes, harmless


@pytest.mark.parametrize(
    "attack",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "\n=1"],
)
def test_a_cell_that_would_run_as_a_formula_is_quoted(attack):
    assert harmless(attack) == "'" + attack


@pytest.mark.parametrize("plain", ["小雨妈妈", "a=b", "", "尿不湿 L 码", "12-3"])
def test_other_text_stays_as_it_is(plain):
    assert harmless(plain) == plain


def test_negative_numbers_stay_numbers():
    assert harmless(-3.5) == -3.5


def test_names_headings_and_chinese_survive_the_file():
    frame = pd.DataFrame({"名称": ["=A1", '他说"好",\n真的', "小雨"], "=h": [1, 2, 3]})
    data = csv_bytes(frame)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows == [["名称", "'=h"], ["'=A1", "1"], ['他说"好",\n真的', "2"], ["小雨", "3"]]
