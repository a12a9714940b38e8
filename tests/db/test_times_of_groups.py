"""When groups filled and people joined: from a file into the logs, through merging and undo."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]
_NO_TIME = "NaT"


def filled(store: Store) -> list[str]:
    """When each current group filled."""
    return [str(at) for at in read_logs(store).group_filled_at]


def joined(store: Store) -> dict[str, str]:
    """Participant -> when they joined, of the current groups."""
    logs = read_logs(store)
    return {
        logs.users.index[user]: str(at)
        for user, at in zip(logs.join_participant, logs.join_at, strict=True)
    }


def said(report: ImportReport) -> list[str]:
    """The keys of the report's notes."""
    return [note.key for note in report.notes]


GROUPS = """团号,团长,商品,团员,状态,开团时间,成团时间,参团时间
G1,u1,p1,"u2,u3",已成团,2026-05-01 10:00:00,2026-05-01 12:00:00,"2026-05-01 11:00:00,2026-05-01 12:00:00"
G2,u4,p1,u5,未成团,2026-05-02 10:00:00,2026-05-03 10:00:00,2026-05-02 11:00:00
G3,u6,p1,u7,已成团,2026-05-02 10:00:00,,
"""


def test_a_file_of_groups_says_when_they_filled_and_when_people_joined(
    store: Store, importing: Import
) -> None:
    report = importing(store, "groups.csv", GROUPS)
    assert filled(store) == ["2026-05-01T12:00:00", _NO_TIME, _NO_TIME]
    assert joined(store) == {
        "u2": "2026-05-01T11:00:00",
        "u3": "2026-05-01T12:00:00",
        "u7": _NO_TIME,
    }
    assert "db.note.filled_without_success" in said(report)


ORDERS = """团号,用户id,角色,商品id,拼团状态,下单时间,支付时间,参团时间,成团时间
G1,u1,团长,p1,拼团成功,2026-05-01 10:00:00,2026-05-01 10:01:00,2026-05-01 10:02:00,2026-05-01 12:05:00
G1,u2,团员,p1,拼团成功,2026-05-01 11:00:00,2026-05-01 11:01:00,2026-05-01 11:02:00,
G1,u3,团员,p1,拼团成功,2026-05-01 12:00:00,2026-05-01 12:01:00,,
"""


def test_an_order_joins_when_it_says_so_else_when_it_was_placed(
    store: Store, importing: Import
) -> None:
    importing(store, "orders.csv", ORDERS)
    assert filled(store) == ["2026-05-01T12:05:00"]
    assert joined(store) == {"u2": "2026-05-01T11:02:00", "u3": "2026-05-01T12:00:00"}
    assert str(read_logs(store).group_launched_at[0]) == "2026-05-01T10:00:00"


def test_successful_orders_without_a_time_of_filling_state_none(
    sqlite_store: Store, importing: Import
) -> None:
    importing(sqlite_store, "orders.csv", ORDERS.replace(",成团时间", ",备注"))
    assert filled(sqlite_store) == [_NO_TIME]


def test_who_ordered_twice_joined_with_the_earlier_order(
    sqlite_store: Store, importing: Import
) -> None:
    rows = ORDERS + "G1,u2,团员,p1,拼团成功,2026-05-01 10:30:00,,,\n"
    importing(sqlite_store, "orders.csv", rows)
    assert joined(sqlite_store)["u2"] == "2026-05-01T10:30:00"


@pytest.mark.parametrize("heading", ["完成时间", "success_time", "completed_at"])
def test_a_completion_is_the_groups_in_a_file_of_groups_alone(
    sqlite_store: Store, importing: Import, heading: str
) -> None:
    groups = GROUPS.replace(",成团时间", f",{heading}")
    orders = ORDERS.replace("成团时间", heading).replace("G1", "G9")
    importing(sqlite_store, "groups.csv", groups)
    importing(sqlite_store, "orders.csv", orders)
    assert filled(sqlite_store) == ["2026-05-01T12:00:00", *[_NO_TIME] * 3]


@pytest.mark.parametrize(
    ("heading", "status"), [("成团时间", [SUCCESSFUL, FAILED]), ("完成时间", [FAILED, FAILED])]
)
def test_a_group_that_says_when_it_filled_was_successful(
    sqlite_store: Store, importing: Import, heading: str, status: list[int]
) -> None:
    rows = f"团号,团长,商品,团员,成团人数,{heading}\nG1,u1,p1,u2,3,2026-05-01 12:00:00\nG2,u3,p1,u4,3,\n"
    report = importing(sqlite_store, "groups.csv", rows)
    assert read_logs(sqlite_store).group_status.tolist() == status
    assert ("db.note.outcomes_by_filling" in said(report)) == (status[0] == SUCCESSFUL)


def test_orders_that_say_when_their_group_filled_were_successful(
    sqlite_store: Store, importing: Import
) -> None:
    rows = "团号,用户id,角色,商品id,成团人数,成团时间\nG1,u1,团长,p1,3,\nG1,u2,团员,p1,3,2026-05-01\nG2,u3,团长,p1,3,\n"
    report = importing(sqlite_store, "orders.csv", rows)
    assert read_logs(sqlite_store).group_status.tolist() == [SUCCESSFUL, FAILED]
    assert "db.note.outcomes_by_filling" in said(report)


@pytest.mark.parametrize(
    ("cell", "times"),
    [
        ('"[""2026-05-01 11:00:00"", ""2026-05-01 12:00:00""]"', ["11", "12"]),
        ("2026-05-01 11:00:00；2026-05-01 12:00:00", ["11", "12"]),
        ("2026-05-01 11:00:00；", ["11", None]),
        ("2026-05-01 11:00:00", [None, None]),
        ("2026-05-01 11:00:00；soon", ["11", None]),
    ],
)
def test_times_beside_participants_are_theirs_one_by_one(
    sqlite_store: Store, importing: Import, cell: str, times: list[str | None]
) -> None:
    rows = f'团号,团长,商品,团员,状态,参团时间\nG1,11,p1,"小明(1002),小红(1003)",已成团,{cell}\n'
    importing(sqlite_store, "groups.csv", rows)
    expected = [_NO_TIME if hour is None else f"2026-05-01T{hour}:00:00" for hour in times]
    assert joined(sqlite_store) == dict(zip(["1002", "1003"], expected, strict=True))


def test_the_initiator_in_the_list_of_people_takes_their_time_along(
    sqlite_store: Store, importing: Import
) -> None:
    rows = '团号,团长,商品,团员,状态,参团时间\nG1,u1,p1,"u1,u2",已成团,"2026-05-01 10:00:00,2026-05-01 11:00:00"\n'
    importing(sqlite_store, "groups.csv", rows)
    assert joined(sqlite_store) == {"u2": "2026-05-01T11:00:00"}


def test_json_lists_say_when_people_joined(sqlite_store: Store, importing: Import) -> None:
    row = (
        '{"group_id": "G1", "initiator": "u1", "item_id": "p1", "participants": ["u2", "u3"], "status": "success",'
        ' "filled_at": "2026-05-01 12:00:00", "joined_at": ["2026-05-01 11:00:00", null]}\n'
    )
    importing(sqlite_store, "groups.jsonl", row)
    assert filled(sqlite_store) == ["2026-05-01T12:00:00"]
    assert joined(sqlite_store) == {"u2": "2026-05-01T11:00:00", "u3": _NO_TIME}


LATER = """团号,团长,商品,团员,状态,开团时间,成团时间,参团时间
G1,u1,p1,"u2,u3,u8",已成团,2026-05-01 10:00:00,2026-05-01 13:00:00,"2026-05-01 11:30,2026-05-01 11:45,2026-05-01 13:00"
"""


def test_the_latest_word_counts_for_the_filling_and_the_earliest_for_each_join(
    store: Store, importing: Import
) -> None:
    importing(store, "groups.csv", GROUPS)
    before = filled(store), joined(store)
    importing(store, "later.csv", LATER)
    assert "2026-05-01T13:00:00" in filled(store)
    assert joined(store) == {
        "u2": "2026-05-01T11:00:00",
        "u3": "2026-05-01T11:45:00",
        "u8": "2026-05-01T13:00:00",
        "u7": _NO_TIME,
    }
    undo_import(store, 2)
    assert (filled(store), joined(store)) == before


def test_a_group_that_a_later_file_calls_failed_did_not_fill(
    sqlite_store: Store, importing: Import
) -> None:
    importing(sqlite_store, "groups.csv", GROUPS)
    later = LATER.replace("已成团", "拼团失败").replace("2026-05-01 13:00:00,", ",", 1)
    importing(sqlite_store, "later.csv", later)
    logs = read_logs(sqlite_store)
    assert FAILED in logs.group_status[np.isnat(logs.group_filled_at)]
    assert set(filled(sqlite_store)) == {_NO_TIME}


def test_the_first_order_of_a_later_months_file_is_a_join_with_its_time(
    sqlite_store: Store, importing: Import
) -> None:
    importing(sqlite_store, "may.csv", ORDERS.replace("拼团成功", "拼团中"))
    june = "团号,用户id,商品id,拼团状态,支付时间\nG1,u4,p1,拼团成功,2026-05-02 09:00:00\n"
    importing(sqlite_store, "june.csv", june)
    assert joined(sqlite_store)["u4"] == "2026-05-02T09:00:00"
    assert read_logs(sqlite_store).group_status.tolist() == [SUCCESSFUL]


def test_groups_without_a_number_keep_their_times_when_exports_overlap(
    sqlite_store: Store, importing: Import
) -> None:
    heading = "团长,商品,团员,状态,开团时间,成团时间\n"
    first = "u1,p1,u2,拼团中,2026-05-01 10:00:00,\n"
    importing(sqlite_store, "a.csv", heading + first)
    assert read_logs(sqlite_store).group_status.tolist() == [OPEN]
    importing(
        sqlite_store, "b.csv", heading + "u1,p1,u2,已成团,2026-05-01 10:00:00,2026-05-01 12:00:00\n"
    )
    assert filled(sqlite_store) == ["2026-05-01T12:00:00"]


ODD = """团号,团长,商品,团员,状态,开团时间,成团时间,截止时间,参团时间
G1,u1,p1,u2,已成团,2026-05-02 10:00:00,2026-05-01 10:00:00,2026-05-03 10:00:00,2026-05-01 09:00:00
G2,u1,p1,u2,已成团,2026-05-02 10:00:00,2026-05-04 10:00:00,2026-05-03 10:00:00,2026-05-02 11:00:00
G3,u1,p1,u2,已成团,2026-05-02 10:00:00,2026-05-03 18:00:00,2026-05-03,2026-05-02
"""


def test_times_that_contradict_each_other_are_noted(sqlite_store: Store, importing: Import) -> None:
    report = importing(sqlite_store, "groups.csv", ODD, dry_run=True, show=1)
    odd = {
        note.key: note.values["n"]
        for note in report.notes
        if "before" in note.key or "after" in note.key
    }
    assert odd == {
        "db.note.filled_before_launch": 1,
        "db.note.filled_after_deadline": 1,
        "db.note.joined_before_launch": 1,
    }
    assert report.examples[0].as_json()["filled_at"] == "2026-05-01 10:00:00"
    assert "filled 2026-05-01 10:00" in str(report.examples[0])


COREBOOT = """group,initiator,item,participants,status,launched_at,filled_at,category
g1,u1,all,,failed,2003-06-30 17:29:31,2003-06-30 17:29:31,all
g2,u2,soc/intel/apollolake,"u3,u4",successful,2016-05-11 06:53:24,2016-05-12 06:53:24,soc/intel
g3,u2,src/cpu,u3,successful,2016-05-13 06:53:24,2016-05-13 07:00:00,src
"""


def test_a_zipped_log_with_categories_of_two_levels_arrives_whole(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "groups.csv.gz"
    path.write_bytes(gzip.compress(COREBOOT.encode()))
    import_files(sqlite_store, [path])
    logs = read_logs(sqlite_store)
    assert logs.items["category"].to_dict() == {
        "all": "all",
        "soc/intel/apollolake": "soc/intel",
        "src/cpu": "src",
    }
    assert filled(sqlite_store) == [_NO_TIME, "2016-05-12T06:53:24", "2016-05-13T07:00:00"]
    assert str(logs.group_launched_at[0]) == "2003-06-30T17:29:31"
