"""A downloaded CSV runs nothing in a spreadsheet and loses nothing."""

import csv
import io

import pandas as pd
import pytest

from app.frame.downloads import csv_bytes


def read_back(frame):
    text = csv_bytes(frame).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "attack", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1"]
)
def test_neither_a_cell_nor_a_heading_runs_as_a_formula(attack):
    assert read_back(pd.DataFrame({attack: [attack]})) == [["'" + attack], ["'" + attack]]


def test_names_numbers_and_line_breaks_survive():
    frame = pd.DataFrame({"名称": ['他说"好",\n真的', "小雨", "a=b"], "n": [-3.5, 2.0, 3.0]})
    assert read_back(frame) == [
        ["名称", "n"],
        ['他说"好",\n真的', "-3.5"],
        ["小雨", "2.0"],
        ["a=b", "3.0"],
    ]


def test_a_spreadsheet_is_told_that_the_file_is_utf_8():
    assert csv_bytes(pd.DataFrame({"名": ["小雨"]})).startswith(b"\xef\xbb\xbf")
