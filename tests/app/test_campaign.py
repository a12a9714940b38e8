"""A campaign keeps its limits and is summed up correctly."""

from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.groups.assignment import Launch, assign_invitations
from app.groups.campaign import (
    CampaignLimits,
    LaunchPair,
    assign_initiators,
    campaign_table,
    divide_invitations,
    ranking_depth,
    summarize,
)
from engine.results import Ranked, Reason
from engine.track_record import TrackRecords


def ranked(id, probability, reasons=()):
    return Ranked(1, id, f"name of {id}", 0.0, probability, list(reasons), newcomer=False)


def pair(initiator, item):
    return LaunchPair(initiator, f"name of {initiator}", item, f"name of {item}", ranked(item, 0.3))


PEOPLE = [ranked("p1", 0.5), ranked("p2", 0.4), ranked("p3", 0.2), ranked("u1", 0.1)]
RECORDS = TrackRecords({"i1": (3, 1)})
PAIRS = [pair("u1", "i1"), pair("u2", "i2")]


def test_each_launch_invites_the_likeliest_and_has_its_items_size():
    planned = divide_invitations(
        PAIRS, [PEOPLE, PEOPLE], {"i1": 1}, CampaignLimits(each=2, limit=2)
    )
    assert [[p.id for p in launch.invited] for launch in planned] == [["p1", "p2"], ["p1", "p2"]]
    assert [launch.size for launch in planned] == [2, None]


def test_nobody_is_invited_beyond_the_limit_or_to_their_own_group():
    planned = divide_invitations(PAIRS, [PEOPLE, PEOPLE], {}, CampaignLimits(each=3, limit=1))
    asked = Counter(person.id for launch in planned for person in launch.invited)
    assert asked == Counter(["p1", "p2", "p3", "u1"])
    assert "u1" not in {person.id for person in planned[0].invited}
    short = summarize(planned, CampaignLimits(each=3, limit=1), RECORDS).short
    assert short >= 1  # four people for six places


def test_the_summary_adds_up_track_records_and_no_shares():
    wished = CampaignLimits(each=2, limit=2)
    planned = divide_invitations(PAIRS, [PEOPLE, PEOPLE], {}, wished)
    seen = summarize(planned, wished, RECORDS)
    assert (seen.invitations, seen.people, seen.most, seen.short) == (4, 2, 2, 0)
    base = 3 / 4  # i2 has no closed group
    assert seen.successes == pytest.approx((3 + 4 * base) / 8 + base)
    assert summarize(planned, wished, TrackRecords({"i1": (3, 0)})).successes is None


def test_an_initiator_wanted_by_two_items_launches_one_and_the_other_takes_the_next():
    rankings = {
        "i1": [ranked("u1", 0.30), ranked("u2", 0.29)],
        "i2": [ranked("u1", 0.20), ranked("u3", 0.01)],
    }
    found = assign_initiators(rankings, {"i1": "milk", "i2": "toys"}, 1)
    assert [(p.initiator, p.item_name) for p in found] == [("u2", "milk"), ("u1", "toys")]
    two = assign_initiators(rankings, {"i1": "milk", "i2": "toys"}, 2)
    assert len({p.initiator for p in two}) == len(two) == 3


def test_enough_people_are_ranked_to_keep_the_limit():
    assert ranking_depth(1, CampaignLimits(each=10)) == 50
    assert ranking_depth(20, CampaignLimits(each=10, limit=2)) == 200
    assert ranking_depth(0, CampaignLimits(each=10)) == 50
    assert (
        ranking_depth(50, CampaignLimits(each=20, limit=1)) == 200
    )  # the page says where it is not enough


def test_the_table_has_a_row_per_invitation_and_one_for_a_launch_without_any():
    reason = Reason("friend", {}, "A declared friend of the initiator")
    people = [[ranked("p1", 0.5, [reason])], []]
    planned = divide_invitations(PAIRS, people, {"i1": 1}, CampaignLimits())
    table = campaign_table(planned, RECORDS, str)
    assert table["launch"].tolist() == [1, 2]
    assert table["invited"].tolist() == ["p1", ""]
    assert table["reasons"].tolist() == ["A declared friend of the initiator", ""]
    assert table["track_record"].tolist() == [RECORDS.of("i1").rate, RECORDS.of("i2").rate]
    assert table["spot_share"].tolist() == [0.5, ""]
    assert table["launch_share"].tolist() == [0.3, 0.3]
    assert not {"fills", "joins"} & set(table.columns)
    assert "track_record" not in campaign_table(planned, TrackRecords({"i1": (3, 0)}), str)


# Invitations are assigned for the greatest sum of shares, and nobody is invited too often.


IDS = ["a", "b", "c", "d", "e", "f"]
shares = st.dictionaries(st.sampled_from(IDS), st.integers(0, 100).map(lambda n: n / 100))
launches = st.lists(
    st.builds(Launch, st.sampled_from([*IDS, "x"]), st.sampled_from(["i", "j"]), shares),
    max_size=5,
    unique_by=lambda launch: (launch.initiator, launch.item),
)


def total(launches, invited):
    """The sum of the shares of everybody invited."""
    return sum(
        launch.shares[person]
        for launch, people in zip(launches, invited, strict=True)
        for person in people
    )


def greedy(launches, each, limit):
    """The likeliest pair first, as one would do it by hand."""
    pairs = sorted(
        (-launch.shares[person], k, person)
        for k, launch in enumerate(launches)
        for person in launch.shares
        if person != launch.initiator
    )
    invited, asked = [[] for _ in launches], Counter()
    for _, k, person in pairs:
        if len(invited[k]) < each and asked[person] < limit:
            invited[k].append(person)
            asked[person] += 1
    return invited


@settings(deadline=None)
@given(launches, st.integers(1, 4), st.integers(1, 3))
def test_every_limit_holds_and_nobody_is_invited_twice_or_to_their_own_group(found, each, limit):
    invited = assign_invitations(found, each, limit)
    assert max(Counter(p for people in invited for p in people).values(), default=0) <= limit
    for launch, people in zip(found, invited, strict=True):
        assert len(people) <= each
        assert len(set(people)) == len(people)
        assert launch.initiator not in people
        assert set(people) <= set(launch.shares)


@settings(deadline=None)
@given(launches, st.integers(1, 4), st.integers(1, 3))
def test_the_sum_of_shares_is_at_least_that_of_inviting_the_likeliest_first(found, each, limit):
    by_hand = total(found, greedy(found, each, limit))
    assert total(found, assign_invitations(found, each, limit)) >= by_hand - 1e-4


@settings(deadline=None, max_examples=30)
@given(st.lists(shares, min_size=2, max_size=3), st.integers(1, 2))
def test_no_other_assignment_has_a_greater_sum_of_shares(drawn, each):
    found = [Launch("x", str(k), people) for k, people in enumerate(drawn)]
    ways = [
        [way for n in range(each + 1) for way in combinations(sorted(launch.shares), n)]
        for launch in found
    ]
    best = max(
        total(found, division)
        for division in product(*ways)
        if max(Counter(p for people in division for p in people).values(), default=0) <= 1
    )
    assert total(found, assign_invitations(found, each, 1)) == pytest.approx(best, abs=1e-4)


@settings(deadline=None)
@given(st.data(), launches, st.integers(1, 4), st.integers(1, 3))
def test_the_order_of_the_launches_changes_nothing(data, found, each, limit):
    shuffled = data.draw(st.permutations(found))
    named = {
        (f.initiator, f.item): p
        for f, p in zip(found, assign_invitations(found, each, limit), strict=True)
    }
    again = assign_invitations(shuffled, each, limit)
    assert again == [named[launch.initiator, launch.item] for launch in shuffled]


def test_a_place_goes_to_somebody_unlikely_rather_than_stay_empty():
    assert assign_invitations([Launch("x", "i", {"a": 0.0, "b": 0.0})], 2, 1) == [["a", "b"]]
    rivals = [Launch("x", "i", {"a": 0.5, "b": 0.0}), Launch("y", "i", {"a": 0.4})]
    assert assign_invitations(rivals, 1, 1) == [["a"], []]
    assert assign_invitations([*rivals, Launch("z", "i", {"a": 0.3, "b": 0.0})], 1, 1)[2] == ["b"]


def test_a_person_whom_two_launches_want_goes_where_the_gain_is_greater():
    spoilt = Launch("x", "i", {"a": 0.6, "b": 0.5})
    needy = Launch("y", "i", {"a": 0.5, "c": 0.1})
    assert greedy([spoilt, needy], 1, 1) == [["a"], ["c"]]
    assert assign_invitations([spoilt, needy], 1, 1) == [["b"], ["a"]]
    assert assign_invitations([spoilt, needy], 1, 2) == [["a"], ["a"]]


def test_fewer_are_invited_where_people_run_out():
    twins = [Launch("x", "i", {"a": 0.6}), Launch("y", "i", {"a": 0.5})]
    assert assign_invitations(twins, 3, 1) == [["a"], []]


@pytest.mark.parametrize(("each", "limit"), [(0, 1), (1, 0)])
def test_limits_below_one_are_refused_with_their_values(each, limit):
    with pytest.raises(ValueError, match=f"{each} invitations per group and {limit} per person"):
        assign_invitations([], each, limit)
