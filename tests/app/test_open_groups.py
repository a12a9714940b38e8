"""Open groups at a moment: which still run, in which order, and whom to invite."""

import pandas as pd

from app.groups.open_groups import (
    groups_per_batch,
    invitations_table,
    sort_groups,
    split_by_deadline,
    suggest_invitations,
)
from engine.results import Ranked
from engine.track_record import TrackRecords

AT = pd.Timestamp("2025-06-30 21:00")


RECORDS = TrackRecords({"i1": (3, 1), "i2": (9, 0)})


def group(name, hours, missing, joined=(), item="i1"):
    return {
        "group": name,
        "initiator": "u1",
        "item": item,
        "launched_at": pd.NaT,
        "expires_at": pd.NaT if hours is None else AT + pd.Timedelta(hours=hours),
        "target_size": pd.NA if missing is None else missing + len(joined) + 1,
        "participants": list(joined),
        "joined": len(joined),
        "missing": pd.NA if missing is None else missing,
    }


def frame(*groups):
    return pd.DataFrame(groups).astype({"missing": "Int64", "target_size": "Int64"})


GROUPS = frame(
    group("late", 30, 1),
    group("soon", 2, 3),
    group("over", -1, 1),
    group("on the dot", 0, 1),
    group("full", 5, 0),
    group("endless", None, 2),
    group("sizeless", 9, None),
)


def test_expired_and_full_groups_are_separated_from_the_running_ones():
    found = split_by_deadline(GROUPS, AT)
    assert set(found.running["group"]) == {"late", "soon", "endless", "sizeless"}
    assert set(found.expired["group"]) == {"over", "on the dot"}
    assert (found.full, found.soon, found.one_short) == (1, 1, 1)


def test_a_later_moment_leaves_fewer_running():
    found = split_by_deadline(GROUPS, AT + pd.Timedelta(hours=10))
    assert set(found.running["group"]) == {"late", "endless"}


def test_groups_are_sorted_by_deadline_or_by_missing_participants():
    running = split_by_deadline(GROUPS, AT).running
    by = {
        order: list(sort_groups(running, order, RECORDS)["group"])
        for order in ("deadline", "missing")
    }
    assert by["deadline"] == ["soon", "sizeless", "late", "endless"]
    assert by["missing"] == ["late", "endless", "soon", "sizeless"]


def test_groups_for_items_with_the_best_track_record_come_first_and_then_those_that_end_first():
    many = frame(
        group("late", 30, 1),
        group("proven", 40, 1, item="i2"),
        group("soon", 2, 3),
        group("unknown", 1, 1, item="i3"),
    )
    running = split_by_deadline(many, AT).running
    ordered = sort_groups(running, "track_record", RECORDS)
    assert list(ordered["group"]) == ["proven", "unknown", "soon", "late"]  # i3 has the shop's rate
    assert list(ordered.columns) == list(running.columns)
    without = sort_groups(running, "track_record", TrackRecords({"i1": (3, 0)}))
    assert list(without["group"]) == list(sort_groups(running, "deadline", RECORDS)["group"])


def person(id, probability):
    return Ranked(1, id, f"name of {id}", 0.0, probability, [], newcomer=False)


def asked(chances):
    """A model that ranks everybody but those who have joined, and remembers what it was asked."""
    calls = []

    def rank(initiator, item, joined):
        calls.append((initiator, item, joined))
        return [person(f"p{k}", p) for k, p in enumerate(chances) if f"p{k}" not in joined]

    return rank, calls


def test_those_who_have_joined_are_not_ranked_and_the_likeliest_are_invited():
    rank, calls = asked([0.5, 0.4, 0.2])
    running = split_by_deadline(frame(group("g", 2, 1, ["p0"]), group("h", 3, None)), AT).running
    one, other = suggest_invitations(running, rank, 2)
    assert calls[0] == ("u1", "i1", ("p0",))
    assert [p.id for p in one.invited] == ["p1", "p2"]
    assert (one.members, one.size, one.missing) == (2, 3, 1)
    assert (other.size, other.missing) == (None, None)


def test_groups_are_ranked_only_as_they_are_used():
    rank, calls = asked([0.5])
    many = suggest_invitations(
        split_by_deadline(frame(*[group(f"g{k}", 2, 1) for k in range(50)]), AT).running, rank, 1
    )
    assert next(many).group == "g0"
    assert len(calls) == 1


def test_a_large_shop_ranks_fewer_groups_at_once():
    assert groups_per_batch(100) == 500
    assert groups_per_batch(190_080) == 42
    assert groups_per_batch(10_000_000) == 40


def test_the_table_has_a_row_per_invitation_with_the_items_track_record_and_no_forecast_of_joins():
    rank, _ = asked([0.5, 0.4])
    running = split_by_deadline(frame(group("g", 2, 1), group(None, None, None)), AT).running
    groups = list(suggest_invitations(running, rank, 2))
    table = invitations_table(groups, {"u1": "Ann"}, {}, RECORDS, str)
    about = ["group", "initiator", "initiator_name", "item", "item_name", "expires_at", "missing"]
    person = ["invited", "invited_name", "spot_share", "reasons"]
    assert list(table.columns) == [*about, "track_record", *person]
    assert set(table["track_record"]) == {RECORDS.of("i1").rate}
    assert table["spot_share"].tolist() == [0.5, 0.4, 0.5, 0.4]
    bare = invitations_table(groups, {}, {}, TrackRecords({"i1": (3, 0)}), str)
    assert list(bare.columns) == [*about, *person]
    assert table["invited"].tolist() == ["p0", "p1", "p0", "p1"]
    assert table["initiator_name"].tolist() == ["Ann"] * 4
    assert table["expires_at"].isna().tolist() == [False] * 2 + [True] * 2
    assert table["expires_at"][0] == pd.Timestamp("2025-06-30 23:00")
    assert table["missing"].tolist() == [1, 1, "", ""]
