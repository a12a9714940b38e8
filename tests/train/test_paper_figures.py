"""The paper's figures: bounds that hold for every ranking, and the cells that break them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.logs import Task
from train.benchmark.paper_figures import ndcg_bounds, paper_records, possible
from train.evaluate.metrics import ndcg, rank_range, reciprocal_rank


@given(st.lists(st.lists(st.integers(0, 3), min_size=10, max_size=10), min_size=1, max_size=8))
def test_every_ranking_lies_within_the_bounds(rows: list[list[int]]) -> None:
    ends = rank_range(np.array(rows, float))
    rank, gain = (float(f(*ends, 10).mean()) for f in (reciprocal_rank, ndcg))
    low, high = ndcg_bounds(rank, 10)
    assert low - 1e-9 <= gain <= high + 1e-9
    assert gain >= rank - 1e-9
    assert possible(round(rank, 4), round(gain, 4), 10)


def test_the_bounds_are_reached() -> None:
    # Half the lists right in the first place, half in the last: the least NDCG for this reciprocal rank.
    ends = np.array([1, 10]), np.array([1, 10])
    rank, gain = (float(f(*ends, 10).mean()) for f in (reciprocal_rank, ndcg))
    assert ndcg_bounds(rank, 10)[0] == pytest.approx(gain)
    ends = np.array([3, 3]), np.array([3, 3])
    rank, gain = (float(f(*ends, 10).mean()) for f in (reciprocal_rank, ndcg))
    assert ndcg_bounds(rank, 10)[1] == pytest.approx(gain)


def test_the_cells_of_table_2_that_no_ranking_can_give() -> None:
    struck = {
        (record.system, record.task, record.metric.k)
        for record in paper_records()
        if record.impossible and record.table == 2
    }
    every = [(task, k) for task in Task for k in (10, 100)]
    assert struck >= {("LightGCN", *cell) for cell in every}
    assert struck >= {("IMPGCN", *cell) for cell in every}
    assert struck >= {(name, *cell) for name in ("J2PRec", "MAMGBR") for cell in every[2:]}
    assert ("MGBR", Task.PARTICIPANTS, 100) in struck
    assert not {system for system, _, _ in struck} & {"NGCF", "EATNN", "GBGCN"}


def test_a_pair_is_struck_as_a_whole() -> None:
    records = paper_records()
    assert len(records) == 11 * 8
    for one, other in zip(records[::2], records[1::2], strict=True):
        assert (one.system, one.task) == (other.system, other.task)
        assert (one.metric.name, other.metric.name) == ("mrr", "ndcg")
        assert one.impossible == other.impossible
