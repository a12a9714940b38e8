"""What a bundle of a model that knows time keeps: evidence read from it is that which was written."""

import io

import numpy as np
import pytest
from test_timed_evidence import ROWS, day, evidence_of, shop_logs

from engine.bundle.event_files import event_arrays, read_timed_evidence
from engine.bundle.files import Arrays
from engine.evidence.timed.timed_evidence import TimedEvidence

SHOP = shop_logs([*ROWS, ("dan", "kite", 61, 62, "ann")])
USERS, ITEMS = list(SHOP.users.index), list(SHOP.items.index)


def content_of(arrays: Arrays) -> bytes:
    written = io.BytesIO()
    np.savez(written, allow_pickle=False, **arrays)  # type: ignore[arg-type]  # a stub's fault
    return written.getvalue()


@pytest.fixture
def written() -> TimedEvidence:
    return evidence_of(SHOP)


def test_evidence_comes_back_as_it_was(written: TimedEvidence) -> None:
    found, rotation = read_timed_evidence(content_of(event_arrays(written, None)), USERS, ITEMS)
    everybody, at = np.arange(len(USERS)), np.full(len(USERS), day(65))
    np.testing.assert_array_equal(
        found.items(everybody, None, at), written.items(everybody, None, at)
    )
    milk = np.zeros(len(USERS), np.int64)
    np.testing.assert_array_equal(
        found.participants(everybody, milk, None, at),
        written.participants(everybody, milk, None, at),
    )
    assert found.events.written("category", 0) == "Food/Fresh"
    assert rotation is None


def test_neither_ids_nor_cities_of_people_are_written(written: TimedEvidence) -> None:
    content = content_of(event_arrays(written, None))
    for text in (*USERS, "Rome", "Oslo"):
        assert text.encode() not in content
        assert text.encode("utf-32-le") not in content  # as arrays of texts are stored


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        ("events.city", np.zeros(1, np.int64)),
        ("events.price", np.zeros(1)),
        ("words.idf", np.zeros(3, np.float32)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    written: TimedEvidence, name: str, damaged: np.ndarray
) -> None:
    arrays = event_arrays(written, None) | {name: damaged}
    with pytest.raises(ValueError, match=r"values for|words are"):
        read_timed_evidence(content_of(arrays), USERS, ITEMS)


def test_a_missing_array_is_named(written: TimedEvidence) -> None:
    arrays = event_arrays(written, None)
    del arrays["words.components"]
    with pytest.raises(ValueError, match=r"words\.components"):
        read_timed_evidence(content_of(arrays), USERS, ITEMS)
