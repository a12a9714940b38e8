"""Names of items as vectors: which are alike, with what was learned from the shop's own items."""

import zlib

import numpy as np
import pytest

from engine.evidence.timed.event_counts import Histories
from engine.evidence.timed.words import BUCKETS, Words, WordSpace, spoken_names, word_buckets

NAMES = ["Baby milk 400 g", "Baby milk 800 g", "Wooden kite", "Robot dog", "Wooden blocks"]
DAY = np.timedelta64(1, "D")
START = np.datetime64("2025-01-01T00:00:00", "s")


def test_a_word_is_cut_into_the_n_grams_that_it_has_with_its_ends() -> None:
    grams = [" a", "ab", "bc", "c ", " ab", "abc", "bc ", " abc", "abc "]
    assert word_buckets("abc") == tuple(zlib.crc32(gram.encode()) % BUCKETS for gram in grams)
    single = [" a", "a ", " a "]
    assert word_buckets("a") == tuple(zlib.crc32(gram.encode()) % BUCKETS for gram in single)


def test_names_with_the_same_words_are_alike() -> None:
    words = Words.of(NAMES, WordSpace.learned(NAMES))
    likeness = words.likeness(np.arange(5), np.arange(5))
    np.testing.assert_allclose(np.diag(likeness), 1, atol=5e-3)
    assert likeness[0, 1] > 0.9
    assert likeness[2, 4] > likeness[2, 3]


def test_a_later_item_has_a_vector_in_the_same_space() -> None:
    space = WordSpace.learned(NAMES)
    known, later = Words.of(NAMES, space), Words.of([*NAMES, "Baby milk 1200 g"], space)
    np.testing.assert_array_equal(known.vectors[:5], later.vectors[:5])
    assert (later.likeness(np.array([5]), np.array([0])) > 0.9).all()
    assert not later.vectors[6].any()  # the cold-start row


def test_a_profile_is_the_mean_of_the_latest_launches_that_weighs_recent_ones_more() -> None:
    words = Words.of(NAMES, WordSpace.learned(NAMES))
    launched = Histories(np.array([0, 0]), START + np.array([0, 7]) * DAY, np.array([0, 2]))
    latest = launched.latest(np.array([0, 1]), np.array([START + 8 * DAY] * 2), 30)
    found = words.columns(latest, np.array([[0, 3], [0, 3]]))
    milk, kite = words.likeness(np.array([0]), np.array([0, 2]))[0]
    assert found["words_7d"][0, 0] == pytest.approx((0.5 * milk + kite) / 1.5, abs=3e-3)
    assert not found["words_7d"][1].any()  # somebody without a launch
    everybody = words.columns(latest, None)
    for name, values in found.items():
        np.testing.assert_array_equal(values, everybody[name][:, [0, 3]])


def test_an_id_is_a_name_only_where_ids_are_words() -> None:
    assert spoken_names(["milk", "kite-2"], [None, "Kite"]) == ["milk", "Kite"]
    assert spoken_names(["1001", "P-1002"], [None, None]) == ["", ""]


@pytest.mark.parametrize("names", [[], [""], ["", ""], ["Kite"], ["Kite", "Kite"]])
def test_shops_with_hardly_a_name_have_vectors_all_the_same(names: list[str]) -> None:
    words = Words.of(names, WordSpace.learned(names))
    assert len(words.vectors) == len(names) + 1
    assert np.isfinite(words.vectors).all()
