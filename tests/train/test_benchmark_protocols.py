"""What holds in every protocol: a constant scorer gets exactly chance, and all systems get the same queries."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_shops import quick, random_shop

from db.logs import Logs, Task
from engine.benchmark.records import Part
from train.benchmark.measure import Measurement, measure_system
from train.benchmark.protocols import PROTOCOLS, Asking, Holdout, hold_out
from train.benchmark.systems.registry import Options
from train.benchmark.systems.system import System
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split

SHOP = random_shop(users=200, groups=400)
CHANCE = {"mrr@10": 0.2929, "ndcg@10": 0.4544, "mrr@100": 0.0519, "ndcg@100": 0.2094}


class Constant(System):
    """Gives every candidate the same score and remembers the queries."""

    name, adaptation, updatable = "constant", "", True

    def __init__(self) -> None:
        self.queries: list[bytes] = []

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

    def _remember(self, *arrays: Any) -> None:
        self.queries += [b"" if value is None else value.tobytes() for value in arrays]


def measure(holdout: Holdout, monkeypatch: pytest.MonkeyPatch) -> tuple[Constant, Measurement]:
    """The constant scorer and what it scores."""
    system = Constant()
    monkeypatch.setattr("train.benchmark.measure.make", lambda name, options: system)
    (measurement,) = measure_system("constant", {Asking("any"): holdout}, 0, Options(), "none")
    return system, measurement


@pytest.fixture(scope="module", params=PROTOCOLS)
def holdout(request: pytest.FixtureRequest) -> Holdout:
    return hold_out(SHOP, request.param, quick(), 0)


def test_a_constant_scorer_gets_exactly_what_chance_gives(
    holdout: Holdout, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, measurement = measure(holdout, monkeypatch)
    estimates = measurement.estimates[Part.ALL]
    assert {metric.task for metric in estimates} == set(Task)
    for metric, estimate in estimates.items():
        if not holdout.queries:
            assert estimate.value == pytest.approx(CHANCE[metric.at], abs=6e-5)
            assert estimate.low == pytest.approx(estimate.high)
        elif metric.at == "mrr":
            queries = holdout.queries[metric.task]
            taken = ((queries.excluded + queries.relevant) > 0).getnnz(1)
            size = queries.candidates - taken + 1
            chance = np.array([(1 / np.arange(1, open_ + 1)).mean() for open_ in size])
            answers = np.diff(queries.relevant.indptr)
            assert estimate.value == pytest.approx(np.average(chance, weights=answers))


def test_all_systems_get_the_same_queries(
    holdout: Holdout, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one, first), (other, second) = (measure(holdout, monkeypatch) for _ in range(2))
    assert one is not other
    assert one.queries == other.queries
    assert len(one.queries) >= 6
    assert first.estimates == second.estimates


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_same_seed_holds_out_and_draws_the_same(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for seed in (1, 1, 2):
        system, _ = measure(hold_out(SHOP, protocol, quick(), seed), monkeypatch)
        found.append(system.queries)
    assert found[0] == found[1]
    assert found[0] != found[2]
