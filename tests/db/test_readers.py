"""Files are recognised by their content, read in every format, and refused if they cannot be used."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.errors import InputError
from db.importing.answers import Answers
from db.importing.assembly.seats import is_nobody
from db.importing.nothing import NOTHING
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.importing.readers.cell_text import clean_cell, clean_cells
from db.importing.readers.ids import tidy_ids
from db.importing.report import ImportReport, RefusedImportError
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]

CHINESE = (
    "团长,团长昵称,商品,团员,成团状态\nu1,豆豆妈,奶粉一段,u2、u3,成团\nu2,糖糖爸,绘本,,未成团\n"
)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_with_any_delimiter_encoding_and_line_end(
    sqlite_store: Store, importing: Import, delimiter: str, encoding: str, end: str
) -> None:
    text = CHINESE.replace(",", delimiter).replace("\n", end)
    report = importing(sqlite_store, "logs.dat", text.encode(encoding))
    assert (report.format, report.accepted, report.rejected) == ("csv", 2, 0)
    logs = read_logs(sqlite_store)
    assert logs.users["name"].dropna().tolist() == ["豆豆妈", "糖糖爸"]
    assert list(logs.items.index) == ["奶粉一段", "绘本"]
    assert logs.group_status.tolist() == [SUCCESSFUL, FAILED]
    assert len(logs.join_group) == 2


def test_the_format_does_not_depend_on_the_extension(
    sqlite_store: Store, importing: Import
) -> None:
    rows = '{"initiator": "a", "item": "b", "participants": ["c"]}\n'
    assert importing(sqlite_store, "a.csv", rows).format == "jsonl"
    assert importing(sqlite_store, "b.parquet", CHINESE).format == "csv"
    assert importing(sqlite_store, "c.jsonl", gzip.compress(b"1\t2\t3\n")).format == "beibei"


def test_without_roles_the_first_order_launches(sqlite_store: Store, importing: Import) -> None:
    text = (
        "group,user,item,time\nG1,late,i1,2025-06-01 12:00\nG1,first,i1,2025-06-01 10:00\n"
        "G2,a,i1,2025-06-02 10:00\nG2,b,i1,2025-06-02 10:00\n"
    )
    importing(sqlite_store, "a.csv", text)
    logs = read_logs(sqlite_store)
    assert logs.users.index[logs.group_initiator].tolist() == ["first", "a"]


def test_orders_may_name_the_initiator_in_each_row(sqlite_store: Store, importing: Import) -> None:
    text = "团号,团长ID,用户ID,商品ID,订单状态\nT1,a,b,i,已支付\nT1,a,a,i,已支付\nT1,a,c,i,已取消\n"
    importing(sqlite_store, "a.csv", text)
    logs = read_logs(sqlite_store)
    assert logs.users.index[logs.group_initiator].tolist() == ["a"]
    assert logs.users.index[logs.join_participant].tolist() == ["b"]


def test_a_file_of_failed_launches_has_no_participants(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "swapped.txt").write_text("1\t2\t3\n4\t5\t6\n")
    with pytest.raises(RefusedImportError, match="nobody joins a failed launch"):
        import_files(sqlite_store, [], [tmp_path / "swapped.txt"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \n", "nothing but blank space"),
        (b"initiator,item\n", "has no rows below its heading"),
        (b"name,phone\nx,1\n", "The column initiator .* is missing"),
        (b"a b c\nd e f\n", "no recognised heading"),
        (b"initiator,participants\nx,y\n", "The column item .* is missing"),
        (b"group,user,role\nx,y,z\n", "The column item .* is missing"),
        (bytes(range(256)) * 20, "is not (a text file|text)"),
        (b"\xfd\xfe\xff\xff\xfb\xff,\x80\xff\n" * 30, "is not (a text file|text)"),
        (b"PK\x03\x04" + b"x" * 100, "is a zip archive. Unpack it"),
        (b"PAR1 and then nothing", "damaged or incomplete Parquet"),
        (gzip.compress(b"1\t2\t3\n" * 1000)[:-20], "damaged or incomplete gzip"),
        (b'[{"initiator": 1}]', "The column item .* is missing"),
        (b'[{"initiator": 1}, {', "is damaged or incomplete JSON"),
        (b'{"initiator": "a"}\n', "The column item .* is missing"),
    ],
)
def test_an_unusable_file_is_refused_with_a_sentence(
    sqlite_store: Store, importing: Import, content: bytes, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        importing(sqlite_store, "logs.csv", content)
    assert read_logs(sqlite_store).version == "empty"


def test_a_missing_file_and_a_folder_are_refused_by_name(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"There is no file .*nowhere\.csv"):
        import_files(sqlite_store, [tmp_path / "nowhere.csv"])
    with pytest.raises(InputError, match="is a folder"):
        import_files(sqlite_store, [tmp_path])


def test_the_size_is_limited_before_and_after_unpacking(
    sqlite_store: Store, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMGBR_UPLOAD_MB", "1")
    rows = b"1\t2\t3\n" * 200_000
    with pytest.raises(InputError, match="is larger than 1 MB"):
        importing(sqlite_store, "a.txt", rows)
    with pytest.raises(InputError, match="unpacks to more than 10 MB"):
        importing(sqlite_store, "a.txt.gz", gzip.compress(rows * 9))


def test_a_parquet_file_with_a_huge_repeated_value_is_refused(
    sqlite_store: Store, tmp_path: Path
) -> None:
    table = pa.table(
        {
            "initiator": pa.DictionaryArray.from_arrays(
                pa.array([0] * 50, pa.int32()), pa.array(["x" * 2_000_000])
            ),
            "item": ["i"] * 50,
        }
    )
    pq.write_table(table, tmp_path / "bomb.parquet")
    with pytest.raises(InputError, match="a value of 2000000 bytes"):
        import_files(sqlite_store, [tmp_path / "bomb.parquet"])


def test_parquet_keeps_integers_and_lists(sqlite_store: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "initiator": [12, 13],
            "item": [7.0, 8.0],
            "participants": [[1, 2], []],
            "launched_at": pd.to_datetime(["2025-06-01 10:00:01", None]),
            "status": ["open", None],
            "price": [19.9, None],
        }
    )
    frame.to_parquet(tmp_path / "logs.dat")
    [report] = import_files(sqlite_store, [tmp_path / "logs.dat"])
    assert (report.format, report.accepted) == ("parquet", 2)
    logs = read_logs(sqlite_store)
    assert list(logs.users.index) == ["12", "1", "2", "13"]
    assert list(logs.items.index) == ["7", "8"]
    assert logs.group_status.tolist() == [OPEN, FAILED]
    assert str(logs.group_launched_at[0]) == "2025-06-01T10:00:01"


def test_columns_can_be_mapped_by_hand(sqlite_store: Store, importing: Import) -> None:
    text = "who,item,what,state\nu1,i9,i1,weird\n"
    columns = {"who": "initiator", "what": "item", "item": "", "state": ""}
    said = Answers(columns=columns, undecided="failed")
    assert importing(sqlite_store, "a.csv", text, answers=said).accepted == 1
    assert list(read_logs(sqlite_store).items.index) == ["i1"]
    with pytest.raises(InputError, match="There is no field 'whatever'"):
        importing(sqlite_store, "b.csv", text + "\n", answers=Answers(columns={"who": "whatever"}))


def test_a_preview_shows_how_a_file_would_be_read(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_bytes((CHINESE.replace("成团状态", "备注")).encode("gb18030"))
    seen = preview_file(path)
    assert (seen.format, seen.shape, seen.delimiter, seen.encoding) == (
        "csv",
        "groups",
        ",",
        "gb18030",
    )
    assert seen.mapping == {
        "团长": "initiator",
        "团长昵称": "initiator_name",
        "商品": "item",
        "团员": "participants",
        "备注": None,
    }
    assert seen.rows.iloc[0].tolist() == ["u1", "豆豆妈", "奶粉一段", "u2、u3", "成团"]


# An id is any text without control characters; hidden signs are no part of it, nor of a name, and signs that stand
# between a name and a number divide it.
ids = (
    st.text(
        st.characters(
            blacklist_categories=("Cs", "Cc"),
            blacklist_characters="/／|｜\\()（）[]【】<>《》#＃:：-_,;，；、 ",
        ),
        min_size=1,
        max_size=30,
    )
    .map(clean_cell)
    .filter(lambda id: id and id != "0" and not is_nobody(id) and tidy_ids([id]) == [id])
)
shop_names = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r")).map(
    clean_cell
)
shop_groups = (
    st.lists(
        st.tuples(ids, ids, st.lists(ids, max_size=4, unique=True), shop_names),
        min_size=1,
        max_size=6,
    )
    .map(lambda rows: [row for row in rows if row[0] not in row[2]])
    .filter(bool)
    # A word such as None or - is nothing, in whatever column.
    .filter(lambda rows: all(NOTHING.isdisjoint([a, b, *c, d]) for a, b, c, d in rows))
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=shop_groups, form=st.sampled_from(["csv", "jsonl"]))
@example(rows=[("a", "00", ["0+0"], "")], form="csv")
def test_any_text_survives_an_import(
    tmp_path: Path, sqlite_store: Store, rows: list, form: str
) -> None:
    path = tmp_path / "any"
    records = [
        {"initiator": initiator, "item": item, "participants": members, "item_name": name}
        for initiator, item, members, name in rows
    ]
    if form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in records), newline="")
    else:
        frame = pd.DataFrame(records)
        frame["participants"] = [json.dumps(row[2]) for row in rows]
        # With a mark: a single sign may be a sign of another encoding too.
        frame.to_csv(path, index=False, encoding="utf-8-sig")
    [report] = import_files(sqlite_store, [path], file_format=form, force=True)
    assert (report.accepted, report.errors) == (len(rows), [])
    logs = read_logs(sqlite_store)
    last = range(len(logs.group_item) - len(rows), len(logs.group_item))
    for group, (initiator, item, members, _) in zip(last, rows, strict=True):
        assert logs.users.index[logs.group_initiator[group]] == initiator
        assert logs.items.index[logs.group_item[group]] == item
        joined = logs.join_participant[logs.join_group == group]
        assert set(logs.users.index[joined]) == set(members)
    names = {item: name for _, item, _, name in rows if name}
    assert logs.items["name"].reindex(list(names)).to_dict() == names


def test_headings_over_two_rows_are_joined(sqlite_store: Store, importing: Import) -> None:
    text = "团号,商品,,用户,,订单\n,ID,名称,ID,昵称,状态\nG1,p1,毛巾,u1,小明,已支付\nG1,p1,毛巾,u2,小红,已支付\n"
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (2, 0)
    logs = read_logs(sqlite_store)
    assert logs.items["name"].to_dict() == {"p1": "毛巾"}
    assert logs.users["name"].to_dict() == {"u1": "小明", "u2": "小红"}


def test_headings_with_line_breaks_are_whole(sqlite_store: Store, importing: Import) -> None:
    text = '"团号\n(系统)","团长\n用户ID","商品\nID",团员,"开团\n时间"\nG1,u1,p1,"u2,u3",2026-05-01 10:00\n'
    report = importing(sqlite_store, "a.csv", text)
    assert (report.accepted, report.rejected) == (1, 0)
    assert len(read_logs(sqlite_store).join_group) == 2


@pytest.mark.parametrize("cells", ["p1,毛巾", "毛巾,p1"])
def test_of_identical_headings_the_content_tells_which_has_the_ids(
    sqlite_store: Store, importing: Import, tmp_path: Path, cells: str
) -> None:
    text = f"团号,团长,商品,商品,团员\nG1,u1,{cells},u2\n"
    importing(sqlite_store, "a.csv", text)
    assert read_logs(sqlite_store).items["name"].to_dict() == {"p1": "毛巾"}
    chosen = Answers(columns={"商品": "", "商品 (2)": "item"})
    assert preview_file(tmp_path / "a.csv", answers=chosen).mapping["商品 (2)"] == "item"


@pytest.mark.parametrize(
    ("cell", "clean"),
    [
        ("\u200bu1\u00a0", "u1"),
        ("u\u00ad1\ufeff", "u1"),
        ("\u202au1\u202c", "u1"),
        ("张\u3000三", "张 三"),
        ("`0012", "0012"),
        ("`u7,u8`", "u7,u8"),
        ("'0012", "0012"),
        ('="0012"', "0012"),
        ("0012\t", "0012"),
        ("'t Hof", "'t Hof"),
        ("👨\u200d👩\u200d👧妈妈", "👨\u200d👩\u200d👧妈妈"),
        ("u\u200d1", "u1"),
        ("Lily 妈妈", "Lily 妈妈"),
    ],
)
def test_hidden_signs_are_no_part_of_a_cell(cell: str, clean: str) -> None:
    assert clean_cell(cell) == clean
    assert clean_cells([cell, "x"]) == [clean, "x"]


def test_quotation_marks_behind_a_blank_are_quotation_marks(
    sqlite_store: Store, importing: Import
) -> None:
    importing(sqlite_store, "a.csv", 'initiator, item, participants\n"u1", "p1", "u2, u3"\n')
    assert list(read_logs(sqlite_store).users.index) == ["u1", "u2", "u3"]


def test_objects_in_the_rows_of_json_have_their_keys_read(
    sqlite_store: Store, importing: Import
) -> None:
    row = {
        "leader": {"id": "u1", "name": "暖阳"},
        "item": {"id": "p1"},
        "participants": [{"uid": 2}],
    }
    importing(sqlite_store, "a.jsonl", json.dumps(row) + "\n")
    logs = read_logs(sqlite_store)
    assert logs.users["name"].iloc[0] == "暖阳"
    assert list(logs.users.index) == ["u1", "2"]
    assert list(logs.items.index) == ["p1"]
