"""Files as shops really export them are imported whole, and the store holds what the report counts."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.errors import InputError
from db.importing.answers import Answers
from db.importing.log_file import LogFile
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.importing.readers.ids import has_lost_digits, split_participants, tidy_ids
from db.importing.report import ImportReport
from db.queries.entities import store_counts
from db.read_logs import read_logs
from db.shop_clock import set_shop_zone
from db.store import Store

Import = Callable[..., ImportReport]


def stored(store: Store) -> tuple[int, int, int, int]:
    """Users, items, groups and joins, counted in the store after the commit."""
    found = store_counts(store)
    return found.users, found.items, found.groups, found.joins


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_title_blank_lines_and_empty_rows_around_the_table_are_skipped(
    sqlite_store: Store, importing: Import, encoding: str, end: str
) -> None:
    lines = ["六月拼团,,", "", "团长,商品,团员", "u1,i1,u2", ",,", "u3,i1,", "", "  ", ",,", ""]
    report = importing(sqlite_store, "a.csv", end.join(lines).encode(encoding))
    assert (report.accepted, report.rejected) == (2, 0)
    assert report.states == {"successful": 1, "failed": 1, "open": 0}
    assert stored(sqlite_store) == (3, 1, 2, 1)


def test_a_heading_in_the_second_line_is_found_and_can_be_chosen(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    text = "team report,june,all,\ninitiator,item,participants,status\nu1,i1,u2,failed\nu3,,u4,\n"
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, [error.line for error in report.errors]) == (1, [4])
    assert preview_file(tmp_path / "a.csv").heading_line == 2
    chosen = preview_file(tmp_path / "a.csv", answers=Answers(heading_line=1))
    assert (chosen.heading_line, chosen.shape) == (1, "")
    assert chosen.problem is not None
    assert chosen.problem.missing == ("initiator", "item")
    with pytest.raises(InputError, match="Line 9 cannot hold the headings"):
        preview_file(tmp_path / "a.csv", answers=Answers(heading_line=9))


def test_line_breaks_inside_quotation_marks_are_content(
    sqlite_store: Store, importing: Import
) -> None:
    text = '团长,团长昵称,商品,团员\r\nu1,"豆豆\r\n妈",i1,"u2\r\nu3"\r\nu4,,i1,"u5\nu6,u7"\r\n'
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (2, 0)
    assert stored(sqlite_store) == (7, 1, 2, 5)
    assert read_logs(sqlite_store).users["name"].iloc[0] == "豆豆\r\n妈"


def test_an_unclosed_quotation_mark_before_participants_costs_only_its_row(
    sqlite_store: Store, importing: Import
) -> None:
    text = 'initiator,item,participants\nu1,i1,"u2\nu3,i1,u4\nu5,i1,"u6,u7"\nu8,i1,"u9\nu3,i2,u4\n'
    report = importing(sqlite_store, "a.csv", text)
    assert report.accepted + report.rejected == 5
    assert report.accepted >= 3
    assert "u6" in read_logs(sqlite_store).users.index


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("u2,u3", ["u2", "u3"]),
        ("u2; u3", ["u2", "u3"]),
        ("u2，u3；u4", ["u2", "u3", "u4"]),
        ("u2、u3|u4｜u5", ["u2", "u3", "u4", "u5"]),
        ("u2 u3\u3000u4", ["u2", "u3", "u4"]),
        ("u2 u3,u4", ["u2", "u3", "u4"]),
        (" u2 ,, u3 ; ", ["u2", "u3"]),
        ("Anna Lee, Bob", ["Anna Lee", "Bob"]),
        ('["u 2", 3]', ["u 2", "3"]),
        ("[u2,u3]", ["[u2", "u3]"]),
        ("", []),
        (" ,；", []),
    ],
)
def test_participants_in_one_cell_may_use_any_common_separator(
    cell: str, people: list[str]
) -> None:
    assert split_participants(cell) == people


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        ("123.0", "123"),
        ("1.0E+05", "100000"),
        ("1E+05", "100000"),
        ("1.23457E5", "123457"),
        ("1.2345E+10", "12345000000"),
        ("1.23456789012E+11", "123456789012"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ("0012", "0012"),
        ("5E12", "5E12"),
        ("1.5", "1.5"),
        ("1.25E+01", "1.25E+01"),
        ("v1.0", "v1.0"),
    ],
)
def test_a_spreadsheets_change_of_an_id_is_reverted_where_the_original_is_certain(
    cell: str, id: str
) -> None:
    assert tidy_ids([cell]) == [id]


def test_an_id_that_lost_its_last_digits_is_rejected(
    sqlite_store: Store, importing: Import
) -> None:
    assert [has_lost_digits(id) for id in ("1.23457E+11", "1E+15", "1.23457E+05", "9E15")] == [
        True,
        True,
        False,
        False,
    ]
    text = (
        "initiator,item,participants\n1.23457E+11,i1,u2\nu3,2E+14,\nu4,i1,1.2E+12;u5\n7.0,i1,8.0\n"
    )
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (1, 3)
    assert {error.line for error in report.errors} == {2, 3, 4}
    keys = [error.problem.key for error in report.errors]
    assert keys == [
        "db.row.lost_digits",
        "db.row.lost_digits",
        "db.row.participant_lost_digits",
    ]
    assert list(read_logs(sqlite_store).users.index) == ["7", "8"]


def test_numbers_changed_by_a_spreadsheet_mean_the_same_users(
    sqlite_store: Store, importing: Import
) -> None:
    head = "团长,商品,团员,几人团,原价,开团时间\n"
    importing(sqlite_store, "a.csv", head + "100000,7,123;9,3,1000,2025-06-30 21:00:00\n")
    importing(sqlite_store, "b.csv", head + "1.0E+05,7.0,123.0,2.0,1.0E+03,45838.875\n")
    assert stored(sqlite_store) == (3, 1, 1, 2)  # initiator, item and time are those of one launch
    logs = read_logs(sqlite_store)
    assert logs.items["price"].tolist() == [1000.0]
    assert len(set(logs.group_launched_at.tolist())) == 1


def test_dates_in_several_forms_mean_the_same_and_ambiguous_ones_are_rejected(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    head = "initiator,item,participants,launched_at\n"
    forms = ["2025/6/1 9:05", "2025年6月1日 9:05", "2025-06-01T17:05:00+08:00", "1748768700"]
    forms += ["20250601090500", "1 Jun 2025 09:05"]
    set_shop_zone(sqlite_store, "UTC")
    report = importing(
        sqlite_store, "a.csv", head + "".join(f"u{k},i1,v,{form}\n" for k, form in enumerate(forms))
    )
    assert (report.accepted, report.rejected) == (6, 0)
    assert set(read_logs(sqlite_store).group_launched_at) == {np.datetime64("2025-06-01T09:05:00")}

    path = tmp_path / "ambiguous.csv"
    path.write_text(head + "a,i1,v,01/02/2025\nb,i1,v,05/05/2025\n")
    [report] = import_files(sqlite_store, [path], dry_run=True)
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.errors[0].problem.key == "db.row.ambiguous_date"
    chosen = LogFile(path, answers=Answers(dates="day"))
    assert import_files(sqlite_store, [chosen])[0].accepted == 2
    assert np.datetime64("2025-02-01T00:00:00") in read_logs(sqlite_store).group_launched_at

    path.write_text(head + "a,i1,v,03/04/2025\nb,i1,v,4/28/2025\n")
    assert preview_file(path).dates == "month"
    assert import_files(sqlite_store, [path])[0].accepted == 2
    assert np.datetime64("2025-03-04T00:00:00") in read_logs(sqlite_store).group_launched_at


def test_encoding_and_delimiter_can_be_chosen(sqlite_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "big5.csv"
    path.write_bytes("備註;initiator,x;item;participants\n王,1;u1;繪本;u2\n".encode("big5"))
    answers = Answers(encoding="big5", delimiter=";")
    seen = preview_file(path, answers=answers)
    assert seen.mapping == {
        "備註": None,
        "initiator,x": None,
        "item": "item",
        "participants": "participants",
    }
    columns = {"initiator,x": "initiator"}
    [report] = import_files(
        sqlite_store, [LogFile(path, answers=replace(answers, columns=columns))]
    )
    assert (report.accepted, list(read_logs(sqlite_store).items.index)) == (1, ["繪本"])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_chinese_word_is_enough_to_detect_the_encoding(
    sqlite_store: Store, importing: Import, encoding: str
) -> None:
    first = "团长,商品,团员\nu1,i1,\n"
    last = "initiator,item,participants\n" + "u1,i1,\n" * 20_000 + "u2,绘本,"
    assert importing(sqlite_store, "a.csv", first.encode(encoding)).accepted == 1
    assert importing(sqlite_store, "b.csv", last.encode(encoding)).accepted == 20_001
    assert list(read_logs(sqlite_store).items.index) == ["i1", "绘本"]


def test_unknown_headings_are_shown_and_can_be_mapped(sqlite_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("report\nwho|what|,|with\nu1|i1|x|u2;u3\n")
    seen = preview_file(path)
    assert (seen.delimiter, seen.heading_line, seen.shape) == ("|", 2, "")
    assert list(seen.rows.columns) == ["who", "what", ",", "with"]
    with pytest.raises(InputError, match="no recognised heading; it has 'who'"):
        import_files(sqlite_store, [path])
    columns = {"who": "initiator", "what": "item", "with": "participants"}
    [report] = import_files(sqlite_store, [LogFile(path, answers=Answers(columns=columns))])
    assert report.new == {"users": 3, "items": 1, "groups": 1, "members": 2, "friendships": 0}


def test_empty_and_repeated_headings_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("initiator,,item,,note,note\nu1,a,i1,b,c,d\n")
    columns = list(preview_file(path).rows.columns)
    assert columns == ["initiator", " (1)", "item", " (2)", "note", "note (2)"]


def zipped(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "initiator,item\nu1,i1\n")
    return packed.getvalue()


def tarred() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        found = tarfile.TarInfo("a.csv")
        found.size = 4
        archive.addfile(found, io.BytesIO(b"a,b\n"))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped("xl/workbook.xml"), "is a damaged or incomplete workbook.* CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "is a damaged or incomplete workbook.* CSV UTF-8"),
        (
            b"<html><form><table><tr><td>1</td></tr></table></form>",
            "is a web page without a table, such as the page where one signs in",
        ),
        (b"%PDF-1.7 x", "is a PDF. Export the logs as CSV"),
        (tarred(), "is a tar archive. Unpack it"),
        (gzip.compress(gzip.compress(b"1\t2\t3\n")), "is packed with gzip twice"),
        (gzip.compress(b""), "nothing but blank space"),
        (gzip.compress(b"initiator,item\n" * 9000)[:-9], "damaged or incomplete gzip"),
        (b"\x1f\x8b\x08 no gzip at all", "damaged or incomplete gzip"),
    ],
)
def test_files_that_are_not_logs_are_refused_with_the_next_step(
    sqlite_store: Store, importing: Import, content: bytes, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        importing(sqlite_store, "logs.csv", content)
    assert stored(sqlite_store) == (0, 0, 0, 0)


def test_a_truncated_parquet_file_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    rows = pd.DataFrame({"initiator": [f"u{k}" for k in range(999)], "item": "i", "status": "open"})
    pq.write_table(pa.Table.from_pandas(rows), whole)
    content = whole.read_bytes()
    for kept in (6, len(content) // 2, len(content) - 3):
        (tmp_path / "cut.parquet").write_bytes(content[:kept])
        with pytest.raises(InputError, match="damaged or incomplete Parquet"):
            import_files(sqlite_store, [tmp_path / "cut.parquet"])
        with pytest.raises(InputError, match="damaged or incomplete Parquet"):
            preview_file(tmp_path / "cut.parquet")
    assert import_files(sqlite_store, [whole])[0].accepted == 999
