"""Near wrong answers are wrong, near, and together with the others stand for everybody."""

import numpy as np
import pytest
import scipy.sparse as sp
from small_shops import ANN, BEA, BOOK, CAI, DAN, MILK, WIPES, five_groups, random_shop

from db.evidence.graphs import Graphs
from db.logs import SUCCESSFUL, Logs
from train.examples import Examples, triples
from train.neighbourhood import Neighbourhood, launched_by, with_near_ones, within
from train.worlds import known

NEGATIVES, NEAR = 8, 5
LOGS = random_shop(groups=300)
GRAPHS = Graphs.from_logs(LOGS)
GROUPS = np.flatnonzero(LOGS.group_status == SUCCESSFUL)


def drawn(near: int = NEAR, seed: int = 0) -> Examples:
    return triples(LOGS, GROUPS, NEGATIVES, seed, GRAPHS, near)


def test_a_neighbourhood_worked_out_by_hand() -> None:
    graphs = Graphs.from_logs(five_groups(), friendships=False)
    near = Neighbourhood(graphs)
    # Dan's one step, to Bea, leads to her milk and book; what he has open himself is no history yet.
    (dans,) = near.items(np.array([DAN])).toarray()
    assert dans.sum() == pytest.approx(0)  # and an open group ties nobody
    (cais,) = near.people(np.array([CAI]), np.array([BOOK])).toarray()
    assert cais.sum() == pytest.approx(1)
    assert cais[ANN] > cais[BEA] > 0  # Ann is her whole circle, and book's people are Ann and Bea
    assert cais[DAN] == 0
    (anns,) = near.items(np.array([ANN])).toarray()
    assert anns[MILK] > anns[BOOK] > anns[WIPES] > 0  # Cai, of her circle, failed with wipes
    assert anns[-1] == 0  # nobody leads to the item that is in no log


def test_near_answers_are_never_right() -> None:
    found = drawn()
    launched, members = launched_by(LOGS, found.initiator), within(LOGS, GROUPS)
    everything = slice(None)
    taken = launched(everything).toarray() > 0
    assert not np.take_along_axis(taken, found.items[:, 1:], 1).any()
    kept = np.isin(np.arange(len(GROUPS)), np.arange(len(found)))  # every group is usable here
    inside = members(everything).toarray()[kept] > 0
    assert not np.take_along_axis(inside, found.participants[:, 1:], 1).any()


def test_near_answers_are_near_and_the_others_are_as_without_them() -> None:
    found, uniform = drawn(), drawn(near=0)
    far = 1 + NEGATIVES - NEAR
    assert np.array_equal(found.items[:, :far], uniform.items[:, :far])
    chances = Neighbourhood(GRAPHS).items(found.initiator).toarray()
    near = np.take_along_axis(chances, found.items[:, far:], 1) > 0
    lonely = (found.item_weight == 0).all(1)
    assert near[~lonely].all()
    assert (~lonely).mean() > 0.5
    assert np.array_equal(found.items[lonely], uniform.items[lonely])


def test_without_near_ones_every_answer_counts_alike_and_stands_for_its_share() -> None:
    found = drawn(near=0)
    assert not found.item_weight.any()
    assert not found.person_weight.any()
    items, _ = known(GRAPHS)
    launched = launched_by(LOGS, found.initiator)(slice(None)).toarray()[:, :-1] > 0
    left = (items & ~launched).sum(1)
    assert found.crowd[:, 0] == pytest.approx(np.log(left / NEGATIVES), abs=1e-6)


def test_the_weighed_answers_sum_up_to_what_everybody_sums_up_to() -> None:
    """Whatever the scores: the mean over many draws of the estimate is the sum over all that may be drawn."""
    rng = np.random.default_rng(0)
    worth = rng.random(12)
    chances = sp.csr_matrix(np.array([[0, 0.5, 0.3, 0.2, *[0] * 9]]))
    taken = sp.csr_matrix(np.array([[0, 0, 1, *[0] * 10]], float))  # the third is no wrong answer
    seen = np.array([True] * 11 + [False])  # and the twelfth has no history
    open_ones = np.flatnonzero(seen & (np.arange(12) != 2))
    rows = 40_000
    found = with_near_ones(
        rng.choice(open_ones, (rows, 4)),
        3,
        lambda part: sp.vstack([chances] * len(range(rows)[part]), "csr"),
        lambda part: sp.vstack([taken] * len(range(rows)[part]), "csr"),
        seen,
        rng,
    )
    assert np.isin(found.answers, open_ones).all()
    estimates = (np.exp(found.weight) * worth[found.answers]).sum(1) * np.exp(found.crowd)
    assert estimates.mean() == pytest.approx(worth[open_ones].sum(), rel=0.01)


def test_the_same_seed_draws_the_same() -> None:
    one, other = drawn(seed=3), drawn(seed=3)
    for name, values in vars(one).items():
        assert np.array_equal(values, getattr(other, name)), name
    assert not np.array_equal(one.items, drawn(seed=4).items)


def test_nobody_near_leaves_uniform_answers() -> None:
    logs: Logs = five_groups()
    nothing = Graphs.from_logs(logs, np.zeros(5, bool), friendships=False)
    rows = Neighbourhood(nothing).people(np.array([ANN, BEA]), np.array([MILK, MILK]))
    assert rows.nnz == 0
