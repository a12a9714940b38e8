"""A group that several files or imports speak of is one group, and an undo takes back only its import's word."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.logs import CANCELLED, DECLINED, VOID
from db.messages import Message
from db.queries.entities import store_counts
from db.schema import declined_invitations, group_members, groups, items, users
from db.store import Store

Import = Callable[..., ImportReport]

NAMES = ("successful", "failed", "open")


def current(store: Store) -> list[tuple[str | None, str, str, list[str], str]]:
    """(id, initiator, item, participants, state) of the current groups, by id."""
    with store.read() as connection:
        rows = connection.execute(
            select(
                groups.c.id,
                groups.c.external_id,
                users.c.external_id.label("initiator"),
                items.c.external_id.label("item"),
                groups.c.status,
            )
            .select_from(
                groups.join(users, users.c.id == groups.c.initiator_id).join(
                    items, items.c.id == groups.c.item_id
                )
            )
            .where(groups.c.current)
        ).all()
        joined = connection.execute(
            select(group_members.c.group_id, users.c.external_id).select_from(
                group_members.join(users)
            )
        ).all()
    return sorted(
        (
            (
                row.external_id,
                row.initiator,
                row.item,
                sorted(user for group, user in joined if group == row.id),
                NAMES[row.status],
            )
            for row in rows
        ),
        key=str,
    )


MAY = """团号,用户id,角色,商品id,拼团状态,支付时间,成团人数
G1,u1,团长,p1,拼团中,2026-05-31 23:00:00,3
G1,u2,团员,p1,拼团中,2026-05-31 23:30:00,3
"""
JUNE = """团号,用户id,商品id,拼团状态,支付时间,成团人数
G1,u3,p1,拼团成功,2026-06-01 00:10:00,3
G2,u4,p1,拼团成功,2026-06-01 09:00:00,2
G2,u5,p1,拼团成功,2026-06-01 09:10:00,2
"""
IN_MAY = ("G1", "u1", "p1", ["u2"], "open")
IN_JUNE = ("G1", "u3", "p1", [], "successful")
TOGETHER = ("G1", "u1", "p1", ["u2", "u3"], "successful")
OTHER = ("G2", "u4", "p1", ["u5"], "successful")


def test_a_group_goes_on_in_the_next_months_file(store: Store, importing: Import) -> None:
    importing(store, "may.csv", MAY)
    importing(store, "june.csv", JUNE)
    assert current(store) == [TOGETHER, OTHER]
    assert (store_counts(store).groups, store_counts(store).joins) == (2, 3)


def test_the_order_in_which_the_months_come_does_not_matter(
    store: Store, importing: Import
) -> None:
    importing(store, "june.csv", JUNE)
    importing(store, "may.csv", MAY)
    assert current(store) == [TOGETHER, OTHER]


def test_a_group_over_two_files_of_one_command_is_one_group(store: Store, tmp_path: Path) -> None:
    (tmp_path / "may.csv").write_text(MAY)
    (tmp_path / "june.csv").write_text(JUNE)
    files = [tmp_path / "may.csv", tmp_path / "june.csv"]
    dry = import_files(store, files, dry_run=True)
    done = import_files(store, files)
    assert current(store) == [TOGETHER, OTHER]
    assert [(one.new, one.states, one.notes) for one in dry] == [
        (one.new, one.states, one.notes) for one in done
    ]


@pytest.mark.parametrize(("undone", "left"), [(1, [IN_JUNE, OTHER]), (2, [IN_MAY])])
def test_an_undo_takes_back_the_word_of_its_import_alone(
    store: Store, importing: Import, undone: int, left: list[tuple[object, ...]]
) -> None:
    importing(store, "may.csv", MAY)
    importing(store, "june.csv", JUNE)
    undo_import(store, undone)
    assert current(store) == left
    undo_import(store, 3 - undone)
    assert (current(store), store_counts(store).users) == ([], 0)


def test_an_import_after_an_undo_adds_up_again(store: Store, importing: Import) -> None:
    importing(store, "may.csv", MAY)
    importing(store, "june.csv", JUNE)
    undo_import(store, 1)
    importing(store, "may.csv", MAY)
    assert current(store) == [TOGETHER, OTHER]


WEEKS = "团长,商品,团员,状态,开团时间\n"
FIRST = "u1,p1,u2,已成团,2026-05-01 10:00:00\nu3,p2,,未成团,2026-05-02\nu3,p2,,未成团,2026-05-02\n"
SECOND = FIRST + "u5,p1,u6,已成团,2026-05-08 10:00:00\nu1,p1,u2,已成团,2026-05-09 10:00:00\n"


def test_exports_that_overlap_count_no_launch_twice(store: Store, importing: Import) -> None:
    importing(store, "a.csv", WEEKS + FIRST)
    before = current(store)
    assert len(before) == 3  # two launches of one day are two
    importing(store, "b.csv", WEEKS + SECOND)
    assert len(current(store)) == 5
    undo_import(store, 1)
    assert len(current(store)) == 5
    undo_import(store, 2)
    assert current(store) == []
    importing(store, "a.csv", WEEKS + FIRST)
    importing(store, "b.csv", WEEKS + SECOND)
    undo_import(store, 4)
    assert current(store) == before


def test_a_launch_without_an_id_grows_with_the_next_export(store: Store, importing: Import) -> None:
    importing(store, "a.csv", WEEKS + "u1,p1,u2,拼团中,2026-05-01 10:00:00\n")
    importing(store, "b.csv", WEEKS + 'u1,p1,"u2,u3",已成团,2026-05-01 10:00:00\n')
    assert current(store) == [(None, "u1", "p1", ["u2", "u3"], "successful")]
    undo_import(store, 2)
    assert current(store) == [(None, "u1", "p1", ["u2"], "open")]


def test_the_same_row_twice_in_a_file_is_one_launch(store: Store, importing: Import) -> None:
    row = "u1,p1,u2,已成团,2026-05-01 10:00:00\n"
    importing(store, "a.csv", WEEKS + row + row)
    assert current(store) == [(None, "u1", "p1", ["u2"], "successful")]


def test_a_closed_group_stays_closed_and_a_refund_takes_the_member_back(
    store: Store, importing: Import
) -> None:
    head = "group,user,role,item,order status,group status,paid at\n"
    importing(
        store,
        "a.csv",
        head
        + "G1,u1,leader,p1,paid,successful,2026-05-01 10:00\n"
        + "G1,u2,member,p1,paid,successful,2026-05-01 10:01\n",
    )
    importing(
        store,
        "b.csv",
        head
        + "G1,u1,leader,p1,paid,open,2026-05-01 10:00\n"
        + "G1,u2,member,p1,refunded,open,2026-05-01 10:01\n"
        + "G1,u3,member,p1,paid,open,2026-05-01 10:02\n",
    )
    assert current(store) == [("G1", "u1", "p1", ["u3"], "successful")]


def test_a_group_that_comes_again_for_another_item_is_told(
    sqlite_store: Store, importing: Import
) -> None:
    head = "group,initiator,item,participants,status\n"
    importing(sqlite_store, "a.csv", head + "1,u1,p1,u2,successful\n")
    later = importing(sqlite_store, "b.csv", head + "1,u1,p2,u2,successful\n")
    assert Message("db.note.changed_items", {"n": 1, "group": ("1",)}) in later.notes
    assert current(sqlite_store) == [("1", "u1", "p2", ["u2"], "successful")]


def test_numbers_that_begin_anew_each_year_are_other_groups(
    store: Store, importing: Import
) -> None:
    head = "group,user,role,item,order status,paid at\n"
    for year, member in ((2025, "u2"), (2026, "u3")):
        launch = f"1,u1,leader,p1,paid,{year}-05-01 10:00\n"
        importing(
            store, f"{year}.csv", head + launch + f"1,{member},member,p1,paid,{year}-05-01 11:00\n"
        )
    assert current(store) == [
        ("1", "u1", "p1", ["u2"], "successful"),
        ("1", "u1", "p1", ["u3"], "successful"),
    ]
    undo_import(store, 1)
    assert current(store) == [("1", "u1", "p1", ["u3"], "successful")]


def test_two_launches_that_share_a_number_are_two_groups(store: Store, importing: Import) -> None:
    head = "group,initiator,item,participants,status,launched at\n"
    importing(store, "a.csv", head + "1,u1,p1,u2,successful,2025-05-01 10:00\n")
    later = importing(store, "b.csv", head + "1,u3,p2,u4,successful,2026-05-01 10:00\n")
    assert Message("db.note.shared_numbers", {"n": 1, "group": ("1",)}) in later.notes
    assert current(store) == [
        ("1", "u1", "p1", ["u2"], "successful"),
        ("1", "u3", "p2", ["u4"], "successful"),
    ]


def test_declined_and_cancelled_orders_are_kept_beside_the_members_until_the_undo(
    store: Store, importing: Import
) -> None:
    head = "group,user,role,item,order status,group status,paid at,cancelled at,deadline\n"
    importing(
        store,
        "a.csv",
        head
        + "G1,u1,leader,p1,paid,successful,2026-05-01 10:00,,2026-05-02 10:00\n"
        + "G1,u2,member,p1,cancelled,successful,2026-05-01 10:01,2026-05-01 10:02,2026-05-02 10:00\n"
        + "G1,u3,member,p1,paid,successful,2026-05-01 10:03,,2026-05-02 10:00\n"
        + "G1,u4,member,p1,refunded,successful,2026-05-01 10:02,2026-05-09 10:02,2026-05-02 10:00\n"
        + "G1,u5,member,p1,已拒绝,successful,,,2026-05-02 10:00\n",
    )
    table = declined_invitations
    with store.read() as connection:
        found = connection.execute(select(table.c.user, table.c.reason).order_by(table.c.user))
        assert [tuple(row) for row in found] == [("u2", CANCELLED), ("u4", VOID), ("u5", DECLINED)]
    assert store_counts(store).declined == 2
    assert current(store) == [("G1", "u1", "p1", ["u3"], "successful")]
    undo_import(store, 1)
    with store.read() as connection:
        assert connection.execute(select(table)).all() == []


ROLES_IN_MAY = """group,user,role,item,order status,paid at,group size
G1,u1,leader,p1,paid,2026-05-31 22:00,3
G1,u2,member,p1,paid,2026-05-31 23:00,3
"""
ROLES_IN_JUNE = """group,user,role,item,order status,paid at,group size
G1,u3,member,p1,paid,2026-06-01 08:00,3
G2,u4,leader,p1,paid,2026-06-02 08:00,2
G2,u5,member,p1,paid,2026-06-02 09:00,2
"""


def test_later_members_go_on_with_a_launch_of_an_earlier_file_and_go_with_it(
    store: Store, importing: Import
) -> None:
    importing(store, "may.csv", ROLES_IN_MAY)
    june = importing(store, "june.csv", ROLES_IN_JUNE)
    assert june.rejected == 0
    assert current(store) == [TOGETHER, OTHER]
    undo_import(store, 1)
    assert current(store) == [OTHER]
    undo_import(store, 2)
    assert current(store) == []


def test_later_members_go_on_with_a_launch_of_an_earlier_file_of_the_command(
    sqlite_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "may.csv").write_text(ROLES_IN_MAY)
    (tmp_path / "june.csv").write_text(ROLES_IN_JUNE)
    files = [tmp_path / "may.csv", tmp_path / "june.csv"]
    dry = import_files(sqlite_store, files, dry_run=True)
    done = import_files(sqlite_store, files)
    assert current(sqlite_store) == [TOGETHER, OTHER]
    assert [one.notes for one in dry] == [one.notes for one in done]


def test_later_members_without_a_known_launch_are_held_back(
    sqlite_store: Store, importing: Import
) -> None:
    june = importing(sqlite_store, "june.csv", ROLES_IN_JUNE)
    assert [error.problem.key for error in june.errors] == ["db.row.no_initiator_order"]
    assert current(sqlite_store) == [OTHER]
