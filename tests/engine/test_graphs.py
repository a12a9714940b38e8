"""The logs as sparse matrices, counted by hand on five groups."""

from pathlib import Path

import numpy as np
from shops import TinyShop
from small_shops import ANN, BEA, BOOK, CAI, DAN, MILK, WIPES, five_groups, random_shop

from db.importing.pipeline import import_files
from db.queries.entities import user_card
from db.read_logs import read_logs
from engine.evidence.graphs import Graphs


def test_cells_count_groups_and_open_groups_are_left_out() -> None:
    graphs = Graphs.from_logs(five_groups())
    assert graphs.launched[ANN, MILK] == 2
    assert graphs.launched[ANN, BOOK] == 1
    assert graphs.failed[CAI, WIPES] == 1
    assert graphs.joined[BEA, MILK] == 2
    assert graphs.joined[CAI, MILK] == 1
    assert graphs.invited[ANN, BEA] == 3
    assert graphs.invited[ANN, CAI] == 1
    assert graphs.launched[DAN].nnz == graphs.invited[DAN].nnz == graphs.joined[BEA, WIPES] == 0
    assert graphs.item_counts.tolist() == [[2, 0, 3], [1, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert graphs.user_counts.tolist() == [[3, 0, 0], [0, 0, 3], [0, 1, 1], [0, 0, 0], [0, 0, 0]]


def test_a_circle_holds_people_of_shared_groups_and_declared_friends() -> None:
    circle = Graphs.from_logs(five_groups()).circle.toarray()
    assert (circle == circle.T).all()
    pairs = {tuple(pair) for pair in np.argwhere(circle).tolist()}
    assert pairs == {(ANN, BEA), (BEA, ANN), (ANN, CAI), (CAI, ANN), (ANN, DAN), (DAN, ANN)}
    alone = Graphs.from_logs(five_groups(), friendships=False).circle
    assert alone[DAN].nnz == 0
    assert alone.nnz == 4


def test_the_mean_over_the_circle_of_somebody_without_one_is_nothing() -> None:
    with np.errstate(divide="raise"):
        mean = Graphs.from_logs(five_groups(), friendships=False).circle_mean.toarray()
    assert mean[ANN, [BEA, CAI]].tolist() == [0.5, 0.5]
    assert mean[BEA].tolist() == [1, 0, 0, 0, 0]
    assert not mean[DAN].any()


def test_co_occurrence_counts_the_users_of_both_items() -> None:
    both = Graphs.from_logs(five_groups()).co_occurrence.toarray()
    assert both[MILK, BOOK] == both[BOOK, MILK] == 2  # ann and bea
    assert both[MILK, WIPES] == 1  # cai
    assert both[BOOK, WIPES] == 0
    assert np.diag(both).sum() == 0


def test_masked_groups_leave_no_trace() -> None:
    logs = five_groups()
    some = Graphs.from_logs(logs, np.array([True, False, True, False, True]))
    assert some.launched[ANN, MILK] == 1
    assert some.joined[CAI].nnz == some.failed.nnz == 0
    assert some.invited[ANN, BEA] == 2


def test_stored_graphs_read_back_unchanged() -> None:
    graphs = Graphs.from_logs(random_shop())
    again = Graphs.from_arrays(graphs.arrays())
    for name in ("launched", "failed", "joined", "invited", "befriended"):
        first, second = getattr(graphs, name), getattr(again, name)
        assert first.shape == second.shape
        assert (first != second).nnz == 0
    assert (graphs.normalised_circle_history != again.normalised_circle_history).nnz == 0


def test_the_card_and_the_evidence_count_the_same_circle(
    tiny_shop: TinyShop, tmp_path: Path
) -> None:
    """An open group, which may not fill, makes no circle: the card used to count it, the evidence did not."""
    (tmp_path / "open.csv").write_text(
        "group_id,initiator,item,participants,status\nG9,eve,milk,zoe,open\n"
    )
    import_files(tiny_shop.store, [tmp_path / "open.csv"])
    logs = read_logs(tiny_shop.store)
    size = Graphs.from_logs(logs).circle_size.tolist()
    cards = [user_card(tiny_shop.store, id).circle for id in logs.users.index]
    assert cards == size[:-1]
    assert user_card(tiny_shop.store, "zoe").circle == 0
    assert (
        user_card(tiny_shop.store, "ann").circle == 3
    )  # bea and cai by groups, dan by declaration
