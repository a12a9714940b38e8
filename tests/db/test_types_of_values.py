"""Values of any type, under any heading, end in a report or a sentence that names the value and the next step."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import InputError, UserFacingError
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.importing.readers import parquet
from db.importing.readers.json_depth import DEEPEST
from db.importing.readers.parquet_elements import most_elements
from db.importing.report import ImportReport
from db.store import Store

Import = Callable[..., ImportReport]
FAR = [2**40, -(2**40), 5]  # in the year 36812, before the year 0, in 1970
BYTES = pa.array([b"\xff\xfe", b"u1", None], pa.binary())
LISTS = pa.array([0, 1, 2, 2], pa.int32())
ODD = {
    "text": pa.array(["u1", "", "2026-05-01"]),
    "no text": BYTES,
    "no text in text": BYTES.view(pa.string()),
    "bytes of one width": pa.array([b"\xff\xfe", b"bb", None], pa.binary(2)),
    "far times": pa.array(FAR, pa.timestamp("s")),
    "far times with a zone": pa.array(FAR, pa.timestamp("s", "Asia/Shanghai")),
    "far days": pa.array([2**31 - 1, -(2**31), 5], pa.int32()).view(pa.date32()),
    "far milliseconds": pa.array([86_400_000 * 2**30, None, 0], pa.int64()).view(pa.date64()),
    "durations": pa.array([5, 2**62, None], pa.duration("s")),
    "times of no day": pa.array([5, 2**40, None], pa.time64("us")),
    "numbers": pa.array([2**64 - 1, 0, None], pa.uint64()),
    "no numbers": pa.array([float("nan"), float("inf"), 0.5]),
    "decimals": pa.array([None, 1, 2], pa.decimal128(38, 10)),
    "yes and no": pa.array([True, False, None]),
    "nothing": pa.nulls(3),
    "repeated bytes": BYTES.dictionary_encode(),
    "lists of durations": pa.ListArray.from_arrays(LISTS, pa.array([5, 2**62], pa.duration("s"))),
    "lists of no text": pa.ListArray.from_arrays(LISTS, BYTES.slice(0, 2)),
    "objects": pa.array([{"id": 2**50}] * 3, pa.struct([("id", pa.timestamp("s"))])),
    "maps": pa.array([[("a", b"\xff")], [], None], pa.map_(pa.string(), pa.binary())),
}
HEADINGS = [
    *("group", "initiator", "item", "participants", "status", "launched_at", "user", "friend"),
    *("role", "order_state", "price", "target_size", "stock", "on_sale_from", "contactable"),
    *("item_id", "user_id", "name", "joined_at", "a.b", "x"),
]
NEEDED = [("initiator", "item"), ("user", "item", "group"), ("user", "friend"), ("item_id",)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(f"sqlite:///{tmp_path_factory.mktemp('types') / 'store.db'}")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts the elements of lists in this process: one of its own takes most of a second."""

    def count(path: Path, sha256: str) -> int:
        return most_elements(str(path))

    monkeypatch.setattr(parquet, "elements_of_lists", count)


def ends_in_a_sentence(shop: Store, path: Path) -> None:
    with suppress(UserFacingError):
        preview_file(path)
    with suppress(UserFacingError):
        import_files(shop, [path], dry_run=True)
    with suppress(UserFacingError):
        import_files(shop, [], friendships=[path], dry_run=True)


QUICK = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUICK
@given(
    st.sampled_from(NEEDED),
    st.lists(st.sampled_from(HEADINGS), max_size=3),
    st.lists(st.sampled_from(sorted(ODD)), min_size=6, max_size=6),
)
@pytest.mark.usefixtures("in_process")
def test_parquet_values_of_any_type_end_in_a_sentence(
    shop: Store,
    tmp_path: Path,
    needed: tuple[str, ...],
    more: list[str],
    kinds: list[str],
) -> None:
    headings = list(dict.fromkeys([*needed, *more]))
    columns = [ODD[kind] for kind in kinds[: len(headings)]]
    pq.write_table(pa.Table.from_arrays(columns, names=headings), tmp_path / "odd.parquet")
    ends_in_a_sentence(shop, tmp_path / "odd.parquet")


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from([10**400, -(2**63), "u1", "2026-05-01", "\ud800", "\0", "x" * 300, ""]),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "$oid", "$date", "x"]), inner, max_size=2),
    ),
    max_leaves=5,
)


@QUICK
@given(st.sampled_from(NEEDED), st.dictionaries(st.sampled_from(HEADINGS), values, max_size=4))
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_json_values_of_any_type_end_in_a_sentence(
    shop: Store, tmp_path: Path, form: str, needed: tuple[str, ...], row: dict[str, object]
) -> None:
    whole = dict.fromkeys(needed, "u1") | row
    text = json.dumps(whole)
    path = tmp_path / f"odd.{form}"
    path.write_text(f"{text}\n{text}\n" if form == "jsonl" else f"[{text}, {text}]")
    ends_in_a_sentence(shop, path)


@pytest.mark.parametrize("kind", ["no text", "no text in text", "lists of no text"])
@pytest.mark.usefixtures("in_process")
def test_the_row_of_bytes_that_are_no_text_is_refused_with_its_column_and_value(
    shop: Store, tmp_path: Path, kind: str
) -> None:
    columns = [ODD[kind], pa.array(["milk"] * 3), pa.array(["bea"] * 3)]
    table = pa.Table.from_arrays(columns, names=["initiator", "item", "participants"])
    pq.write_table(table, tmp_path / "odd.parquet")
    (report,) = import_files(shop, [tmp_path / "odd.parquet"], dry_run=True)
    first = report.errors[0]
    assert (report.accepted, first.line, first.column) == (1, 1, "initiator")
    assert "�" in first.value
    assert "bytes that are not text. Save the file in UTF-8" in str(first.problem)


def test_times_past_the_year_9999_are_named_and_count_as_unknown(
    shop: Store, tmp_path: Path
) -> None:
    columns = [pa.array(["ann", "bea", "cai"]), pa.array(["milk"] * 3), ODD["far times"]]
    table = pa.Table.from_arrays(columns, names=["initiator", "item", "launched_at"])
    pq.write_table(
        table.append_column("status", pa.array(["failed"] * 3)), tmp_path / "far.parquet"
    )
    (report,) = import_files(shop, [tmp_path / "far.parquet"], dry_run=True)
    notes = " ".join(map(str, report.notes))
    assert report.accepted == 3
    assert "Column 'launched_at': 2 cells could not be read and count as empty, such as" in notes
    assert "1099511627776" in notes


@pytest.mark.parametrize("levels", [DEEPEST, 900, 985, 3_000, 30_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"id":', "}"), ('[{"x":', "}]")])
@pytest.mark.parametrize("column", ["initiator", "participants", "remark"])
def test_a_row_of_three_thousand_brackets_is_refused_and_the_others_are_read(
    importing: Import, sqlite_store: Store, levels: int, brackets: tuple[str, str], column: str
) -> None:
    good = '{"initiator": "ann", "item": "milk", "participants": ["bea"]}'
    opened, closed = brackets
    deep = (
        f'{{"initiator": "dan", "item": "milk", "{column}": {opened * levels}1{closed * levels}}}'
    )
    report = importing(sqlite_store, "deep.jsonl", f"{good}\n{deep}\n", dry_run=True)
    assert sqlite_store.path is not None
    assert len(preview_file(sqlite_store.path.with_name("deep.jsonl")).rows) == 1
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.errors[0].line == 2
    assert "more than 30 levels deep" in str(report.errors[0].problem)


@pytest.mark.parametrize("levels", [500, 3_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"id":', "}")])
def test_brackets_far_down_a_list_cost_their_row_alone(
    importing: Import, sqlite_store: Store, levels: int, brackets: tuple[str, str]
) -> None:
    good = '{"initiator": "ann", "item": "milk", "participants": ["bea"]}'
    opened, closed = brackets
    deep = f'{{"initiator": "dan", "item": "milk", "remark": {opened * levels}1{closed * levels}}}'
    text = f"[{', '.join([good] * 12_000)}, {deep}]"
    report = importing(sqlite_store, "deep.json", text, dry_run=True)
    assert [error.line for error in report.errors if "30 levels" in str(error.problem)] == [12_001]


def test_brackets_in_a_cell_of_text_are_read_as_text(
    importing: Import, sqlite_store: Store
) -> None:
    deep = "[" * 3_000 + "]" * 3_000
    rows = (
        f'initiator,item,participants,joined_at\nann,milk,"bea,cai","{deep}"\nann,"{{{deep}}}",,\n'
    )
    with suppress(InputError):
        importing(sqlite_store, "deep.csv", rows, dry_run=True)


@pytest.mark.parametrize("number", ["9" * 4_301, "9" * 200_000, "-" + "1" * 5_000])
@pytest.mark.parametrize("before", [0, 3_000])
def test_an_endless_number_is_a_sentence_and_not_the_end_of_the_process(
    importing: Import, sqlite_store: Store, number: str, before: int
) -> None:
    good = '{"initiator": "ann", "item": "milk"}'
    rows = ", ".join([good] * before + [f'{{"initiator": {number}, "item": "x"}}'])
    with pytest.raises(InputError, match=r"a value of \d+ bytes, so it does not look like a log"):
        importing(sqlite_store, "long.json", f"[{rows}]")


def test_a_number_with_an_endless_exponent_is_a_sentence(
    importing: Import, sqlite_store: Store
) -> None:
    with pytest.raises(InputError, match="damaged"):
        importing(sqlite_store, "far.json", '[{"initiator": 1e99999999999999999999, "item": "x"}]')


def test_a_friend_in_a_file_of_groups_is_no_friendship(
    importing: Import, sqlite_store: Store
) -> None:
    report = importing(
        sqlite_store, "g.csv", "initiator,item,participants,friend\nann,milk,bea,x\n"
    )
    assert (report.accepted, report.new["friendships"]) == (1, 0)


def test_participants_in_a_file_of_friendships_are_none(
    importing: Import, sqlite_store: Store
) -> None:
    report = importing(sqlite_store, "friends.csv", "user,friend,participants\nann,bea,cai\n")
    assert report.accepted == 1


@pytest.mark.parametrize("text", ["friend\nann\n", "friend,name\nann,Ann\n"])
def test_friends_without_users_are_a_sentence(
    sqlite_store: Store, tmp_path: Path, text: str
) -> None:
    (tmp_path / "friends.csv").write_text(text)
    with pytest.raises(InputError, match=r"The column user .* is missing"):
        import_files(sqlite_store, [], friendships=[tmp_path / "friends.csv"])
