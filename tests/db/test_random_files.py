"""Files of any content end in a report or a sentence, never in a trace, a hang or all of the memory."""

import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from db.errors import InputError
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.store import Store

INPUTS = 2_000


@pytest.mark.slow
def test_random_files_of_all_types_end_in_a_report_or_a_sentence(tmp_path: Path) -> None:
    program = Path(__file__).with_name("random_files.py")
    done = subprocess.run(
        [sys.executable, program, tmp_path, "0", str(INPUTS)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        # Arenas of memory for each thread would count towards the limit.
        env={
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "MAMGBR_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        },
    )
    assert (done.stdout.strip(), done.returncode) == ("done", 0), done.stderr[-2000:]


@pytest.mark.slow
def test_damaged_workbooks_end_in_a_report_or_a_sentence(
    sqlite_store: Store, tmp_path: Path
) -> None:
    book = Workbook()
    for row in (["initiator", "item"], *([f"u{k}", f"p{k}"] for k in range(50))):
        book.active.append(row)
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    for seed in range(20):
        draw = random.Random(seed)
        content = bytearray(whole[: draw.choice([len(whole), len(whole) // 2])])
        for _ in range(draw.choice([1, 30])):
            content[draw.randrange(4, len(content))] = draw.randrange(256)
        path = tmp_path / f"{seed}.xlsx"
        path.write_bytes(content)
        with suppress(InputError):
            import_files(sqlite_store, [path], dry_run=True)


@pytest.mark.parametrize("encoding", ["dictionary", "DELTA_BYTE_ARRAY", "PLAIN", "list", "null"])
def test_a_small_parquet_that_promises_gigabytes_is_refused_before_it_is_unpacked(
    sqlite_store: Store, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "bomb.parquet"
    rows = 20_000 if encoding == "dictionary" else 300
    long = pa.array(["x" * 1_000_000])
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), long)
    columns = {"initiator": repeated, "item": ["i"] * rows}
    options: dict[str, object] = {}
    if encoding == "list":
        elements = pa.array([[1] * 1_000_000] * 30, pa.list_(pa.int8()))
        columns = {"initiator": ["a"] * 30, "item": ["i"] * 30, "participants": elements}
    elif encoding == "null":
        columns = {name: pa.nulls(10_000_000, pa.string()) for name in ("initiator", "item")}
    elif encoding != "dictionary":
        columns["initiator"] = repeated.cast(pa.string())
        options = {
            "use_dictionary": False,
            "column_encoding": {"initiator": encoding, "item": encoding},
        }
    pq.write_table(pa.table(columns), path, compression="zstd", store_schema=False, **options)
    assert path.stat().st_size < 60_000
    with pytest.raises(
        InputError, match=r"unpacks to more than|more than the limit|longer than 200"
    ):
        import_files(sqlite_store, [path])


@pytest.mark.parametrize("inside", ["list", "object", "map", "fixed width"])
def test_800_bytes_of_parquet_that_want_20_gigabytes_are_refused(
    sqlite_store: Store, tmp_path: Path, inside: str
) -> None:
    # Of a fixed width, pyarrow writes each value, if only to compress it.
    path, rows = tmp_path / "bomb.parquet", 100 if inside == "fixed width" else 20_000
    first = pa.array([0] * rows, pa.int32())
    value = pa.array([b"x" * 1_000_000], pa.binary(1_000_000 if inside == "fixed width" else -1))
    repeated = pa.DictionaryArray.from_arrays(first, value)
    offsets = pa.array(range(rows + 1), pa.int32())
    people = repeated
    if inside == "list":
        people = pa.ListArray.from_arrays(offsets, repeated)
    elif inside == "object":
        people = pa.StructArray.from_arrays([repeated], ["id"])
    elif inside == "map":
        people = pa.MapArray.from_arrays(offsets, pa.array(["id"] * rows), repeated)
    columns = {"initiator": ["a"] * rows, "item": ["i"] * rows, "participants": people}
    pq.write_table(pa.table(columns), path, compression="zstd")
    assert path.stat().st_size < 2_000
    with pytest.raises(InputError, match=r"unpacks to more than|contains a value of 1000000 bytes"):
        import_files(sqlite_store, [path])


def test_impalas_bytes_are_text(sqlite_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "impala.parquet"
    table = pa.table(
        {
            "initiator": pa.array(["暖阳".encode(), b"u2"], pa.binary()),
            "item": pa.array([b"p1", b"p2"], pa.binary(2)),
            "participants": pa.array([b"u3,u4", None], pa.binary()),
        }
    )
    pq.write_table(table, path)
    assert preview_file(path).rows["initiator"].tolist() == ["暖阳", "u2"]
    [report] = import_files(sqlite_store, [path])
    assert (report.accepted, report.new["users"], report.new["members"]) == (2, 4, 2)


def test_long_numbers_of_a_float_column_are_refused_by_name(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "floats.parquet"
    pq.write_table(
        pa.table(
            {
                "initiator": [123456789012345678.0, 7.0],
                "item": [1.0, 2.0],
                "participants": ["a", "b"],
            }
        ),
        path,
    )
    [report] = import_files(sqlite_store, [path])
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.errors[0].value == "1.23456789012346E+17"


def test_columns_of_one_name_and_names_with_dots_are_read(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "names.parquet"
    names = ["initiator", "item", "x", "x", "a.b", "participants"]
    table = pa.Table.from_arrays([pa.array([f"u{k}"]) for k in range(6)], names=names)
    pq.write_table(table, path)
    assert list(preview_file(path).rows.columns) == [
        "initiator",
        "item",
        "x",
        "x (2)",
        "a.b",
        "participants",
    ]
    assert import_files(sqlite_store, [path])[0].accepted == 1
