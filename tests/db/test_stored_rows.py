"""What the first groups of a file will be in the store is shown before anything is written."""

import json
from datetime import datetime

import pytest

from db.command import main
from db.importing.answers import NO_ANSWERS
from db.importing.log_file import LogFile, read_log
from db.importing.pipeline import import_files
from db.importing.readers.source import examine_file
from db.importing.stored_rows import Named, StoredGroup, stored_groups
from db.queries.entities import store_counts
from db.store import Store

ORDERS = (
    "团号,用户ID,昵称,角色,商品ID,商品名称,支付状态,支付时间,成团人数\n"
    "G1,u1,小雨,团长,p1,凤梨酥,已支付,2026-05-01 10:00:00,3\n"
    "G1,u2,阿宏,团员,p1,凤梨酥,已支付,2026-05-01 11:00:00,3\n"
    "G2,u4,,团长,p2,,已支付,2026-05-03 10:00:00,2\n"
    "G1,u3,,团员,p1,凤梨酥,已支付,2026-05-01 12:00:00,3\n"
)
FIRST = StoredGroup(
    group="G1",
    initiator=Named("u1", "小雨"),
    item=Named("p1", "凤梨酥"),
    participants=(Named("u2", "阿宏"), Named("u3")),
    status="successful",
    launched_at=datetime(2026, 5, 1, 10, 0),
    target_size=3,
    expires_at=None,
)


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def test_a_dry_run_shows_the_first_groups_as_an_import_would_store_them(orders, tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/shop.db")
    (report,) = import_files(store, [orders], dry_run=True, show=1)
    assert report.examples == (FIRST,)
    assert store_counts(store).groups == 0
    (report,) = import_files(store, [orders], show=9)
    assert [group.group for group in report.examples] == ["G1", "G2"]
    assert report.examples[1].participants == ()


def test_a_sample_of_the_first_rows_is_read_like_the_whole_file(orders):
    source = examine_file(orders)
    staged, report = read_log(LogFile(orders), source, "auto", NO_ANSWERS, limit=3)
    assert (report.accepted, report.rejected) == (3, 0)
    first, second = stored_groups(staged)
    assert first.participants == (Named("u2", "阿宏"),)  # the third joined further down
    assert second.group == "G2"


def test_the_command_prints_groups_as_people_and_as_programs_read_them(
    orders, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tmp_path}/shop.db")
    assert main(["import", str(orders), "--dry-run", "--show", "1"]) == 0
    said = capsys.readouterr().out
    assert "G1: 小雨 (u1) launched 凤梨酥 (p1); joined by 阿宏 (u2), u3; successful, 3 of 3" in said
    assert "launched 2026-05-01 10:00" in said
    assert main(["import", str(orders), "--dry-run", "--show", "1", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)[0]["examples"]
    assert (shown["initiator"]["name"], shown["launched_at"]) == ("小雨", "2026-05-01 10:00:00")
