"""Rows that come part by part."""

import numpy as np
import pytest

from train.prepare.dataset import RowBuffer


def test_parts_lie_below_each_other_as_if_joined_in_the_end() -> None:
    rng = np.random.default_rng(0)
    parts = [
        {"ids": rng.integers(0, 9, rows), "facts": rng.random((rows, 3, 2), np.float32)}
        for rows in (4, 0, 7)
    ]
    room = RowBuffer(20)
    for part in parts:
        room.add(part)
    filled = room.filled()
    assert list(filled) == ["ids", "facts"]
    for name, array in filled.items():
        joined = np.concatenate([part[name] for part in parts])
        np.testing.assert_array_equal(array, joined)
        assert array.dtype == joined.dtype


def test_room_without_parts_has_nothing() -> None:
    assert RowBuffer(3).filled() == {}


def test_columns_of_different_length_are_refused_before_any_row_is_placed() -> None:
    room = RowBuffer(5)
    with pytest.raises(ValueError, match="too many values"):
        room.add({"a": np.zeros(2), "b": np.zeros(3)})
    assert room.rows == 0
