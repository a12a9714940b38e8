"""Logs are imported, refused or undone, on both databases."""

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from db.errors import InputError
from db.importing.history import import_history, rejected_rows, undo_import
from db.importing.log_file import LogFile
from db.importing.pipeline import import_files
from db.importing.report import ImportReport, RefusedImportError
from db.logs import FAILED, OPEN, SUCCESSFUL, Logs
from db.messages import Message, Term
from db.queries.entities import entity_names, item_frame, store_counts, user_card
from db.queries.groups import logged_span, open_groups
from db.read_logs import data_version, read_logs
from db.safe_csv import spreadsheet_csv
from db.schema import import_errors
from db.store import Store

Import = Callable[..., ImportReport]

GROUPS = """group_id,initiator,initiator_name,item,item_name,category,price,participants,status,\
launched_at,target_size,expires_at
G1,u1,豆豆妈,i1,奶粉,喂养,199,"u2,u3",successful,2025-06-01 10:00:00,3,2025-06-02 10:00:00
G2,u2,,i1,奶粉,喂养,199,,failed,2025-06-02 10:00:00,2,2025-06-03 10:00:00
G3,u1,豆豆妈,i2,绘本,书,49.5,u4,open,2025-06-03 10:00:00,3,2025-06-04 10:00:00
"""

ORDERS = """团号,用户ID,用户昵称,角色,商品编号,状态,下单时间,几人团
T1,0012,豆豆妈,团长,P1,已支付,2025-06-30 12:00,3人团
T1,0013,糖糖爸,团员,P1,已支付,2025-06-30 12:05,3人团
T2,0014,,团长,P2,拼团中,2025-06-30 12:10,2人团
T1,0014,,团员,P1,已支付,2025-06-30 12:20,3人团
T3,0015,,团长,P2,已退款,2025-06-30 12:30,2人团
T1,0016,,团员,P1,已退款,2025-06-30 12:40,3人团
"""


def joins(logs: Logs) -> set[tuple[str, str, str]]:
    """(initiator, item, participant) of every join."""
    users, items = logs.users.index, logs.items.index
    return {
        (users[logs.group_initiator[g]], items[logs.group_item[g]], users[p])
        for g, p in zip(logs.join_group, logs.join_participant, strict=True)
    }


def test_a_file_with_a_row_a_group_is_imported(store: Store, importing: Import) -> None:
    report = importing(store, "groups.csv", GROUPS)
    assert (report.accepted, report.rejected, report.shape) == (3, 0, "groups")
    assert report.new == {"users": 4, "items": 2, "groups": 3, "members": 3, "friendships": 0}
    logs = read_logs(store)
    assert list(logs.users.index) == ["u1", "u2", "u3", "u4"]
    assert logs.group_status.tolist() == [SUCCESSFUL, FAILED, OPEN]
    assert joins(logs) == {("u1", "i1", "u2"), ("u1", "i1", "u3"), ("u1", "i2", "u4")}
    assert logs.group_launched_at[0] == np.datetime64("2025-06-01T10:00:00")
    assert logs.users["name"].dropna().to_dict() == {"u1": "豆豆妈"}
    assert logs.items.loc["i2", ["name", "category", "price"]].tolist() == ["绘本", "书", 49.5]
    waiting = open_groups(store).iloc[0]
    assert (waiting["group"], waiting["missing"], waiting["participants"]) == ("G3", 1, ["u4"])


def test_a_file_with_a_row_an_order_becomes_groups(store: Store, importing: Import) -> None:
    report = importing(store, "orders.csv", ORDERS)
    assert (report.accepted, report.rejected, report.shape) == (6, 0, "orders")
    assert Message("db.note.void_orders", {"n": 2}) in report.notes
    logs = read_logs(store)
    assert joins(logs) == {("0012", "P1", "0013"), ("0012", "P1", "0014")}
    assert logs.group_status.tolist() == [SUCCESSFUL, OPEN, FAILED]
    assert entity_names(store, "users", ["0012", "0014"]) == {"0012": "豆豆妈", "0014": "0014"}
    assert "0016" not in logs.users.index  # their only order was refunded


def test_the_beibei_format_gzipped_with_failed_launches_and_friendships(
    store: Store, tmp_path: Path
) -> None:
    groups, failed, social = (
        tmp_path / name for name in ("groups.txt.gz", "failed.txt", "friends.txt")
    )
    groups.write_bytes(gzip.compress(b"159888\t12566\t19949\n123542\t30551\t165785\t7\n"))
    failed.write_text("15169\t98\n159888\t98\n")
    social.write_text("159888\t7\n7\t159888\n15169\t400\n")
    reports = import_files(store, [groups], [failed], [social])
    assert [report.accepted for report in reports] == [2, 2, 3]
    assert [report.id for report in reports] == [1, 2, 3]
    assert len({entry.batch for entry in import_history(store)}) == 1
    logs = read_logs(store)
    assert joins(logs) == {
        ("159888", "12566", "19949"),
        ("123542", "30551", "165785"),
        ("123542", "30551", "7"),
    }
    assert logs.group_status.tolist() == [SUCCESSFUL, SUCCESSFUL, FAILED, FAILED]
    assert logged_span(store) is None  # this format has no times and no open groups
    assert open_groups(store).empty
    pairs = [set(logs.users.index[pair]) for pair in logs.friendships]
    assert pairs == [{"159888", "7"}, {"15169", "400"}]


def test_good_rows_are_imported_and_the_bad_one_is_reported_with_its_line(
    store: Store, importing: Import
) -> None:
    broken = GROUPS.replace("G2,u2,", "G2,,")
    report = importing(store, "groups.csv", broken)
    assert (report.accepted, report.rejected) == (2, 1)
    [error] = report.errors
    assert (error.line, error.column, error.value) == (3, "initiator", "")
    assert error.problem == Message("db.row.missing", {"field": Term("field", "initiator")})
    kept = rejected_rows(store, 1)
    assert kept["line"].tolist() == [3]
    assert kept["problem"].tolist() == [error.problem]
    assert kept["row"].iloc[0].startswith("G2,,")
    assert store_counts(store).groups == 2


def test_a_strict_import_takes_all_rows_or_none(store: Store, importing: Import) -> None:
    with pytest.raises(RefusedImportError, match=r"1 of the 3 rows .* Line 3") as refused:
        importing(store, "a.csv", GROUPS.replace("failed", "perhaps"), strict=True)
    assert refused.value.reports[0].errors[0].value == "perhaps"
    assert (import_history(store), data_version(store)) == ([], "empty")


def test_a_dry_run_reports_and_writes_nothing(store: Store, importing: Import) -> None:
    report = importing(store, "a.csv", GROUPS, dry_run=True)
    assert (report.accepted, report.id, import_history(store)) == (3, None, [])


def test_the_same_file_is_imported_once_unless_forced_or_undone(
    store: Store, importing: Import
) -> None:
    importing(store, "a.csv", GROUPS)
    with pytest.raises(InputError, match=r"b.csv was imported already, as import 1 \(a.csv\)"):
        importing(store, "b.csv", GROUPS)
    undo_import(store, 1)
    assert importing(store, "b.csv", GROUPS).id == 2
    assert importing(store, "b.csv", GROUPS, force=True).id == 3


def test_one_unusable_file_keeps_all_files_of_the_call_out(store: Store, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GROUPS)
    (tmp_path / "bad.csv").write_text("initiator,item\nu1,\n")
    with pytest.raises(RefusedImportError, match=r"None of the 1 rows of bad\.csv"):
        import_files(store, [tmp_path / "good.csv", tmp_path / "bad.csv"])
    assert import_history(store) == []


def test_an_undo_restores_the_store_and_its_version(store: Store, importing: Import) -> None:
    importing(store, "orders.csv", ORDERS)
    before, version = read_logs(store), data_version(store)
    importing(store, "groups.csv", GROUPS)
    assert data_version(store) != version
    undone = undo_import(store, 2)
    assert (undone.users, undone.items, undone.groups, undone.members) == (4, 2, 3, 3)
    after = read_logs(store)
    assert after.version == version == before.version
    pd.testing.assert_frame_equal(after.users, before.users)
    pd.testing.assert_frame_equal(after.items, before.items)
    assert np.array_equal(after.join_participant, before.join_participant)
    assert [entry.undone for entry in import_history(store)] == [False, True]
    with pytest.raises(InputError, match="was undone already"):
        undo_import(store, 2)
    with pytest.raises(InputError, match="There is no import 9"):
        undo_import(store, 9)


def test_an_undo_keeps_users_and_attributes_that_other_imports_state(
    store: Store, importing: Import
) -> None:
    importing(store, "a.csv", "initiator,initiator_name,item,price,participants\nu1,Old,i1,10,u2\n")
    importing(store, "b.csv", "initiator,initiator_name,item,price,participants\nu1,New,i1,,u3\n")
    importing(store, "c.csv", "initiator,item,participants\nu2,i1,u3\n")
    assert entity_names(store, "users", ["u1"]) == {"u1": "New"}
    undo_import(store, 2)
    assert entity_names(store, "users", ["u1"]) == {"u1": "Old"}
    undo_import(store, 1)
    logs = read_logs(store)
    assert set(logs.users.index) == {"u2", "u3"}
    assert np.isnan(item_frame(store).loc["i1", "price"])
    undo_import(store, 3)
    assert (store_counts(store).users, store_counts(store).items) == (0, 0)
    assert data_version(store) == "empty"


def test_keys_are_never_reused(store: Store, importing: Import) -> None:
    importing(store, "a.csv", "initiator,item,participants\nu1,i1,u2\n")
    undo_import(store, 1)
    importing(store, "b.csv", "initiator,item,participants\nu9,i9,u8\nu1,i1,u2\n")
    assert list(read_logs(store).users.index) == ["u9", "u8", "u1", "u2"]
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT min(id) FROM users").scalar() == 3


def test_a_later_import_replaces_a_group_until_it_is_undone(
    store: Store, importing: Import
) -> None:
    head = "group,initiator,item,participants,status\n"
    importing(store, "monday.csv", head + "G1,u1,i1,u2,open\n")
    importing(store, "tuesday.csv", head + 'G1,u1,i1,"u2,u3",successful\n')
    logs = read_logs(store)
    assert logs.group_status.tolist() == [SUCCESSFUL]
    assert joins(logs) == {("u1", "i1", "u2"), ("u1", "i1", "u3")}
    undo_import(store, 2)
    assert read_logs(store).group_status.tolist() == [OPEN]
    assert joins(read_logs(store)) == {("u1", "i1", "u2")}


def test_members_of_a_failed_launch_are_not_joins(store: Store, importing: Import) -> None:
    importing(store, "a.csv", "initiator,item,participants,status\nu1,i1,u2,未成团\n")
    assert len(read_logs(store).join_group) == 0
    assert store_counts(store).joins == 0
    assert (user_card(store, "u1").failures, user_card(store, "u2").joins) == (1, 0)


def test_friendships_stay_until_the_last_import_that_brings_them_is_undone(
    store: Store, importing: Import
) -> None:
    importing(store, "a.csv", "user,friend\nu1,u2\n")
    importing(store, "b.csv", "用户,好友\nu2,u1\nu2,u3\n")
    assert store_counts(store).friendships == 2
    undo_import(store, 1)
    assert store_counts(store).friendships == 2
    undo_import(store, 2)
    assert store_counts(store).friendships == 0


def test_an_upload_appears_under_the_name_that_the_person_gave(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "tmp123").write_text(GROUPS)
    [report] = import_files(store, [LogFile(tmp_path / "tmp123", name="六月.csv")])
    assert (report.file, import_history(store)[0].file) == ("六月.csv", "六月.csv")


def test_a_download_of_bad_rows_contains_no_formula(store: Store, importing: Import) -> None:
    evil = '=HYPERLINK("http://x","y")'
    cell = '"' + evil.replace('"', '""') + '"'
    importing(store, "a.csv", f"initiator,item,status\nu1,i1,{cell}\nu1,i1,failed\n")
    text = spreadsheet_csv(rejected_rows(store, 1))
    assert "'=HYPERLINK" in text
    assert ',"=' not in text
    assert ",=" not in text
    assert spreadsheet_csv(pd.DataFrame({"a": ["-3", "+1", "@x", " =1", "5"]})).splitlines() == [
        "a",
        "'-3",
        "'+1",
        "'@x",
        "' =1",
        "5",
    ]


def test_row_errors_of_older_stores_keep_their_text(store: Store, importing: Import) -> None:
    importing(store, "a.csv", GROUPS.replace("failed", "perhaps"))
    with store.write() as connection:
        connection.execute(
            update(import_errors).values(problem="Written by an older version.", message=None)
        )
    [problem] = rejected_rows(store, 1)["problem"]
    assert str(problem) == "Written by an older version."


def test_refusals_cross_a_process_border_with_their_reports(
    store: Store, importing: Import
) -> None:
    with pytest.raises(RefusedImportError) as refused:
        importing(store, "a.csv", "initiator,item\nu1,\n")
    copy = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert (str(copy), copy.reports) == (str(refused.value), refused.value.reports)
