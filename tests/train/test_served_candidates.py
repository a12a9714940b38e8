"""Chances are calibrated among the candidates that a list had on the day of the launch."""

import numpy as np
import pandas as pd
import pytest
from small_shops import quick
from test_time_split import timed_shop

from db.logs import Logs, Task
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import split_groups
from train.export.calibration import calibrate
from train.export.calibration_sample import draw_calibration_sample
from train.export.served_candidates import on_sale_at, present_at

EARLY, LATER = "2025-01-10", "2025-03-01"
ASKED = np.datetime64("2025-02-01T12:00:00", "s")


def shop(items: pd.DataFrame | None = None) -> Logs:
    """Ann launches milk in January with Bea, and wipes in March with Cai; nobody launches soap."""
    return Logs.from_frames(
        pd.DataFrame(
            {
                "initiator": ["ann", "ann"],
                "item": ["milk", "wipes"],
                "launched_at": [EARLY, LATER],
                "filled_at": [EARLY, LATER],
            },
            index=["g1", "g2"],
        ),
        pd.DataFrame({"group": ["g1", "g2"], "participant": ["bea", "cai"]}),
        users=pd.DataFrame({"name": None}, index=["ann", "bea", "cai", "dan"]),
        items=items if items is not None else pd.DataFrame({"name": None}, index=ITEMS),
    )


ITEMS = ["milk", "wipes", "soap", "book"]


def asked(task: Task, answer: int, others: list[int], at: np.datetime64 = ASKED) -> CandidateLists:
    one, item = np.zeros(1, np.int64), None if task is Task.ITEMS else np.zeros(1, np.int64)
    return CandidateLists(task, one, item, np.array([[answer, *others]]), one, np.array([at]))


def test_what_nobody_had_launched_yet_was_not_there() -> None:
    logs = shop()
    assert present_at(logs, asked(Task.ITEMS, 0, [1, 2, 3])).tolist() == [[True, False, True, True]]
    later = asked(Task.ITEMS, 0, [1, 2, 3], np.datetime64("2025-03-02", "s"))
    assert present_at(logs, later).all()


def test_whoever_had_done_nothing_yet_was_not_there() -> None:
    people = asked(Task.PARTICIPANTS, 1, [2, 3])
    assert present_at(shop(), people).tolist() == [[True, False, True]]


def test_the_answer_was_there_even_if_its_launch_is_its_first() -> None:
    assert present_at(shop(), asked(Task.ITEMS, 1, [0])).all()


def test_an_item_came_with_its_sale_where_that_was_before_its_first_launch() -> None:
    dates = pd.to_datetime([None, "2025-01-20", "2025-02-20", None])
    items = pd.DataFrame({"on_sale_from": dates, "on_sale_until": pd.NaT}, index=ITEMS)
    drawn = asked(Task.ITEMS, 0, [1, 2, 3])
    assert present_at(shop(items), drawn).tolist() == [[True, True, False, True]]


def test_what_nobody_had_launched_for_over_15_months_could_not_be_had() -> None:
    after = np.datetime64(EARLY, "s") + np.timedelta64(65, "W")
    drawn = asked(Task.ITEMS, 1, [0, 2, 3], after)
    assert on_sale_at(shop(), drawn).all()
    later = asked(Task.ITEMS, 1, [0, 2, 3], after + np.timedelta64(1, "s"))
    assert on_sale_at(shop(), later).tolist() == [[True, False, True, True]]
    said = pd.DataFrame({"status": ["on", None, None, None]}, index=ITEMS)
    assert on_sale_at(shop(said), later).all()


def test_what_was_not_on_sale_could_not_be_had() -> None:
    items = pd.DataFrame(
        {
            "on_sale_from": pd.to_datetime([None, "2025-02-10", "2024-01-01", "2025-01-01"]),
            "on_sale_until": pd.to_datetime(["2025-01-15", None, "2025-01-31", "2025-03-01"]),
        },
        index=ITEMS,
    )
    logs = shop(items)
    assert on_sale_at(logs, asked(Task.ITEMS, 3, [0, 1, 2])).tolist() == [
        [True, False, False, False]
    ]
    assert on_sale_at(logs, asked(Task.ITEMS, 0, [3])).all()  # the answer in any case
    assert on_sale_at(logs, asked(Task.PARTICIPANTS, 1, [2, 3])).all()
    assert on_sale_at(shop(), asked(Task.ITEMS, 3, [0, 1, 2])).all()  # no dates


@pytest.mark.parametrize("task", list(Task))
def test_a_sample_gives_no_weight_to_whom_or_what_came_later(task: Task) -> None:
    logs = timed_shop(users=300, items=200, groups=500)
    split = split_groups(logs, quick(), 0)
    timed = split_groups(logs, quick("timed_evidence=on"), 0)
    graphs = Graphs.from_logs(logs, split.visible_groups(logs))
    sample = draw_calibration_sample(logs, timed, graphs, task, 100, 0)
    there = present_at(logs, sample.lists)
    assert not there.all()
    assert (sample.weight[~there] == 0).all()
    assert (sample.weight[:, 0] == 1).all()
    # A sample that knows no moments has everybody and everything.
    whole = draw_calibration_sample(logs, split, graphs, task, 100, 0)
    assert whole.weight.sum() > sample.weight.sum()


def test_what_could_not_be_had_has_no_part_of_the_probability() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1, (3000, 60))
    had = rng.random(scores.shape) < 0.5  # the score knows nothing of it
    chance = np.exp(scores) * had
    chance /= chance.sum(1, keepdims=True)
    answer = (chance.cumsum(1) > rng.random((len(scores), 1))).argmax(1)
    rows = np.arange(len(scores))
    for table in (scores, had):
        table[rows, 0], table[rows, answer] = table[rows, answer].copy(), table[rows, 0].copy()
    weight = np.ones(scores.shape)
    knowing = calibrate(scores, weight, np.random.default_rng(0), had, had)
    assert knowing.reliability_error < 1.5 * knowing.noise_limit
    highest = max((one for one in knowing.bins), key=lambda one: one.promised)
    assert highest.observed == pytest.approx(highest.promised, rel=0.25)
