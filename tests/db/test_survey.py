"""The whole file decides how its columns are read: states, decimal signs, dates, and what has to be asked."""

from collections.abc import Callable

import numpy as np
import pytest

from db.importing import log_file
from db.importing.answers import Answers
from db.importing.readers import delimited
from db.importing.report import ImportReport, RefusedImportError
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.read_logs import read_logs
from db.shop_clock import set_shop_zone, shop_zone
from db.store import Store

Import = Callable[..., ImportReport]


def test_unknown_words_are_asked_once_with_their_counts_and_hold_back_their_groups(
    sqlite_store: Store, importing: Import
) -> None:
    text = (
        "团号,用户id,角色,商品id,订单状态\n"
        "G1,u1,团长,p1,已支付\nG1,u2,团员,p1,未核销\nG2,u3,团长,p1,已支付\nG2,u4,团员,p1,未核销\n"
        "G3,u5,团长,p1,已支付\nG3,u6,团员,p1,已收货\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    [question] = report.questions
    assert (question.kind, question.column, question.values) == (
        "states",
        "订单状态",
        (("未核销", 2),),
    )
    assert "--state 未核销=" in str(question.message)
    assert (report.accepted, report.rejected) == (2, 4)
    said = Answers(states={"未核销": "paid"})
    report = importing(sqlite_store, "a.csv", text, answers=said, force=True)
    assert (report.accepted, report.questions) == (6, ())


def test_codes_are_asked_or_read_as_a_person_says(sqlite_store: Store, importing: Import) -> None:
    text = "group,initiator,item,participants,status\n1,u1,p1,u2,2\n2,u2,p1,,3\n3,u3,p1,,1\n"
    with pytest.raises(RefusedImportError, match="--state WORD=MEANING") as refused:
        importing(sqlite_store, "a.csv", text)
    [question] = refused.value.reports[0].questions
    assert question.values == (("2", 1), ("3", 1), ("1", 1))
    said = Answers(states={"1": "open", "status:2": "successful", "3": "failed"})
    importing(sqlite_store, "a.csv", text, answers=said)
    assert read_logs(sqlite_store).group_status.tolist() == [SUCCESSFUL, FAILED, OPEN]


def test_completed_says_nothing_of_a_group_where_the_column_holds_states_of_orders(
    sqlite_store: Store, importing: Import
) -> None:
    text = (
        "团号,用户id,角色,商品id,状态,成团人数\n"
        "G1,u1,团长,p1,completed,3\nG1,u2,团员,p1,refunded,3\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    assert SUCCESSFUL not in read_logs(sqlite_store).group_status.tolist()
    assert any(
        "says of the order" in str(n) or "is said of the order" in str(n) for n in report.notes
    )


def test_states_of_payments_and_refunds_count_beside_the_order_s(
    sqlite_store: Store, importing: Import
) -> None:
    text = (
        "团号,用户id,角色,商品id,订单状态,是否支付,退款状态\n"
        "G1,u1,团长,p1,已发货,1,\n"
        "G1,u2,团员,p1,已发货,1,退款成功\n"
        "G1,u3,团员,p1,已发货,0,\n"
        "G1,u4,团员,p1,已发货,1,退款关闭\n"
        "G1,u5,团员,p1,已发货,1,部分退款\n"
    )
    importing(sqlite_store, "a.csv", text)
    logs = read_logs(sqlite_store)
    assert sorted(logs.users.index[logs.join_participant]) == ["u4", "u5"]


def test_the_decimal_sign_is_that_of_the_column_in_whatever_chunk_it_shows(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "ROWS_PER_CHUNK", 1)
    text = "initiator;item;participants;price\nu1;p1;u2;1.299\nu2;p2;u3;19,90\n"
    importing(sqlite_store, "a.csv", text)
    assert read_logs(sqlite_store).items["price"].tolist() == [1299, 19.9]


def test_amounts_that_may_be_read_either_way_are_asked(
    sqlite_store: Store, importing: Import
) -> None:
    text = "initiator,item,participants,price\nu1,p1,u2,1.299\n"
    report = importing(sqlite_store, "a.csv", text)
    assert [one.kind for one in report.questions] == ["decimals"]
    assert read_logs(sqlite_store).items["price"].isna().all()
    importing(sqlite_store, "a.csv", text, answers=Answers(decimals="comma"), force=True)
    assert read_logs(sqlite_store).items["price"].tolist() == [1299]


def test_cells_that_a_log_can_do_without_cost_themselves_and_are_counted(
    sqlite_store: Store, importing: Import
) -> None:
    text = (
        "团号,用户id,角色,商品id,订单状态,支付时间,成团人数,原价\n"
        "G1,u1,团长,p1,已支付,2026-05-01 10:00:00,2,19.9\n"
        "G1,u2,团员,p1,已支付,昨天 10:05,很多,面议\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (2, 0)
    notes = "\n".join(map(str, report.notes))
    for column, example in (("支付时间", "昨天 10:05"), ("成团人数", "很多"), ("原价", "面议")):
        assert f"Column '{column}': 1 cells could not be read" in notes
        assert f"'{example}' in line 3" in notes


@pytest.mark.parametrize(
    "word", ["无", "-", "—", "NULL", "nan", "NaN", "None", r"\N", "暂无", "#N/A", "（空）", "/"]
)
def test_words_for_nothing_are_nothing_in_every_column(
    sqlite_store: Store, importing: Import, word: str
) -> None:
    text = (
        "group,initiator,item,participants,status,launched_at,expires_at,price,target_size,initiator_name\n"
        f"{word},u1,p1,{word},failed,{word},{word},{word},{word},{word}\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (1, 0)
    assert not any(note.key == "db.note.unread_cells" for note in report.notes)
    logs = read_logs(sqlite_store)
    assert (list(logs.users.index), len(logs.join_group)) == (["u1"], 0)
    assert logs.users["name"].isna().all()


def test_day_and_hour_may_stand_in_two_columns(sqlite_store: Store, importing: Import) -> None:
    importing(
        sqlite_store, "a.csv", "团长,商品,团员,开团日期,开团时间\nu1,p1,u2,2026-05-01,10:00:00\n"
    )
    assert read_logs(sqlite_store).group_launched_at[0] == np.datetime64("2026-05-01T10:00:00")


def test_the_first_import_guesses_the_zone_and_a_note_says_which(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    report = importing(sqlite_store, "a.csv", "团长,商品,团员,开团时间\nu1,p1,u2,1777600000\n")
    assert (shop_zone(sqlite_store).name, shop_zone(sqlite_store).source) == (
        "Asia/Shanghai",
        "guessed",
    )
    assert any("Asia/Shanghai" in str(note) for note in report.notes)
    assert read_logs(sqlite_store).group_launched_at[0] == np.datetime64("2026-05-01T09:46:40")


def test_a_later_file_does_not_move_the_clock_of_the_logs_that_are_there(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    importing(
        sqlite_store,
        "a.csv",
        "initiator,item,participants,launched_at\nu1,p1,u2,2026-05-01 10:00:00\n",
    )
    importing(sqlite_store, "items.csv", "商品ID,商品名称,库存,上架时间\np1,米糊,0,2026-05-01\n")
    assert shop_zone(sqlite_store).source == "machine"


def test_a_zone_that_was_said_is_the_clock_of_every_file(
    sqlite_store: Store, importing: Import
) -> None:
    set_shop_zone(sqlite_store, "America/New_York")
    text = "团长,商品,团员,开团时间\nu1,p1,u2,2026-05-01 10:00:05 -0400\nu1,p2,u2,2026-01-01T15:00:00Z\n"
    importing(sqlite_store, "a.csv", text)
    launched = [str(time) for time in read_logs(sqlite_store).group_launched_at]
    assert launched == ["2026-05-01T10:00:05", "2026-01-01T10:00:00"]


def test_ids_with_thousands_are_whole(sqlite_store: Store, importing: Import) -> None:
    text = '团号,团长,商品,团员\n"1,001","12,345","98,765","22,333;44,555"\n'
    importing(sqlite_store, "a.csv", text)
    assert list(read_logs(sqlite_store).users.index) == ["12345", "22333", "44555"]


def test_a_file_without_such_columns_is_read_once(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []

    def counting(*arguments: object) -> object:
        reads.append(arguments)
        return delimited.read_csv(*arguments)

    monkeypatch.setitem(log_file._READERS, "csv", counting)
    importing(sqlite_store, "a.csv", "initiator,item,participants\nu1,p1,u2\n")
    assert len(reads) == 1


NIUSHOP = (
    "group_id,goods_id,head_id,pintuan_num,pintuan_count,create_time,end_time,status\n"
    "1,88,501,3,3,1760000000,1760086400,3\n"
    "2,88,504,3,1,1760100000,1760186400,1\n"
    "3,90,506,2,1,1764200000,1764286400,2\n"
)


def test_codes_are_read_where_counts_and_deadlines_prove_them(
    sqlite_store: Store, importing: Import
) -> None:
    """3 are full groups; 1 ran out before the latest launch of the file, 2 did not."""
    report = importing(sqlite_store, "a.csv", NIUSHOP)
    assert read_logs(sqlite_store).group_status.tolist() == [SUCCESSFUL, FAILED, OPEN]
    assert any("1=failed, 2=open, 3=successful" in str(note) for note in report.notes)


@pytest.mark.parametrize(
    "contradiction",
    ["4,90,507,2,1,1764200000,1764286400,3\n",  # 3 is not full
     "4,90,507,2,2,1764200000,1764286400,1\n",  # 1 is full
     "4,90,507,2,1,1764200000,,1\n"],
)  # fmt: skip
def test_codes_that_counts_do_not_prove_are_asked(
    sqlite_store: Store, importing: Import, contradiction: str
) -> None:
    with pytest.raises(RefusedImportError, match="--state"):
        importing(sqlite_store, "a.csv", NIUSHOP + contradiction)
