"""A campaign keeps its limits and tells what it comes to."""

from collections import Counter

import pytest

from app.groups.campaign import (
    CampaignLimits,
    LaunchPair,
    assign_initiators,
    campaign_table,
    divide_invitations,
    ranking_depth,
    summarize,
)
from app.recommending.filling import fill_probability
from engine.results import Ranked, Reason


def ranked(id, probability, reasons=()):
    return Ranked(1, id, f"name of {id}", 0.0, probability, list(reasons), newcomer=False)


def pair(initiator, item):
    return LaunchPair(initiator, f"name of {initiator}", item, f"name of {item}", ranked(item, 0.3))


PEOPLE = [ranked("p1", 0.5), ranked("p2", 0.4), ranked("p3", 0.2), ranked("u1", 0.1)]
PAIRS = [pair("u1", "i1"), pair("u2", "i2")]


def test_each_launch_tells_how_likely_it_fills_with_those_whom_it_got():
    planned = divide_invitations(
        PAIRS, [PEOPLE, PEOPLE], {"i1": 1, "i2": 2}, CampaignLimits(each=2, limit=2)
    )
    assert [[p.id for p in launch.invited] for launch in planned] == [["p1", "p2"], ["p1", "p2"]]
    assert [launch.size for launch in planned] == [2, 3]
    assert [launch.chance for launch in planned] == pytest.approx(
        [fill_probability([0.5, 0.4], 1), fill_probability([0.5, 0.4], 2)]
    )


def test_nobody_is_invited_more_often_than_wished_nor_to_her_own_group():
    planned = divide_invitations(PAIRS, [PEOPLE, PEOPLE], {}, CampaignLimits(each=3, limit=1))
    asked = Counter(person.id for launch in planned for person in launch.invited)
    assert asked == Counter(["p1", "p2", "p3", "u1"])
    assert "u1" not in {person.id for person in planned[0].invited}
    assert (
        summarize(planned, CampaignLimits(each=3, limit=1)).short >= 1
    )  # four people for six places


def test_a_chosen_size_goes_before_the_items_minimum_and_without_both_no_chance_is_told():
    minimums = {"i1": 1}
    chosen = divide_invitations(PAIRS, [PEOPLE, PEOPLE], minimums, CampaignLimits(each=2, size=4))
    assert [launch.size for launch in chosen] == [4, 4]
    assert [launch.chance for launch in chosen] == [0.0, 0.0]  # three joins from two invitations
    own = divide_invitations(PAIRS, [PEOPLE, PEOPLE], minimums, CampaignLimits(each=2))
    assert [launch.size for launch in own] == [2, None]
    assert own[1].chance is None


def test_the_outlook_counts_invitations_people_and_what_can_be_expected():
    wished = CampaignLimits(each=2, limit=2)
    seen = summarize(
        divide_invitations(PAIRS, [PEOPLE, PEOPLE], {"i1": 1, "i2": 1}, wished), wished
    )
    assert (seen.invitations, seen.people, seen.most, seen.short) == (4, 2, 2, 0)
    assert seen.joins == pytest.approx(1.8)
    assert seen.filled == pytest.approx(2 * fill_probability([0.5, 0.4], 1))
    assert summarize([], wished).filled is None


def test_an_initiator_whom_two_items_want_launches_one_and_the_other_takes_the_next():
    rankings = {
        "i1": [ranked("u1", 0.30), ranked("u2", 0.29)],
        "i2": [ranked("u1", 0.20), ranked("u3", 0.01)],
    }
    found = assign_initiators(rankings, {"i1": "milk", "i2": "toys"}, 1)
    assert [(p.initiator, p.item_name) for p in found] == [("u2", "milk"), ("u1", "toys")]
    two = assign_initiators(rankings, {"i1": "milk", "i2": "toys"}, 2)
    assert len({p.initiator for p in two}) == len(two) == 3


def test_enough_people_are_ranked_for_the_limit_to_be_kept():
    assert ranking_depth(1, CampaignLimits(each=10)) == 50
    assert ranking_depth(20, CampaignLimits(each=10, limit=2)) == 200
    assert ranking_depth(0, CampaignLimits(each=10)) == 50
    assert (
        ranking_depth(50, CampaignLimits(each=20, limit=1)) == 200
    )  # the page says where it is not enough


def test_the_table_has_a_row_for_each_invitation_and_for_a_launch_that_got_none():
    reason = Reason("friend", {}, "A declared friend of the initiator")
    people = [[ranked("p1", 0.5, [reason])], []]
    table = campaign_table(divide_invitations(PAIRS, people, {"i1": 1}, CampaignLimits()), str)
    assert table["launch"].tolist() == [1, 2]
    assert table["invited"].tolist() == ["p1", ""]
    assert table["reasons"].tolist() == ["A declared friend of the initiator", ""]
    assert table["fills"].tolist() == [0.5, ""]
