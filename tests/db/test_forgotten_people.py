"""What the store keeps of a forgotten person: groups of the same sizes, and nobody whom a later file brings back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from forgetting import ID, NAME, ORDERS, PEOPLE, participants, sizes, traces
from forgetting import models as models  # a fixture
from forgetting import shop as shop  # a fixture
from sqlalchemy import select, text

from db.errors import InputError
from db.forget import forget_user
from db.importing.answers import Answers
from db.importing.history import rejected_rows, undo_import
from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.logs import SUCCESSFUL
from db.queries.shelf import not_contactable, shelf_version
from db.read_logs import data_version, read_logs
from db.schema import (
    declined_invitations,
    import_answers,
    imports,
)
from db.store import Store

Import = Callable[..., ImportReport]


def test_groups_keep_their_sizes_and_states(shop: Store, models: Path) -> None:
    before, versions = sizes(shop), (data_version(shop), shelf_version(shop))
    forget_user(shop, ID, models)
    assert sizes(shop) == before
    assert data_version(shop) != versions[0]
    assert shelf_version(shop) != versions[1]
    assert participants(shop) == {"G1": ["u3"], "G2": ["u1"]}
    with shop.read() as connection:
        assert connection.execute(select(declined_invitations)).all() == []


def test_who_launched_is_an_unnamed_person_who_is_never_asked(shop: Store, models: Path) -> None:
    forget_user(shop, ID, models)
    logs = read_logs(shop)
    launchers = set(logs.users.index[logs.group_initiator]) - {"u1"}
    assert len(launchers) == 1
    assert launchers == not_contactable(shop)
    assert logs.users.loc[list(launchers), ["name", "city", "tags"]].isna().all(axis=None)
    assert next(iter(launchers)).startswith("forgotten-")


def test_a_refused_row_says_why_its_text_is_gone(shop: Store, models: Path) -> None:
    forget_user(shop, ID, models)
    row = rejected_rows(shop, 1).iloc[0]
    assert (row["value"], row["row"], row["problem"].key) == ("", "", "db.forget.row")


def test_a_later_file_brings_nobody_back(
    shop: Store, models: Path, importing: Import, tmp_path: Path
) -> None:
    before = sizes(shop)
    forget_user(shop, ID, models)
    bought = (
        "G9,u1,晨,团长,p1,拼团成功,已支付,2026-06-01 10:00:00,2\n"
        f"G9,{ID},{NAME},团员,p1,拼团成功,已支付,2026-06-01 11:00:00,2\n"
    )
    report = importing(shop, "later.csv", ORDERS + bought)
    assert "db.note.forgotten_people" in {note.key for note in report.notes}
    assert report.errors[0].row == ""
    assert sizes(shop) == before | {"G9": (1, SUCCESSFUL)}
    importing(shop, "people.csv", PEOPLE + "u8,新,北京,是\n", force=True)
    import_files(shop, [], friendships=[tmp_path / "friends.csv"], force=True)
    assert traces(tmp_path / "shop") == []
    undo_import(shop, report.id or 0)
    assert sizes(shop) == before


def test_undoing_a_later_file_does_not_make_the_unnamed_person_one_to_ask(
    shop: Store, models: Path, importing: Import
) -> None:
    forget_user(shop, ID, models)
    later = importing(shop, "later.csv", ORDERS.replace("2026-05-0", "2026-06-0"))
    undo_import(shop, later.id or 0)
    logs = read_logs(shop)
    assert set(logs.users.index[logs.group_initiator]) - {"u1"} <= not_contactable(shop)


def test_words_that_others_share_or_that_mean_anything_stay(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    rows = (
        "团号,用户id,用户昵称,角色,商品id,状态\n"
        "G1,1,微信用户,团长,p1,已核\nG1,2,微信用户,团员,p1,已核\n微信用户,3,,团员,p1,新\n"
    )
    states = {"已核": "paid", "1": "successful", "微信用户": "void"}
    importing(sqlite_store, "微信用户-1.csv", rows, answers=Answers(states=states), remember=True)
    forget_user(sqlite_store, "1", tmp_path / "models")
    with sqlite_store.read() as connection:
        assert connection.execute(select(imports.c.file)).scalar() == "微信用户-1.csv"
        kept = connection.execute(select(import_answers.c.answers)).scalars().all()
    assert all(one["states"] == states for one in kept)


def test_what_was_said_about_files_and_their_names_lose_the_person(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    states = {f"{NAME}退": "void", "已核": "paid"}
    name = f"{NAME} {ID}.csv"
    importing(sqlite_store, name, ORDERS, answers=Answers(states=states), remember=True)
    forget_user(sqlite_store, ID, tmp_path / "models")
    with sqlite_store.read() as connection:
        assert connection.execute(select(imports.c.file)).scalar() == "… ….csv"
        kept = connection.execute(select(import_answers.c.answers)).scalars().all()
    assert all(one["states"]["已核"] == "paid" for one in kept)
    assert not any(NAME in str(one) for one in kept)


def test_a_launch_of_theirs_is_the_same_launch_in_a_later_file(
    shop: Store, models: Path, importing: Import
) -> None:
    forget_user(shop, ID, models)
    launches = [line for line in ORDERS.splitlines()[1:] if line.startswith("G2")]
    more = "G2,u9,九,团员,p1,拼团成功,已支付,2026-05-02 12:00:00,3"
    heading = ORDERS.splitlines()[0]
    importing(shop, "more.csv", "\n".join([heading, *launches, more]))
    assert participants(shop)["G2"] == ["u1", "u9"]
    logs = read_logs(shop)
    assert len(set(logs.users.index[logs.group_initiator]) - {"u1"}) == 1


def test_two_people_of_different_files_leave_two_seats(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    may = (
        "团号,用户id,角色,商品id,支付时间,成团人数\n"
        "G1,u1,团长,p1,2026-05-31 23:00:00,3\nG1,u2,团员,p1,2026-05-31 23:30:00,3\n"
    )
    june = "团号,用户id,商品id,支付时间,成团人数\nG1,u3,p1,2026-06-01 00:10:00,3\n"
    importing(sqlite_store, "may.csv", may)
    importing(sqlite_store, "june.csv", june)
    before = sizes(sqlite_store)
    assert before == {"G1": (2, SUCCESSFUL)}
    forget_user(sqlite_store, "u2", tmp_path / "models")
    forget_user(sqlite_store, "u3", tmp_path / "models")
    assert (sizes(sqlite_store), participants(sqlite_store)) == (before, {})
    importing(sqlite_store, "again.csv", may.replace("23:30", "23:31"))
    assert (sizes(sqlite_store), participants(sqlite_store)) == (before, {})


def test_somebody_whom_the_store_does_not_know_is_a_clear_error(shop: Store, models: Path) -> None:
    with pytest.raises(InputError, match="'nobody'"):
        forget_user(shop, "nobody", models)


def test_it_works_on_either_database(store: Store, importing: Import, tmp_path: Path) -> None:
    importing(store, "orders.csv", ORDERS)
    before = sizes(store)
    report = forget_user(store, ID, tmp_path / "models")
    assert sizes(store) == before
    assert report.on_server == (store.path is None)
    with store.read() as connection:
        for table in ("users", "user_facts", "import_errors", "declined_invitations", "imports"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert ID not in str(rows)
            assert NAME not in str(rows)
