"""A shop with a single item has nothing to learn about items, and learns who joins all the same."""

import pandas as pd
import pytest
from small_shops import QUICK

from db.logs import Logs, Task
from engine.recommender import Recommender
from train.api import fit

pytestmark = pytest.mark.slow  # trains for real


@pytest.fixture(scope="module")
def model() -> Recommender:
    initiators = [f"u{k % 12}" for k in range(120)]
    joined = [f"u{(k + 1 + k % 5) % 12}" for k in range(120)]
    groups = pd.DataFrame({"initiator": initiators, "item": "rice"})
    members = pd.DataFrame({"group": range(120), "participant": joined})
    changes = [change for change in QUICK if not change.startswith("question")]
    return fit(Logs.from_frames(groups, members), changes=changes)


def test_the_item_is_recommended_again_and_surely(model: Recommender) -> None:
    (rice,) = model.rank_items("u1").results
    assert (rice.id, rice.probability) == ("rice", pytest.approx(1.0))
    assert model.rank_items("u1", exclude_launched=True).results == []
    assert model.explain("u1", "rice", "u2").tasks[0].rank == 1


def test_participants_are_ranked_and_measured(model: Recommender) -> None:
    ranking = model.rank_participants("u1", "rice", top=50)
    assert len(ranking.results) == 11
    assert sum(person.probability for person in ranking.results) == pytest.approx(1.0)
    assert {name.partition("/")[0] for name in model.manifest.metrics} == {Task.PARTICIPANTS}


def test_the_bundle_is_checked_like_any_other(model: Recommender) -> None:
    tasks = {canary.task for canary in model.manifest.canaries}
    assert tasks == set(Task)
