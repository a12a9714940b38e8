"""A model is refreshed from the logs: imports and undos since its training count, worked out by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shops import TinyShop
from tiny_bundle import write_manifest, write_tiny

from db.errors import BundleRefused, StoreError
from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.store import Store
from engine import refresh
from engine.recommender import Recommender
from engine.results import Ranking

# zoe and yan are new, and so are cups and plates; bea chose what others chose.
SINCE = """group_id,initiator,item,participants,status,launched_at
G9,zoe,milk,"bea,yan",successful,2025-07-01 10:00:00
G10,bea,cups,yan,successful,2025-07-02 10:00:00
G11,xia,plates,,open,2025-07-03 10:00:00
"""
FRIENDS_SINCE = "user,friend\nzoe,cai\n"
GROUPS_IMPORT, FRIENDS_IMPORT, SINCE_IMPORT = 1, 2, 3


@pytest.fixture
def bring(tmp_path: Path) -> Callable[[Store], None]:
    """Imports what happened since the training."""

    def bring(store: Store) -> None:
        (tmp_path / "since.csv").write_text(SINCE)
        (tmp_path / "friends-since.csv").write_text(FRIENDS_SINCE)
        import_files(store, [tmp_path / "since.csv"], [], [tmp_path / "friends-since.csv"])

    return bring


def scores(ranking: Ranking) -> dict[str, float]:
    return {result.id: result.score for result in ranking.results}


def test_a_new_user_is_ranked_by_their_own_groups_and_friends(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    bring(tiny_shop.store)
    recommender = tiny_shop.open()
    ranking = recommender.rank_items("yan")  # joined milk and cups since
    found = scores(ranking)
    assert set(found) == {"milk", "book", "wipes", "toys", "cups", "plates"}
    assert {id for id, score in found.items() if score == 0.5} == {"milk", "cups"}
    assert sum(found.values()) == 1
    assert ranking.initiator_newcomer
    people = recommender.rank_participants("zoe", "milk")
    assert people.initiator_newcomer
    assert not people.item_newcomer
    assert people.results[0].id == "cai"  # a friend of zoe
    assert scores(people)["cai"] == 1
    assert sum(scores(people).values()) == 1


def test_new_users_and_items_keep_their_mark_and_have_reasons(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    bring(tiny_shop.store)
    recommender = tiny_shop.open()
    ranking = recommender.rank_items("yan")
    marked = {result.id for result in ranking.results if result.newcomer}
    assert marked == {"cups", "plates"}
    reasons = {result.id: [str(reason) for reason in result.reasons] for result in ranking.results}
    assert reasons["cups"] == reasons["milk"] == ["Joined a group for this item before"]
    assert reasons["plates"] == ["New since the model was trained"]
    assert reasons["book"] == []
    explained = recommender.explain("zoe", "cups", "cai")
    assert explained.tasks[1].score == 1
    assert [reason.kind for reason in explained.tasks[1].reasons] == ["friend"]


def test_a_trained_users_new_groups_count_too(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    assert scores(tiny_shop.open().rank_items("cai", exclude_launched=False))["milk"] == 0
    (tiny_shop.folder.parent / "more.csv").write_text(
        "group_id,initiator,item,participants,status\nG12,ann,milk,cai,successful\n"
    )
    import_files(tiny_shop.store, [tiny_shop.folder.parent / "more.csv"])
    assert scores(tiny_shop.open().rank_items("cai", exclude_launched=False))["milk"] == 0.5


def test_a_new_item_is_folded_in_from_the_items_that_its_users_chose(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    # The one number of an item's vector is 1 where it goes with what most people chose.
    tiny_shop.tiny.rotation = (1, 0)
    models = tiny_shop.models / "rotated"
    write_tiny(tiny_shop.tiny, models)
    bring(tiny_shop.store)
    recommender = Recommender.open(tiny_shop.store, models=models)
    found = scores(recommender.rank_items("nobody"))
    assert found == pytest.approx(
        {"milk": 1, "book": 1, "wipes": 1, "toys": 1, "cups": 1, "plates": 0}
    )
    assert recommender.score_items("nobody", ["in no log"])[0] == 0


def test_an_undone_import_leaves_no_trace(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    before = tiny_shop.open()
    expected = before.rank_items("bea"), before.rank_participants("ann", "milk")
    bring(tiny_shop.store)
    assert tiny_shop.open().rank_items("bea") != expected[0]
    undo_import(tiny_shop.store, SINCE_IMPORT)
    undo_import(tiny_shop.store, SINCE_IMPORT + 1)
    after = tiny_shop.open()
    assert (after.rank_items("bea"), after.rank_participants("ann", "milk")) == expected


def test_the_logs_of_the_training_may_be_undone(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    bring(tiny_shop.store)
    undo_import(tiny_shop.store, GROUPS_IMPORT)
    recommender = tiny_shop.open()
    ranking = recommender.rank_items("bea", exclude_launched=False)
    assert scores(ranking) == {"milk": 0.5, "cups": 0, "plates": 0}  # joined milk since
    assert not ranking.initiator_newcomer
    people = recommender.rank_participants("ann", "milk")
    assert people.results[0].id == "dan"  # still declared friends
    assert recommender.rank_participants("eve", "toys").candidates == people.candidates + 1
    for number in (FRIENDS_IMPORT, SINCE_IMPORT, SINCE_IMPORT + 1):
        undo_import(tiny_shop.store, number)
    assert tiny_shop.open().rank_items("bea").results == []


def test_unchanged_logs_are_not_read(tiny_shop: TinyShop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(store: Store) -> None:
        raise AssertionError("the logs were read")

    monkeypatch.setattr(refresh, "read_logs", refuse)
    assert tiny_shop.open().rank_items("bea").candidates == 4


def test_logs_that_cannot_be_read_are_reported(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    bring(tiny_shop.store)
    with tiny_shop.store.write() as connection:
        connection.exec_driver_sql("DROP TABLE group_members")
    with pytest.raises(StoreError) as caught:
        tiny_shop.open()
    assert str(caught.value).endswith(".")


def test_a_model_that_cannot_follow_the_logs_serves_those_of_its_training(
    tiny_shop: TinyShop, bring: Callable[[Store], None]
) -> None:
    tiny_shop.tiny.rotation = None
    models = tiny_shop.models / "still"
    write_tiny(tiny_shop.tiny, models)
    bring(tiny_shop.store)
    recommender = Recommender.open(tiny_shop.store, models=models)
    assert set(scores(recommender.rank_items("yan")).values()) == {0.0}
    assert scores(recommender.rank_items("bea"))["milk"] == 0.5


@pytest.mark.parametrize(
    ("users", "items"),
    [
        ((6, 3), (4, 2)),  # a row too few
        ((6, 6), (5, 2)),  # views of different widths
        ((6, 6), (5, 4)),  # wider than the rotation makes them
        ((6,), (5,)),
    ],
)
def test_role_vectors_of_another_shape_are_refused(
    tiny_shop: TinyShop, users: tuple[int, ...], items: tuple[int, ...]
) -> None:
    tables = {"users": np.zeros(users, np.float32), "items": np.zeros(items, np.float32)}
    np.savez(tiny_shop.folder / "roles.npz", **tables)
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    with pytest.raises(BundleRefused, match="valid role vectors"):
        tiny_shop.open()


def test_a_rotation_of_another_width_is_refused(tiny_shop: TinyShop) -> None:
    path = tiny_shop.folder / "evidence.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **(arrays | {"turn": np.zeros((3, 1), np.float32)}))
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    with pytest.raises(BundleRefused, match="rotation"):
        tiny_shop.open()
