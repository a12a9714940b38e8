"""What holds in every protocol: chance gets what chance gives, and all systems are asked the same."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_shops import quick, random_shop

from db.logs import Logs
from train.benchmark.benchmark import assess
from train.benchmark.protocols import PROTOCOLS, Trial, part_trial
from train.benchmark.results import Row
from train.benchmark.systems.system import System
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.splits import Split

SHOP = random_shop(users=200, groups=400)
CHANCE = {"mrr@10": 0.2929, "ndcg@10": 0.4544, "mrr@100": 0.0519, "ndcg@100": 0.2094}


class Constant(System):
    """Gives everybody the same score and remembers what it was asked."""

    name, adaptation, updatable = "constant", "", True

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Learns nothing."""

    def update(self, logs: Logs) -> None:
        """Learns nothing from these either."""

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        self._remember(lists.initiator, lists.item, lists.candidates)
        return np.ones(lists.candidates.shape, np.float32)

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        self._remember(initiator, item, np.array(size))
        return np.ones((len(initiator), size), np.float32)

    def _remember(self, *asked: Any) -> None:
        self.asked += [b"" if value is None else value.tobytes() for value in asked]


def assessed(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> tuple[Constant, list[Row]]:
    """The constant scorer with the rows that it gets."""
    system = Constant()
    monkeypatch.setattr("train.benchmark.benchmark.make", lambda name, options: system)
    ((_, rows, _),) = assess("constant", {"any": trial}, 0, (), "cpu", "none")
    return system, rows


@pytest.fixture(scope="module", params=PROTOCOLS)
def trial(request: pytest.FixtureRequest) -> Trial:
    return part_trial(SHOP, request.param, quick(), 0)


def test_a_constant_scorer_gets_exactly_what_chance_gives(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rows = assessed(trial, monkeypatch)
    assert {row["task"] for row in rows} == {"items", "participants"}
    for row in rows:
        metric, task = row["metric"], row["task"]
        if not trial.queries:
            assert row["value"] == pytest.approx(CHANCE[metric], abs=6e-5)
            assert row["low"] == pytest.approx(row["high"])
        elif metric == "mrr":
            queries = trial.queries[task]
            taken = ((queries.excluded + queries.relevant) > 0).getnnz(1)
            size = queries.candidates - taken + 1
            chance = np.array([(1 / np.arange(1, open_ + 1)).mean() for open_ in size])
            answers = np.diff(queries.relevant.indptr)
            assert row["value"] == pytest.approx(np.average(chance, weights=answers))


def test_all_systems_are_asked_the_same(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    (one, rows), (other, again) = assessed(trial, monkeypatch), assessed(trial, monkeypatch)
    assert one is not other
    assert one.asked == other.asked
    assert len(one.asked) >= 6
    assert [row["value"] for row in rows] == [row["value"] for row in again]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_seed_parts_and_draws_the_same_again(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for seed in (1, 1, 2):
        system, _ = assessed(part_trial(SHOP, protocol, quick(), seed), monkeypatch)
        found.append(system.asked)
    assert found[0] == found[1]
    assert found[0] != found[2]
