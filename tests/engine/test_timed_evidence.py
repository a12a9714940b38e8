"""Evidence in time: what was known at the moment of each query and nothing later, the same for one or for everybody."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.evidence.graphs import Graphs
from engine.evidence.timed.columns import TIMED_COLUMNS, TOKENS, family_of
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence, moment_after
from engine.evidence.timed.words import WordSpace

START = np.datetime64("2025-01-01T00:00:00", "s")


def day(number: float) -> np.datetime64:
    return START + np.timedelta64(round(number * 86_400), "s")


def shop_logs(rows: list[tuple[str, str, float, float | None, str]]) -> Logs:
    """Groups as (initiator, item, day of the launch, day of filling or None, participants)."""
    groups = pd.DataFrame(
        {
            "initiator": [row[0] for row in rows],
            "item": [row[1] for row in rows],
            "status": ["successful" if row[4] else "failed" for row in rows],
            "launched_at": [day(row[2]) for row in rows],
            "filled_at": [pd.NaT if row[3] is None else day(row[3]) for row in rows],
        }
    )
    members = [(k, person) for k, row in enumerate(rows) for person in row[4].split()]
    items = pd.DataFrame(
        {
            "name": ["Milk", "Cheese", "Robot", "Kite"],
            "category": ["Food/Fresh", "Food/Fresh", "Toys", None],
            "brand": ["Alm", "Alm", None, None],
            "price": [5.0, 6.0, 90.0, np.nan],
            "group_price": [4.0, 4.2, np.nan, np.nan],
        },
        index=["milk", "cheese", "robot", "kite"],
    )
    return Logs.from_frames(
        groups,
        pd.DataFrame(members, columns=["group", "participant"]),
        items=items,
        users=pd.DataFrame({"city": ["Rome", "Rome", "Oslo", None]}, ["ann", "bea", "cai", "dan"]),
    )


ROWS = [
    ("ann", "milk", 0, 2, "bea cai"),
    ("ann", "milk", 30, 31, "bea"),
    ("bea", "robot", 31, None, ""),
    ("bea", "milk", 32, 40, "ann"),
    ("cai", "cheese", 50, 51, "ann bea"),
    ("ann", "cheese", 60, 61, "cai"),
]


def evidence_of(logs: Logs, space: WordSpace | None = None) -> TimedEvidence:
    graphs = Graphs.from_logs(logs)
    nothing = np.zeros((len(logs.items) + 1, 1), np.float32)
    return TimedEvidence(ShopEvents(logs, space), moment_after(logs.last_event), graphs, nothing)


def values(
    logs: Logs, initiator: str, item: str, at: float, participant: str | None = None
) -> dict[str, float]:
    """The columns of one candidate by name."""
    evidence, moment = evidence_of(logs), np.array([day(at)])
    u = np.array([logs.users.index.get_loc(initiator)])
    i = np.array([logs.items.index.get_loc(item)])
    if participant is None:
        found, task = evidence.items(u, i[:, None], moment), Task.ITEMS
    else:
        p = np.array([[logs.users.index.get_loc(participant)]])
        found, task = evidence.participants(u, i, p, moment), Task.PARTICIPANTS
    return dict(zip(TIMED_COLUMNS[task], found[0, 0].tolist(), strict=True))


def test_own_launches_are_counted_decayed_and_aged() -> None:
    found = values(shop_logs(ROWS), "ann", "milk", 60)
    assert found["own_launches_count"] == pytest.approx(np.log1p(2))
    assert found["own_launches_30d"] == pytest.approx(np.log(0.25 + 0.5 + 1e-3), abs=1e-5)
    assert found["own_launches_since_last"] == pytest.approx(np.log1p(30))
    assert found["own_launches_since_first"] == pytest.approx(np.log1p(60))
    assert found["own_launch_share_count"] == pytest.approx(2 / 3)


def test_first_launches_are_those_of_people_who_had_never_launched_the_item() -> None:
    found = values(shop_logs(ROWS), "ann", "milk", 60)
    assert found["item_first_launches_count"] == pytest.approx(np.log1p(2))  # ann once, bea once
    expected = 2 ** (-60 / 30) + 2 ** (-28 / 30) + 1e-3
    assert found["item_first_launches_30d"] == pytest.approx(np.log(expected), abs=1e-5)


def test_an_open_group_is_a_launch_and_no_success_yet() -> None:
    found = values(shop_logs(ROWS), "bea", "milk", 35)
    assert found["own_launches_since_last"] == pytest.approx(np.log1p(3))
    assert found["own_successes_since_last"] == 9  # never
    assert values(shop_logs(ROWS), "bea", "milk", 41)["own_successes_since_last"] < 1


def test_a_category_a_brand_and_a_price_say_something_of_an_item_that_nobody_has_launched() -> None:
    found = values(shop_logs(ROWS), "ann", "cheese", 45)
    assert found["item_launches_count"] == 0
    assert found["own_category_launches_count"] == pytest.approx(np.log1p(2))
    assert found["own_subcategory_launches_count"] == pytest.approx(np.log1p(2))
    assert found["own_brand_launches_since_last"] == pytest.approx(np.log1p(15))
    assert found["price_gap"] == pytest.approx(np.log(4.2 / 4.0), abs=1e-5)
    unknown = values(shop_logs(ROWS), "ann", "kite", 45)
    assert unknown["own_category_launches_count"] == 0
    assert unknown["price_gap"] == 0


def test_a_price_is_compared_with_what_is_launched_in_its_category() -> None:
    rows = [
        ("ann", "milk", 0, 1, "bea"),
        ("ann", "robot", 90, 91, "bea"),
        ("bea", "robot", 99, 99, "cai"),
    ]
    found = values(shop_logs(rows), "ann", "cheese", 180)
    weight = 2.0**-1  # of the milk beside the robot, 90 days later
    usual = (weight * np.log(4) + np.log(90)) / (weight + 1)
    assert found["price_above"] == pytest.approx(np.log(4.2) - usual, abs=1e-5)
    assert found["price_gap"] == pytest.approx(usual - np.log(4.2), abs=1e-5)
    assert found["category_price_above"] == pytest.approx(np.log(4.2 / 4), abs=1e-5)
    below = values(shop_logs(rows), "bea", "cheese", 180)
    assert below["category_price_gap"] == 0  # bea has launched nothing there
    assert found["discount"] == pytest.approx(1 - 4.2 / 6.0, abs=1e-5)
    assert found["discount_above"] == pytest.approx(0.3 - 0.2, abs=1e-5)


def test_a_brand_has_a_share_in_its_category() -> None:
    found = values(shop_logs(ROWS), "ann", "cheese", 65)
    assert found["category_brand_share"] == pytest.approx(1, abs=0.05)
    own = 2 ** (-65 / 365) + 2 ** (-35 / 365) + 2 ** (-5 / 365)
    assert found["own_category_brand_share"] == pytest.approx(own / (own + 0.1), rel=1e-5)
    every = own + 2 ** (-33 / 365) + 2 ** (-15 / 365)
    assert found["brand_launches_365d"] == pytest.approx(np.log(every + 1e-3), abs=1e-5)


def test_what_follows_the_last_launch_is_counted() -> None:
    rows = [
        ("dan", "milk", 1, 1, "bea"),
        ("dan", "robot", 2, 2, "bea"),
        ("ann", "milk", 9, 9, "bea"),
    ]
    found = values(shop_logs(rows), "ann", "robot", 10)
    expected = 2 ** (-8 / 365) / (2 ** (-9 / 365) + 2 ** (-1 / 365) + 0.1)
    assert found["followed_last"] == pytest.approx(expected, rel=1e-4)


def test_ties_between_initiator_and_participant_are_counted() -> None:
    found = values(shop_logs(ROWS), "ann", "milk", 60, "bea")
    assert found["joined_initiator_count"] == pytest.approx(np.log1p(2))
    assert found["joined_initiator_since_last"] == pytest.approx(np.log1p(29))
    assert found["joined_item_count"] == pytest.approx(np.log1p(2))
    assert found["initiator_joined_since_last"] == pytest.approx(np.log1p(20))
    assert found["launched_item_count"] == pytest.approx(np.log1p(1))


def test_launches_and_joins_are_counted_by_city() -> None:
    found = values(shop_logs(ROWS), "ann", "milk", 45)
    launched = sum(2 ** (-age / 30) for age in (45, 15, 13))
    assert found["city_launches_30d"] == pytest.approx(np.log(launched + 1e-3), abs=1e-5)
    assert values(shop_logs(ROWS), "cai", "milk", 45)["city_launch_share"] == 0
    whole = sum(2 ** (-age / 365) for age in (45, 15, 13))
    assert found["city_category_share"] == pytest.approx(whole / (whole + 0.1), rel=1e-5)
    bea, cai = (values(shop_logs(ROWS), "ann", "milk", 45, person) for person in ("bea", "cai"))
    joined = sum(2 ** (-age / 30) for age in (43, 14, 5))
    assert bea["city_joins_30d"] == pytest.approx(np.log(joined + 1e-3), abs=1e-5)
    assert (bea["same_city"], cai["same_city"]) == (1, 0)
    unknown = values(shop_logs(ROWS), "dan", "milk", 45, "dan")
    assert unknown["same_city"] == 0  # nobody's city is unknown together


def test_the_people_whom_an_initiator_met_last_count_by_how_lately() -> None:
    found = values(shop_logs(ROWS), "ann", "robot", 45)
    bea = sum(2 ** (-age / 90) for age in (43, 14, 5))
    weight = bea / (bea + 2 ** (-43 / 90))  # beside cai
    expected = np.log(weight * 2 ** (-14 / 30) + 1e-3)
    assert found["circle_launches_30d"] == pytest.approx(expected, abs=1e-4)
    nobody = values(shop_logs(ROWS), "dan", "robot", 45)
    assert nobody["circle_launches_30d"] == pytest.approx(np.log(1e-3), abs=1e-5)


def test_a_candidate_has_a_share_in_the_meetings_of_those_whom_the_initiator_met() -> None:
    found = values(shop_logs(ROWS), "ann", "milk", 60, "cai")
    bea = sum(2 ** (-age / 90) for age in (58, 29, 20))
    cai = sum(2 ** (-age / 90) for age in (58, 9))
    share = 2 ** (-9 / 90) / (bea + 2 ** (-9 / 90) + 0.1)  # of cai in bea's meetings
    assert found["tie_of_ties"] == pytest.approx(bea / (bea + cai) * share, rel=1e-4)


@pytest.mark.parametrize("task", Task)
def test_everybody_has_the_evidence_that_they_have_alone(task: Task) -> None:
    logs = shop_logs(ROWS)
    evidence = evidence_of(logs)
    users, items = len(logs.users) + 1, len(logs.items) + 1
    u, i = np.array([0, 1, 2, 1]), np.array([0, 1, 2, 3])
    at = np.array([day(number) for number in (1, 31.5, 45, 70)])
    if task is Task.ITEMS:
        alone = evidence.items(u, np.tile(np.arange(items), (4, 1)), at)
        everybody = evidence.items(u, None, at)
    else:
        alone = evidence.participants(u, i, np.tile(np.arange(users), (4, 1)), at)
        everybody = evidence.participants(u, i, None, at)
    np.testing.assert_array_equal(alone, everybody)
    assert np.isfinite(everybody).all()
    assert everybody.shape[2] == len(TIMED_COLUMNS[task])


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("number", [0.0, 2.0, 30.0, 40.0, 50.5])
def test_what_happens_at_a_moment_or_later_changes_nothing(task: Task, number: float) -> None:
    whole = shop_logs(ROWS)
    known = whole.known_before(day(number))
    u, i = np.arange(len(whole.users)), np.zeros(len(whole.users), np.int64)
    at = np.full(len(u), day(number))

    space = ShopEvents(whole).words.space  # what a model has learned of names stays

    def asked(logs: Logs) -> NDArray[np.float32]:
        evidence = evidence_of(replace(logs, friendships=whole.friendships), space)
        if task is Task.ITEMS:
            return evidence.items(u, None, at)
        return evidence.participants(u, i, None, at)

    np.testing.assert_array_equal(asked(whole), asked(known))


def test_the_evidence_of_an_item_for_all_initiators_is_that_of_each() -> None:
    evidence = evidence_of(shop_logs(ROWS))
    everybody = np.arange(evidence.events.users + 1)
    alone = evidence.items(everybody, np.full((len(everybody), 1), 1))[:, 0]
    np.testing.assert_array_equal(evidence.initiators(1), alone)


def test_a_season_is_what_the_coming_weeks_had_of_last_years_launches() -> None:
    # Milk sold in the 30 days after day 400 a year before and twice elsewhere in that year; cheese is younger.
    days = (5, 40, 50, 60, 200, 300)
    rows = [("ann", "milk", float(day), float(day), "bea") for day in days]
    logs = shop_logs([*rows, ("bea", "cheese", 390, 391, "ann")])
    even = 30 / 365
    milk = values(logs, "ann", "milk", 400)
    assert milk["item_season"] == pytest.approx((3 + even) / (5 + 1))
    assert values(logs, "ann", "cheese", 400)["item_season"] == pytest.approx(even)
    assert values(logs, "ann", "cheese", 400)["category_season"] == pytest.approx((3 + even) / 7)
    assert values(logs, "ann", "milk", 300)["item_season"] == pytest.approx(even)
    assert values(logs, "ann", "kite", 400)["category_season"] == pytest.approx(even)


def test_a_model_of_before_a_column_was_invented_gets_the_columns_that_it_knows() -> None:
    evidence = evidence_of(shop_logs(ROWS))
    fewer = tuple(name for name in TIMED_COLUMNS[Task.ITEMS] if not name.endswith("season"))
    older = replace(evidence, columns={**TIMED_COLUMNS, Task.ITEMS: fewer})
    u = np.arange(evidence.events.users)
    kept = [TIMED_COLUMNS[Task.ITEMS].index(name) for name in fewer]
    np.testing.assert_array_equal(older.items(u, None), evidence.items(u, None)[..., kept])


def test_every_column_belongs_to_one_token() -> None:
    for task, tokens in TOKENS.items():
        names = [name for columns in tokens.values() for name in columns]
        assert len(set(names)) == len(names) == len(TIMED_COLUMNS[task])
    assert family_of("own_launches_30d") == family_of("own_launches_since_first") == "own_launches"
    assert family_of("price_gap") == "price_gap"
