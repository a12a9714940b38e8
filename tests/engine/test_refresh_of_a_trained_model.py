"""A trained model serves users and items that came after its training, without another training."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from whole_shop import shop_in

from db.demo.generate import load_demo
from db.importing.pipeline import import_files
from db.logs import SUCCESSFUL, Logs
from db.read_logs import read_logs
from db.store import Store
from engine.gates import count_gates
from engine.loading import load_bundle
from engine.recommender import Recommender
from train.command import main

pytestmark = pytest.mark.slow  # trains for real

QUICK = (
    "epochs=2",
    "least_steps=1",
    "batch=32",
    "folds=2",
    "taste_rank=16",
    "heads=2",
    "experts=1",
)
LATE = 50  # users who come after the training
STATUSES = ("successful", "failed", "open")


@dataclass(frozen=True)
class LateUsers:
    """A shop whose model was trained before some users came; half of their groups are imported later, half tested."""

    before: Recommender  # over the logs that the model was trained on
    forced: Recommender  # the same logs, read again and brought up to date though nothing changed
    after: Recommender  # over the logs with the late users
    logs: Logs  # all of them
    asked: np.ndarray  # groups that late users launched and that no store holds
    late: set[str]  # ids that the model was trained without


@pytest.fixture(scope="module")
def late_users(tmp_path_factory: pytest.TempPathFactory) -> LateUsers:
    folder = tmp_path_factory.mktemp("late")
    whole = Store.open(f"sqlite:///{folder / 'whole.db'}")
    load_demo(whole, 400, until=date(2025, 6, 30))
    logs = read_logs(whole)
    users = np.arange(len(logs.users))
    late = np.isin(users, np.random.default_rng(3).choice(users, LATE, replace=False))
    theirs = late[logs.group_initiator]
    with_them = theirs.copy()
    with_them[logs.join_group[late[logs.join_participant]]] = True
    launched = np.flatnonzero(theirs & (logs.group_status == SUCCESSFUL))
    asked = launched[::2]
    imported = with_them.copy()
    imported[asked] = False
    shop = shop_in(folder)
    store = Store.open(shop.db)
    early = ~late[logs.friendships].any(1)
    import_files(
        store,
        [groups_file(logs, np.flatnonzero(~with_them), folder / "early.csv")],
        [],
        [friends_file(logs, early, folder / "early-friends.csv")],
    )
    words = [word for change in QUICK for word in ("--set", change)]
    with pytest.MonkeyPatch.context() as patch:
        shop.enter(patch)
        assert main(["fit", "--preset", "demo", "--promote", "--progress", "none", *words]) == 0
    before = Recommender.open(store, models=shop.models)
    bundle = load_bundle(shop.models / before.version, threads=1)
    forced = before.over(read_logs(store))
    for recommender in (before, forced):
        recommender.rank_participants("nobody", "nothing", 1)  # reads who is in the store now
        recommender.rank_items("nobody", 1)
    import_files(
        store,
        [groups_file(logs, np.flatnonzero(imported), folder / "late.csv")],
        [],
        [friends_file(logs, ~early, folder / "late-friends.csv")],
    )
    after = Recommender.open(store, models=shop.models)
    new = set(logs.users.index) - set(bundle.users.ids)
    assert set(logs.users.index[late]) <= new
    return LateUsers(before, forced, after, logs, asked, new)


def groups_file(logs: Logs, groups: Iterable[int], path: Path) -> Path:
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(("group_id", "initiator", "item", "participants", "status"))
        for group in groups:
            start, stop = np.searchsorted(logs.join_group, [group, group + 1])
            write.writerow(
                (
                    f"G{group}",
                    logs.users.index[logs.group_initiator[group]],
                    logs.items.index[logs.group_item[group]],
                    ",".join(logs.users.index[logs.join_participant[start:stop]]),
                    STATUSES[logs.group_status[group]],
                )
            )
    return path


def friends_file(logs: Logs, chosen: np.ndarray, path: Path) -> Path:
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(("user", "friend"))
        write.writerows(logs.users.index.to_numpy()[logs.friendships[chosen]].tolist())
    return path


def reciprocal_rank(scores: np.ndarray, true: int) -> float:
    """One over the mean rank among equals, as a constant scorer must get chance."""
    ahead, equal = (scores > scores[true]).sum(), (scores == scores[true]).sum()
    return 1 / (1 + ahead + (equal - 1) / 2)


def item_rank(late_users: LateUsers, recommender: Recommender, group: int) -> float:
    """The reciprocal rank of a late initiator's item among all items."""
    initiator = late_users.logs.users.index[late_users.logs.group_initiator[group]]
    scores = recommender.score_items(initiator, list(late_users.logs.items.index))
    return reciprocal_rank(scores, int(late_users.logs.group_item[group]))


def participant_rank(late_users: LateUsers, recommender: Recommender, group: int) -> float:
    """The reciprocal rank of the first participant among all users but the initiator."""
    logs = late_users.logs
    u = logs.group_initiator[group]
    item = logs.items.index[logs.group_item[group]]
    scores = recommender.score_participants(logs.users.index[u], item, list(logs.users.index))
    scores[u] = -np.inf
    first = logs.join_participant[np.searchsorted(logs.join_group, group)]
    return reciprocal_rank(scores, int(first))


def test_unchanged_logs_give_the_scores_of_the_training(late_users: LateUsers) -> None:
    items, users = list(late_users.logs.items.index), list(late_users.logs.users.index)
    for initiator in [*users[:12], "nobody"]:
        ours, theirs = (
            [r.score_items(initiator, items), r.score_participants(initiator, items[0], users)]
            for r in (late_users.forced, late_users.before)
        )
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)
    known = next(id for id in users if id not in late_users.late)
    ours, theirs = (r.rank_items(known, 10) for r in (late_users.forced, late_users.before))
    assert [result.id for result in ours.results] == [result.id for result in theirs.results]
    assert [result.reasons for result in ours.results] == [
        result.reasons for result in theirs.results
    ]


def test_the_launches_of_late_initiators_rank_higher_after_a_refresh(late_users: LateUsers) -> None:
    nobody, after = (
        np.mean([item_rank(late_users, recommender, group) for group in late_users.asked])
        for recommender in (late_users.before, late_users.after)
    )
    assert after > 1.2 * nobody


def test_the_participants_of_late_initiators_rank_higher_after_a_refresh(
    late_users: LateUsers,
) -> None:
    nobody, after = (
        np.mean([participant_rank(late_users, recommender, group) for group in late_users.asked])
        for recommender in (late_users.before, late_users.after)
    )
    assert after > 2 * nobody


def test_late_users_keep_their_mark_and_differ_from_the_cold_start_row(
    late_users: LateUsers,
) -> None:
    items = list(late_users.logs.items.index)
    nobody = late_users.after.score_items("nobody", items)
    initiators = {
        late_users.logs.users.index[late_users.logs.group_initiator[k]] for k in late_users.asked
    }
    gaps = [
        np.abs(late_users.after.score_items(initiator, items) - nobody).max()
        for initiator in initiators
    ]
    assert np.mean(np.array(gaps) > 1e-2) > 0.9
    assert all(
        late_users.after.rank_items(initiator, 1).initiator_newcomer for initiator in initiators
    )
    people = late_users.after.rank_participants(min(initiators), items[0], 10_000)
    marked = {result.id for result in people.results if result.newcomer}
    assert marked == {result.id for result in people.results} & late_users.late
    assert any(result.reasons[0].kind != "new_here" for result in people.results if result.newcomer)


def test_rankings_and_scores_of_late_users_agree(late_users: LateUsers) -> None:
    initiator = late_users.logs.users.index[late_users.logs.group_initiator[late_users.asked[0]]]
    ranking = late_users.after.rank_items(initiator, 10_000, exclude_launched=False)
    ids = [result.id for result in ranking.results]
    np.testing.assert_allclose(
        [result.score for result in ranking.results],
        late_users.after.score_items(initiator, ids),
        atol=1e-4,
    )
    explained = late_users.after.explain(initiator, ids[0], ranking.initiator)
    assert explained.tasks[0].score == pytest.approx(ranking.results[0].score, abs=1e-4)
    assert explained.tasks[0].gate.sum() == pytest.approx(1, abs=1e-4)


def test_gates_cover_late_groups(late_users: LateUsers) -> None:
    gates = count_gates(late_users.after, late_users.logs)
    assert late_users.late & set(gates.cases.initiators[gates.new_initiator].tolist())
    np.testing.assert_allclose(gates.weights["participants"].sum(1), 1, atol=1e-4)
