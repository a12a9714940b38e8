"""Facts as of a moment: how often, on which day last, what is new, and attributes as the shop writes them."""

from dataclasses import replace

import numpy as np
from test_timed_evidence import ROWS, day, evidence_of, shop_logs

from db.logs import Logs
from engine.explain.facts import Fact
from engine.explain.timed_facts import timed_item_facts, timed_participant_facts

SHOP = shop_logs(ROWS)


def of_item(logs: Logs, initiator: str, item: str, at: float) -> dict[str, Fact]:
    u, i = logs.users.index.get_loc(initiator), logs.items.index.get_loc(item)
    facts = timed_item_facts(evidence_of(logs).as_of(day(at)), u, np.array([i]))[0]
    return {fact.kind: fact for fact in facts}


def of_participant(logs: Logs, item: str, participant: str, at: float) -> dict[str, Fact]:
    """What is known of a participant of ann's."""
    u, i, p = (
        frame.index.get_loc(id)
        for frame, id in ((logs.users, "ann"), (logs.items, item), (logs.users, participant))
    )
    facts = timed_participant_facts(evidence_of(logs).as_of(day(at)), u, i, np.array([p]))[0]
    return {fact.kind: fact for fact in facts}


def test_what_an_initiator_did_comes_with_how_often_and_the_day_of_the_last_time() -> None:
    found = of_item(SHOP, "ann", "milk", 62)
    assert found["launched_last"] == Fact(
        "launched_last", {"times": 2}, words={"day": "2025-01-31"}
    )
    assert found["joined_last"] == Fact("joined_last", {"times": 1}, words={"day": "2025-02-10"})
    assert of_item(SHOP, "ann", "milk", 29)["launched_last"].words == {"day": "2025-01-01"}


def test_a_participant_comes_with_when_they_joined_the_initiator_and_the_item_last() -> None:
    found = of_participant(SHOP, "milk", "bea", 62)
    assert found["joined_initiators_last"] == Fact(
        "joined_initiators_last", {"groups": 2}, words={"day": "2025-02-01"}
    )
    assert found["launched_last"].words == {"day": "2025-02-02"}
    assert found["initiator_joined_last"] == Fact(
        "initiator_joined_last", {"groups": 1}, words={"day": "2025-02-10"}
    )


def test_a_launch_at_midnight_keeps_its_day_twenty_years_later() -> None:
    found = of_item(shop_logs([("ann", "milk", 0, 1, "bea")]), "ann", "milk", 7300.4)
    assert found["launched_last"].words == {"day": "2025-01-01"}


def test_where_nobody_noted_the_day_none_is_said() -> None:
    when = SHOP.group_launched_at.copy()
    when[:2] = np.datetime64("NaT")
    found = of_item(replace(SHOP, group_launched_at=when), "ann", "milk", 62)
    assert "launched_last" not in found
    assert found["launched_before"] == Fact("launched_before", {"times": 2})


def test_categories_and_brands_are_shown_as_the_shop_writes_them() -> None:
    items = SHOP.items.assign(category=["Food > Fresh", "Food > Fresh", "Toys", None])
    logs = replace(SHOP, items=items)
    found = of_item(logs, "ann", "cheese", 62)
    assert found["own_category"] == Fact(
        "own_category", {"times": 3}, words={"value": "Food > Fresh"}
    )
    assert found["own_brand"].words == {"value": "Alm"}
    joined = of_participant(logs, "cheese", "bea", 62)["joined_category"]
    assert joined == Fact("joined_category", {"groups": 3}, words={"category": "Food > Fresh"})
    assert "own_category" not in of_item(logs, "ann", "kite", 62)


def test_an_item_is_new_for_two_weeks_after_its_first_launch() -> None:
    assert of_item(SHOP, "ann", "robot", 45)["new_item"].words == {"day": "2025-02-01"}
    assert "new_item" not in of_item(SHOP, "ann", "robot", 46)
    assert of_item(SHOP, "ann", "robot", 46)["launched_lately"].counts == {"times": 1}
    # Nothing of what nobody has launched is known to be new.
    for at in (31, 62):
        assert "not_launched_yet" in of_item(SHOP, "ann", "robot" if at == 31 else "kite", at)


def test_an_item_rises_when_a_week_has_more_than_twice_the_launches_of_the_one_before() -> None:
    rows = [("bea", "robot", number, None, "") for number in (1, 53, 60, 61, 62)]
    found = of_item(shop_logs(rows), "bea", "robot", 63)
    assert found["rising"].counts == {"week": 3, "before": 1}
    assert "rising" not in of_item(shop_logs([*rows, rows[1]]), "bea", "robot", 63)


def test_an_item_is_in_season_if_last_years_weeks_had_far_more_than_their_share() -> None:
    summer = [("ann", "robot", float(day), float(day), "cai") for day in (1, 40, 42, 44, 46, 48)]
    rest = [("ann", "robot", float(day), float(day), "cai") for day in range(80, 330, 50)]
    found = of_item(shop_logs([*summer, *rest]), "bea", "robot", 404)
    assert found["in_season"].counts == {"times": 5}
    assert "in_season" not in of_item(shop_logs([*summer, *rest]), "bea", "robot", 340)
    often = [("ann", "robot", float(day), float(day), "cai") for day in range(1, 400, 3)]
    assert "in_season" not in of_item(shop_logs(often), "bea", "robot", 404)
