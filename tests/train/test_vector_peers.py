"""Peers of free vectors: propagation worked out by hand, and nothing learned from validation groups."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from small_shops import ANN, BEA, BOOK, CAI, DAN, MILK, WIPES, five_groups, quick, random_shop

from db.logs import Logs, Task
from engine.evidence.graphs import Graphs
from train.benchmark.protocols import Holdout, hold_out
from train.benchmark.systems.group_batches import GroupBatch, GroupBatches, Launches
from train.benchmark.systems.group_buying import Factorisation, GroupBuyingSetting, TwoViews
from train.benchmark.systems.network_peer import NetworkPeer, TrainingData
from train.benchmark.systems.registry import Options, make
from train.benchmark.systems.searched import Tuning
from train.benchmark.systems.single_role import (
    CollaborativeConvolution,
    ImpSetting,
    InterestConvolution,
    LightConvolution,
    NgcfSetting,
    split_columns,
)
from train.benchmark.systems.system import mean_mrr_ndcg
from train.benchmark.systems.vector_network import Edges, VectorSetting, row_mean, symmetric
from train.evaluate.sampled_ranking import CandidateLists
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

NAMES = ("gbmf", "ngcf", "lightgcn", "imp-gcn", "gbgcn")
SHOP = random_shop(groups=300)
TWO_USERS_ONE_ITEM = sp.csr_matrix(np.array([[1.0], [1.0]], np.float32))


@pytest.fixture(scope="module")
def holdout() -> Holdout:
    return hold_out(SHOP, "sampled", quick(), 0)


def learned(
    name: str,
    holdout: Holdout,
    effort: float = 0.1,
    watch: ProgressCallback = ignore_progress,
    early: int = 4,
    **chosen: Any,
) -> NetworkPeer[Any, Any]:
    """A peer that learned for a share of its passes, with settings of a search where any are given."""
    scopes = ("items", "participants", "items+participants")
    tuning = Tuning(dict.fromkeys(scopes, chosen), "searched")
    system = make(name, Options(device="cpu", watch=watch, effort=effort, tunings={name: tuning}))
    assert isinstance(system, NetworkPeer)
    system.budget = replace(system.budget, early=early)
    system.fit(holdout.known, holdout.split, 0)
    return system


def set_vectors(space: torch.nn.Module, left: list[list[float]], right: list[list[float]]) -> None:
    space.left = torch.nn.Parameter(torch.tensor(left, dtype=torch.float32))
    space.right = torch.nn.Parameter(torch.tensor(right, dtype=torch.float32))


def random_graph() -> sp.csr_matrix:
    rng = np.random.default_rng(0)
    return sp.csr_matrix((rng.random((12, 7)) < 0.3).astype(np.float32))


def test_edges_multiply_both_ways_and_pass_gradients_back() -> None:
    matrix = symmetric(random_graph())
    edges, dense = Edges(matrix), torch.from_numpy(matrix.toarray())
    right, left = torch.randn(7, 3, requires_grad=True), torch.randn(12, 3, requires_grad=True)
    torch.testing.assert_close(edges(right), dense @ right)
    torch.testing.assert_close(edges.backwards(left), dense.T @ left)
    pull = torch.randn(12, 3)
    (edges(right) * pull).sum().backward()
    (edges.backwards(left) * right.detach()).sum().backward()
    torch.testing.assert_close(right.grad, dense.T @ pull)
    torch.testing.assert_close(left.grad, dense @ right.detach())


def test_normalisation_leaves_those_without_an_edge_at_zero() -> None:
    matrix = sp.csr_matrix(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]], np.float32))
    half = 2**-0.5
    np.testing.assert_allclose(
        symmetric(matrix).toarray(), [[half, 0.5, 0], [0, half, 0], [0, 0, 0]], rtol=1e-6
    )
    np.testing.assert_allclose(row_mean(matrix).toarray(), [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 0]])


def test_lightgcn_is_the_mean_of_its_layers() -> None:
    space = LightConvolution(TWO_USERS_ONE_ITEM, VectorSetting(dim=2, layers=2))
    set_vectors(space, [[1, 0], [0, 2]], [[4, 6]])
    # Each edge weighs 1/sqrt(1 * 2). Layer 1: users (4, 6)/sqrt 2, the item (1, 2)/sqrt 2.
    # Layer 2: users (1, 2)/2, the item (4, 6) + (4, 6) over 2.
    root = 2**0.5
    users, item = space()
    first = np.array([[1, 0], [0, 2]])
    expected = (first + np.array([4, 6]) / root + np.array([1, 2]) / 2) / 3
    np.testing.assert_allclose(users.detach().numpy(), expected, rtol=1e-6)
    expected = (np.array([[4, 6]]) + np.array([1, 2]) / root + np.array([4, 6])) / 3
    np.testing.assert_allclose(item.detach().numpy(), expected, rtol=1e-6)


def test_ngcf_sends_sums_and_products() -> None:
    space = CollaborativeConvolution(TWO_USERS_ONE_ITEM, NgcfSetting(dim=2, layers=1)).eval()
    set_vectors(space, [[1, 0], [0, 2]], [[4, -6]])
    one, two = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 2.0]])
    space.sums[0].weight.data, space.products[0].weight.data = one, two
    users = space()[0].detach().numpy()
    root = 2**0.5
    message = np.array([4, -6]) / root
    own = np.array([[1, 0], [0, 2]])
    sent = own + message + 2 * own * message
    sent = np.where(sent > 0, sent, 0.2 * sent)
    sent /= np.linalg.norm(sent, axis=1, keepdims=True)
    np.testing.assert_allclose(users, np.hstack([own, sent]), rtol=1e-5)


def test_imp_gcn_splits_the_users_and_loses_no_edge() -> None:
    torch.manual_seed(0)
    graph = random_graph()
    space = InterestConvolution(graph, ImpSetting(dim=4, subgraphs=3))
    interest = space.interests().numpy()
    assert interest.shape == (12,)
    assert len(np.unique(interest)) > 1
    parted = split_columns(graph, interest, 3).toarray().reshape(12, 3, 7)
    assert (parted.sum(1) == graph.toarray()).all()
    for user, own in enumerate(interest):
        assert parted[user, [k for k in range(3) if k != own]].sum() == 0


def test_imp_gcn_with_one_interest_is_lightgcn() -> None:
    plain = LightConvolution(random_graph(), VectorSetting(dim=4, layers=3))
    parted = InterestConvolution(random_graph(), ImpSetting(dim=4, layers=3, subgraphs=1))
    parted.left, parted.right = plain.left, plain.right
    for one, other in zip(plain(), parted(), strict=True):
        torch.testing.assert_close(one, other)


def test_the_friends_share_of_a_launch_is_their_mean() -> None:
    graphs = Graphs.from_logs(five_groups())
    vectors = Factorisation(graphs, GroupBuyingSetting(dim=1, friends=0.25))
    vectors.users.data = torch.tensor([[1.0], [2.0], [6.0], [4.0], [0.0]])
    vectors.items.data = torch.tensor([[3.0], [5.0], [7.0], [0.0]])
    tables = vectors()
    items = torch.tensor([[MILK, BOOK, WIPES]])
    scores = vectors.score_items(tables, torch.tensor([ANN]), items)
    friends = (2 + 6 + 4) / 3  # bea, cai and the declared friend dan
    assert scores[0].tolist() == pytest.approx(
        [(0.75 * 1 + 0.25 * friends) * item for item in (3, 5, 7)]
    )
    people = torch.tensor([[BEA, DAN]])
    scores = vectors.score_participants(tables, torch.tensor([ANN]), torch.tensor([BOOK]), people)
    assert scores[0].tolist() == [2 * 5 + 2 * 1, 4 * 5 + 4 * 1]


def test_a_failed_launch_counts_for_the_initiator_and_against_their_friends() -> None:
    graphs = Graphs.from_logs(five_groups())
    vectors = Factorisation(graphs, GroupBuyingSetting(dim=1, refusal=1.0))
    vectors.items.data = torch.tensor([[0.0], [0.0], [1.0], [0.0]])
    failed = Launches(torch.tensor([CAI]), torch.tensor([[WIPES, MILK]]))
    losses = vectors.losses(GroupBatch(None, failed, None))
    assert set(losses) == {"failed", "refused"}
    torch.stack(list(losses.values())).sum().backward()
    assert vectors.users.grad is not None
    assert vectors.users.grad[CAI] < 0  # a step raises the initiator's interest
    assert vectors.users.grad[ANN] > 0  # and lowers the friend's
    assert vectors.users.grad[DAN] == 0


def test_gbgcn_keeps_the_roles_apart() -> None:
    graphs = Graphs.from_logs(five_groups())
    vectors = TwoViews(graphs, GroupBuyingSetting(dim=2, layers=1))
    vectors.users.data = torch.tensor([[1.0, 0], [2, 0], [6, 0], [4, 0], [0, 0]])
    vectors.items.data = torch.tensor([[0.0, 3], [0, 5], [0, 7], [0, 0]])
    tables = {name: table.detach().numpy()[:, 2:4] for name, table in vectors().items()}
    root = 2**0.5  # an edge weighs one over the roots of both its ends' degrees
    for role, whose, expected in (
        ("initiator", ANN, [0, 3 / root + 5 / root]),  # milk and book
        ("initiator", CAI, [0, 7]),  # failed with wipes
        ("initiator", BEA, [0, 0]),  # only ever joined
        ("participant", BEA, [0, 3 / 2 + 5 / root]),
        ("participant", ANN, [0, 0]),
        ("launched", MILK, [1 / root, 0]),  # ann
        ("joined", MILK, [2 / 2 + 6 / root, 0]),  # bea and cai
    ):
        assert tables[role][whose].tolist() == pytest.approx(expected), (role, whose)


def with_other_validation(holdout: Holdout) -> Logs:
    """Validation groups of other initiators, items and participants."""
    known, chosen = holdout.known, holdout.split.validation
    initiator, item = known.group_initiator.copy(), known.group_item.copy()
    joiner = known.join_participant.copy()
    initiator[chosen] = (initiator[chosen] + 7) % len(known.users)
    item[chosen] = (item[chosen] + 11) % len(known.items)
    joins = np.isin(known.join_group, chosen)
    joiner[joins] = (joiner[joins] + 20) % len(known.users)
    return replace(known, group_initiator=initiator, group_item=item, join_participant=joiner)


@pytest.mark.parametrize("name", NAMES)
def test_validation_groups_change_no_score(name: str, holdout: Holdout) -> None:
    other = replace(holdout, known=with_other_validation(holdout))
    # Once through the groups with one evaluation, so that validation groups choose no weights either.
    first, second = (learned(name, one, early=0) for one in (holdout, other))
    for lists in holdout.lists.values():
        assert (first.score(lists) == second.score(lists)).all()


@pytest.fixture(scope="module", params=NAMES)
def peer(request: pytest.FixtureRequest, holdout: Holdout) -> NetworkPeer[Any, Any]:
    """Each peer, after half of its passes in large steps."""
    return learned(request.param, holdout, effort=0.5, rate=0.1, popularity="bias")


def test_the_cold_start_vectors_are_zero_and_stay_so(peer: NetworkPeer[Any, Any]) -> None:
    for training in peer.trained.values():
        for table_name, table in training.fitted.tables.items():
            assert not table[-1].any()
            assert table[:-1].any() or table_name.endswith("/popularity")


@pytest.mark.parametrize("name", NAMES)
def test_peers_learn_what_each_crowd_likes(name: str, holdout: Holdout) -> None:
    """In this shop users launch and join what their crowd likes; crowds are the odd and the even."""
    system = learned(name, holdout, effort=1.0)
    users, items = np.arange(60), np.arange(40)
    lists = CandidateLists("items", users, None, np.tile(items, (60, 1)), users)
    scores = system.score(lists)
    same = users[:, None] % 2 == items % 2
    assert scores[same].mean() > scores[~same].mean()
    nobody = np.zeros(60, np.int64)
    lists = CandidateLists("participants", users, nobody, np.tile(users, (60, 1)), users)
    scores = system.score(lists)
    same = users[:, None] % 2 == users % 2
    assert scores[same].mean() > scores[~same].mean()


def test_settings_tell_what_was_chosen_and_progress_ends_at_one(holdout: Holdout) -> None:
    stages: list[TrainingProgress] = []
    system = learned("lightgcn", holdout, effort=0.2, watch=stages.append, rate=0.01)
    found = system.settings()
    assert json.loads(json.dumps(found)) == found
    assert found["search"] == "searched"
    for task in ("items", "participants"):
        assert found[f"{task}/chosen"]["rate"] == 0.01
        assert 0 < found[f"{task}/best_epoch"] <= 2
        assert 0 < found[f"{task}/quality"] < 1
    fractions = [stage.fraction for stage in stages]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


def test_a_peer_is_evaluated_often_in_its_first_pass(peer: NetworkPeer[Any, Any]) -> None:
    """The best figures came after 16 steps, at the first evaluation of all."""
    for training in peer.trained.values():
        epochs = [evaluation["epoch"] for evaluation in training.fitted.history]
        assert sum(epoch < 1 for epoch in epochs) >= 3
        assert training.best_epoch in epochs


def test_a_peer_keeps_the_weights_of_its_best_evaluation(peer: NetworkPeer[Any, Any]) -> None:
    for scope, training in peer.trained.items():
        lists = {task: peer.lists[task] for task in scope}
        scores = [mean_mrr_ndcg(peer.score(drawn)) for drawn in lists.values()]
        best = max(evaluation["quality"] for evaluation in training.fitted.history)
        assert training.quality == best == pytest.approx(np.mean(scores))


def test_an_epoch_takes_every_group_once_with_fresh_negatives(holdout: Holdout) -> None:
    logs, split = holdout.known, holdout.split
    data = TrainingData(logs, split, Graphs.from_logs(logs), 0, torch.device("cpu"))
    batches = GroupBatches(data, tuple(Task), negatives=2, groups_a_step=16384, failures=True)
    epochs = [list(batches.epoch(number)) for number in (0, 0, 1)]
    assert [len(epoch) for epoch in epochs] == [batches.steps()] * 3
    pairs = [torch.cat([batch.launches.items for batch in epoch]) for epoch in epochs]
    assert torch.equal(pairs[0], pairs[1])
    assert not torch.equal(pairs[0], pairs[2])
    whose = torch.cat([batch.launches.initiator for batch in epochs[0]])
    training = holdout.split.training
    launched = set(zip(whose.tolist(), pairs[0][:, 0].tolist(), strict=True))
    assert len(whose) == len(training)
    assert launched == set(
        zip(logs.group_initiator[training], logs.group_item[training], strict=True)
    )
    wrong = set(
        zip(whose.repeat_interleave(2).tolist(), pairs[0][:, 1:].flatten().tolist(), strict=True)
    )
    assert not wrong & launched
    joins = sum(len(batch.joins.item) for batch in epochs[0])
    assert joins == np.isin(logs.join_group, training).sum()
    failed = sum(len(batch.failures.items) for batch in epochs[0])
    assert failed == (logs.group_status == 1).sum()
