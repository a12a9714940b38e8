"""What the peers do beyond the contract: known answers, and that they learn."""

import warnings

import numpy as np
import pytest
import torch
from small_shops import ANN, BEA, BOOK, CAI, MILK, QUICK, WIPES, five_groups, quick, random_shop

from db.logs import Task
from engine.evidence.graphs import Graphs
from train.benchmark.protocols import Holdout, hold_out
from train.benchmark.systems.als import Factors, confidence, factorise
from train.benchmark.systems.eatnn import EatnnSetting, TransferNetwork, UserBatches
from train.benchmark.systems.j2prec import J2PRecSetting, JointNetwork
from train.benchmark.systems.mgbr import mix_rows
from train.benchmark.systems.popularity_term import PopularityTerm, with_popularity
from train.benchmark.systems.registry import Options, make
from train.benchmark.systems.searched import Tuning
from train.benchmark.systems.system import mean_mrr_ndcg, share_of
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.examples import Examples

pytestmark = pytest.mark.slow  # trains for real

CHANCE = (0.0519 + 0.2095) / 2  # MRR and NDCG at 1:99


@pytest.fixture(scope="module")
def holdout() -> Holdout:
    return hold_out(random_shop(groups=1500), "sampled", quick("question=any"), 0)


@pytest.mark.parametrize("name", ["als", "lambdamart", "eatnn", "j2prec", "mgbr", "mlp"])
def test_peers_learn_who_likes_what_and_who_joins(holdout: Holdout, name: str) -> None:
    fast = {"rate": 2e-2, "weight_decay": 0.0, "bpr_on": "logit"}  # for so few steps
    tunings = {"mgbr": Tuning({"items+participants": fast}, "searched")}
    effort = 1.0 if name in ("eatnn", "mgbr") else 0.5  # these learn slowly
    system = make(name, Options(QUICK, "cpu", effort=effort, tunings=tunings))
    system.fit(holdout.known, holdout.split, 0)
    for lists in holdout.lists.values():
        assert mean_mrr_ndcg(system.score(lists)) > 1.15 * CHANCE


def test_a_share_of_a_count_is_at_least_one() -> None:
    assert [share_of(20, effort) for effort in (1.0, 0.5, 0.01)] == [20, 10, 1]


def test_confidence_adds_up_weighted_counts() -> None:
    met = confidence(Graphs.from_logs(five_groups()), (1.0, 0.5, 0.25)).toarray()
    assert met[ANN, [MILK, BOOK, WIPES]].tolist() == [2, 1, 0]
    assert met[BEA, [MILK, BOOK, WIPES]].tolist() == [0.5, 0.25, 0]
    assert met[CAI, [MILK, BOOK, WIPES]].tolist() == [0.25, 0, 0.5]


def test_factors_multiply_and_a_tie_adds_the_initiator() -> None:
    users = np.array([[1, 0], [0, 2], [3, 1]], np.float32)
    items = np.array([[1, 1], [0, 4]], np.float32)
    factors = Factors(users, items, tie=0.5, popular=np.array([0, 0.5, 0], np.float32))
    one = np.array([0])
    launch = CandidateLists("items", np.array([1]), None, np.array([[0, 1]]), one)
    join = CandidateLists("participants", np.array([1]), np.array([0]), np.array([[0, 2]]), one)
    assert factors.score(launch).tolist() == [[2, 8 + 0.5]]
    assert factors.score(join).tolist() == [[1, 3 + 1 + 0.5 * 2]]


def test_factors_of_the_cold_start_are_zero_and_nothing_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    met = confidence(Graphs.from_logs(random_shop()), (1.0, 0.5, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        setting = {"factors": 4, "regularization": 0.1, "alpha": 1.0}
        users, items = factorise(met, setting, 3, 0)
    assert not users[-1].any()
    assert not items[-1].any()
    assert capfd.readouterr() == ("", "")


def test_published_mixing_gives_a_row_the_experts_of_its_neighbours() -> None:
    # expert a says 0 to 3 of four rows, expert b 10 to 13
    outputs = torch.tensor([[0.0, 1, 2, 3], [10, 11, 12, 13]]).view(2, 1, 2, 2)
    mixed = mix_rows(outputs).view(2, 4)
    assert mixed.T.tolist() == [[0, 1], [2, 3], [10, 11], [12, 13]]
    alone = torch.arange(4.0).view(1, 1, 2, 2)  # one expert has no other to be mixed with
    assert torch.equal(mix_rows(alone), alone)


@pytest.mark.parametrize("popularity", ["none", "bias", "degree"])
def test_eatnn_counts_every_pair_that_is_not_there(popularity: str) -> None:
    torch.manual_seed(0)
    graphs = Graphs.from_logs(five_groups())
    setting = EatnnSetting(dim=4, absent=0.3, social=0.5, popularity=popularity)
    network = TransferNetwork(graphs, setting).double().eval()
    for weight in network.popularity.parameters():
        torch.nn.init.normal_(weight)
    users = UserBatches(graphs.history, graphs.circle, 0)
    (batch,) = users.epoch(0)
    assert sorted(batch.users.tolist()) == sorted(users.known.tolist())
    terms = network.losses(batch)
    tables, who = network(), batch.users
    for name, side, mine, weight in (
        ("items", "item", tables["likes"], 1.0),
        ("people", "person", tables["knows"], 0.5),
    ):
        links = graphs.history if name == "items" else graphs.circle
        there = torch.from_numpy(links[who.numpy()].toarray()) > 0
        sure = mine[who] @ network.others[side].T
        task = "items" if name == "items" else "participants"
        if popularity != "none":
            sure = sure + tables[f"{task}/popularity"]
        wrong = torch.where(there, (sure - 1) ** 2, 0.3 * sure**2).sum() - there.sum()
        assert terms[name].item() == pytest.approx(weight * wrong.item() / len(who))


def test_j2prec_weighs_its_second_task() -> None:
    graphs = Graphs.from_logs(five_groups())
    arrays = {
        "initiator": np.array([ANN]),
        "items": np.array([[MILK, WIPES]]),
        "participants": np.array([[BEA, CAI]]),
        "known": np.ones((1, 2), bool),
    }
    batch = Examples(**dict.fromkeys(Examples.__dataclass_fields__, np.empty((1, 0))) | arrays)
    terms = []
    for weight in (1.0, 0.5):
        torch.manual_seed(0)
        setting = J2PRecSetting(dim=4, task_weight=weight)
        terms.append(JointNetwork(graphs, setting).losses(batch))
    assert terms[0]["items"] == terms[1]["items"]
    assert terms[1]["participants"] == 0.5 * terms[0]["participants"]


@pytest.mark.parametrize("kind", ["bias", "degree"])
def test_a_popularity_term_is_the_same_for_everybody(kind: str) -> None:
    graphs = Graphs.from_logs(five_groups())
    term = PopularityTerm(graphs, kind)
    for weight in term.parameters():
        torch.nn.init.normal_(weight)
    candidates = torch.tensor([[MILK, BOOK, WIPES], [WIPES, MILK, BOOK]])
    added = with_popularity(torch.zeros(2, 3), term(), Task.ITEMS, candidates)
    assert added[0].tolist() == [added[1, 1], added[1, 2], added[1, 0]]
    assert len(set(added[0].tolist())) == 3
    if kind == "degree":  # milk: two launches, no failure, three joins
        counts = torch.tensor([2.0, 0.0, 3.0]).log1p()
        weight = term.get_parameter("items_weight")
        assert added[0, 0].item() == pytest.approx((counts @ weight).item())


def test_without_a_popularity_term_scores_stay_as_they_are() -> None:
    term = PopularityTerm(Graphs.from_logs(five_groups()), "none")
    scores = torch.ones(1, 2)
    assert with_popularity(scores, term(), Task.ITEMS, torch.tensor([[MILK, BOOK]])) is scores
    assert not list(term.parameters())
