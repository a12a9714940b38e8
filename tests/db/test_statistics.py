"""The statistics of a small shop, compared with a count by hand, on both databases."""

from collections.abc import Callable

from db.importing.history import undo_import
from db.importing.report import ImportReport
from db.queries.statistics import store_statistics
from db.store import Store

Import = Callable[..., ImportReport]

GROUPS = """group,initiator,initiator_name,item,price,participants,status,launched_at
G1,u1,豆豆妈,i1,199,"u2,u3",successful,2025-06-01 10:00:00
G2,u1,,i2,,u2,successful,2025-06-01 23:59:59
G3,u1,,i2,,u4,failed,2025-06-03 00:00:00
G4,u2,,i2,,u3,open,
"""


def test_groups_users_and_known_values_are_counted(store: Store, importing: Import) -> None:
    importing(store, "groups.csv", GROUPS)
    importing(store, "friends.csv", "user,friend\nu1,u2\nu2,u1\nu1,u3\n")
    importing(store, "again.csv", "user,friend\nu3,u1\n")
    statistics = store_statistics(store)
    assert statistics.daily.reset_index().astype(str).to_numpy().tolist() == [
        ["2025-06-01", "2", "0", "0"],
        ["2025-06-03", "0", "1", "0"],
    ]
    assert list(statistics.daily.columns) == ["successful", "failed", "open"]
    assert statistics.sizes.to_dict() == {2: 1, 3: 1}
    assert statistics.launches.to_dict() == {1: 1, 3: 1}
    assert statistics.joins.to_dict() == {2: 2}  # u2 and u3; nobody joins a failed launch
    assert statistics.friends.to_dict() == {1: 2, 2: 1}
    assert statistics.coverage["user.name"] == (1, 4)
    assert statistics.coverage["item.price"] == (1, 2)
    assert statistics.coverage["group.launched_at"] == (3, 4)


def test_groups_that_a_later_import_replaced_do_not_count(store: Store, importing: Import) -> None:
    importing(store, "groups.csv", GROUPS)
    importing(store, "later.csv", GROUPS.replace("open,", "failed,").replace("豆豆妈", "Ann"))
    statistics = store_statistics(store)
    assert int(statistics.launches.sum()) == 2
    assert statistics.coverage["group.launched_at"] == (3, 4)
    assert statistics.sizes.to_dict() == {2: 1, 3: 1}
    assert statistics.joins.to_dict() == {1: 1, 2: 1}


def test_an_empty_store_has_empty_statistics(store: Store, importing: Import) -> None:
    importing(store, "groups.csv", GROUPS)
    undo_import(store, 1)
    statistics = store_statistics(store)
    assert statistics.daily.empty
    assert [
        len(one)
        for one in (statistics.sizes, statistics.launches, statistics.joins, statistics.friends)
    ] == [0] * 4
    assert set(statistics.coverage.values()) == {(0, 0)}
