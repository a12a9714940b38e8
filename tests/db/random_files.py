"""Files of any content, imported in a dry run with bounded memory: ``python random_files.py FOLDER SEED COUNT``.

Prints a line for each file that ended in anything but a report or a sentence.
"""

import json
import random
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from db.errors import UserFacingError
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.importing.readers import parquet as counting
from db.importing.readers.parquet_elements import most_elements
from db.store import Store

GIBIBYTE = 1 << 30
SECONDS = 20  # for one file, on a machine that does other things too
HEADINGS = [
    *(
        "group",
        "initiator",
        "item",
        "participants",
        "status",
        "launched_at",
        "user",
        "role",
        "order_state",
    ),
    *("price", "group_price", "target_size", "expires_at", "item_name", "user_name", "category"),
    *(
        "团号",
        "团长",
        "商品",
        "团员",
        "状态",
        "订单状态",
        "下单时间",
        "角色",
        "几人团",
        "价格",
        "a.b",
        "x",
        "x",
    ),
]
# Of tables of items and of users: none of them is a log.
OF_ITEMS = [
    *(
        "item",
        "商品ID",
        "id",
        "name",
        "stock",
        "库存",
        "status",
        "上架状态",
        "Published",
        "sku",
        "parent",
    ),
    *("price", "brand", "几人团", "上架时间", "on sale until", "In stock?", "规格", "x", "a.b"),
]
OF_USERS = [
    *("user", "uid", "id", "name", "First Name", "city", "城市", "tags", "免打扰", "黑名单"),
    *("contactable", "Accepts Email Marketing", "x", "a.b"),
]
TABLES = (HEADINGS, HEADINGS, OF_ITEMS, OF_USERS)


def any_text(draw: random.Random) -> str:
    """A word of a log, or signs of any kind."""
    words = [
        "",
        "u1",
        "G1",
        "已成团",
        "NULL",
        "\\N",
        "nan",
        "2026-05-01 10:00",
        "1e400",
        "-1",
        "[1,2",
        "a,b;c",
        "{}",
    ]
    signs = "".join(chr(draw.randrange(1, 0x2FFF)) for _ in range(draw.randrange(6)))
    return draw.choice(
        [*words, signs, "\u200b", "9" * 400, "0012", "x" * draw.choice([1, 300, 5000])]
    )


# Arrow type -> values of it.
SCALARS: list[tuple[pa.DataType, Callable[[random.Random], Any]]] = [
    (pa.string(), any_text),
    (pa.large_string(), any_text),
    (pa.binary(), lambda draw: draw.randbytes(draw.randrange(9))),
    (pa.binary(4), lambda draw: draw.randbytes(4)),
    (pa.int8(), lambda draw: draw.randrange(-128, 128)),
    (pa.uint64(), lambda draw: draw.randrange(1 << 64)),
    (pa.int64(), lambda draw: draw.randrange(-(1 << 63), 1 << 63)),
    (pa.float32(), lambda draw: draw.uniform(-1, 1) * 10.0 ** draw.randrange(-30, 30)),
    (pa.float64(), lambda draw: draw.choice([0.5, 1e308, float("nan"), float("inf"), 1e17, -0.0])),
    (pa.bool_(), lambda draw: draw.random() < 0.5),
    (pa.decimal128(38, 10), lambda draw: Decimal(draw.randrange(-(10**20), 10**20)).scaleb(-10)),
    (pa.decimal256(76, 0), lambda draw: Decimal(draw.randrange(10**70))),
    (pa.date32(), lambda draw: date(1, 1, 1) + timedelta(draw.randrange(3_000_000))),
    (pa.time64("us"), lambda draw: time(draw.randrange(24), draw.randrange(60))),
    (pa.timestamp("us"), lambda draw: datetime(1, 1, 1) + timedelta(draw.randrange(3_000_000))),
    (pa.timestamp("ms", "Asia/Shanghai"), lambda draw: datetime(2026, 5, 1, draw.randrange(24), tzinfo=UTC)),
    (pa.timestamp("s"), lambda draw: draw.randrange(-(10**14), 10**14)),
    (pa.duration("ms"), lambda draw: timedelta(seconds=draw.randrange(10**7))),
    (pa.null(), lambda _: None),
]  # fmt: skip


def any_type(
    draw: random.Random, depth: int = 0
) -> tuple[pa.DataType, Callable[[random.Random], Any]]:
    """A type of Arrow and what makes values of it."""
    form = draw.choice([0] * 24 + [6, 7, 8]) if depth < 3 else 0
    inner, make = draw.choice(SCALARS) if not form else any_type(draw, depth + 1)
    if form == 6:
        return pa.list_(inner), lambda draw: [make(draw) for _ in range(draw.randrange(4))]
    if form == 7:
        return pa.struct([("id", inner), ("x", pa.string())]), lambda draw: {
            "id": make(draw),
            "x": any_text(draw),
        }
    if form == 8:
        return pa.map_(pa.string(), inner), lambda draw: [(any_text(draw), make(draw))]
    return inner, make


def parquet(draw: random.Random) -> bytes:
    """Columns of any types, some of them damaged afterwards."""
    rows = draw.choice([0, 1, 3, 20])
    arrays, names = [], []
    for _ in range(draw.randrange(1, 8)):
        kind, make = any_type(draw)
        values = [None if draw.random() < 0.2 else make(draw) for _ in range(rows)]
        try:
            array = pa.array(values, kind)
            if draw.random() < 0.2 and not pa.types.is_nested(kind):
                array = array.dictionary_encode()
        except (pa.ArrowException, OverflowError):
            array = pa.nulls(rows, pa.string())
        arrays.append(array)
        names.append(draw.choice(draw.choice(TABLES)))
    sink = pa.BufferOutputStream()
    try:
        pq.write_table(pa.Table.from_arrays(arrays, names=names), sink)
    except (pa.ArrowException, OverflowError):
        return b"PAR1" + draw.randbytes(50)
    return sink.getvalue().to_pybytes()


def damaged_parquet(draw: random.Random) -> bytes:
    """A Parquet file some of whose bytes are wrong."""
    content = bytearray(parquet(draw))
    for _ in range(draw.randrange(1, 6)):
        content[draw.randrange(4, len(content))] = draw.randrange(256)
    return bytes(content)


def any_json(draw: random.Random, depth: int = 0) -> Any:
    """A value of JSON."""
    form = draw.randrange(9) if depth < 4 else draw.randrange(6)
    if form == 6:
        return [any_json(draw, depth + 1) for _ in range(draw.randrange(4))]
    if form > 6:
        return {
            draw.choice(draw.choice(TABLES)): any_json(draw, depth + 1)
            for _ in range(draw.randrange(6))
        }
    return draw.choice([None, True, 1e300, 10**30, -1, 0.1, any_text(draw), "u1", "p1"])


def json_file(draw: random.Random) -> bytes:
    """A document, or a value a line, or what is left of one."""
    if draw.random() < 0.5:
        text = json.dumps(any_json(draw), indent=draw.choice([None, 2]))
    else:
        rows = [
            {name: any_json(draw, 2) for name in draw.sample(draw.choice(TABLES), 5)}
            for _ in range(5)
        ]
        text = "\n".join(json.dumps(row, ensure_ascii=draw.random() < 0.5) for row in rows)
    if draw.random() < 0.1:
        text = draw.choice(["[", "{", '{"a":']) * draw.choice([10, 5000])
    return (text or "{}")[: draw.choice([5, 10**6, 10**6])].encode()


def text_file(draw: random.Random) -> bytes:
    """Cells under headings, in any encoding, some of it damaged."""
    names = draw.sample(draw.choice(TABLES), 5)
    sign = draw.choice([",", "\t", ";", "|", " "])
    rows = [
        [any_text(draw) for _ in range(draw.choice([5, 5, 5, 3, 7]))]
        for _ in range(draw.randrange(8))
    ]
    text = draw.choice(["\n", "\r\n", "\r"]).join(sign.join(row) for row in [names, *rows])
    content = bytearray(
        text.encode(draw.choice(["utf-8", "gb18030", "utf-16", "cp949"]), "replace") or b"x"
    )
    for _ in range(draw.choice([0, 0, 0, 3])):
        content[draw.randrange(len(content))] = draw.randrange(256)
    return bytes(content)


count_apart = counting.elements_of_lists


def count_here(path: Path, _sha256: str) -> int:
    return most_elements(str(path))


def main() -> None:
    """Imports COUNT files."""
    import resource  # not on Windows

    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    store = Store.open(f"sqlite:///{folder}/store.db")
    # Allocators that reserve memory ahead would spend the limit on nothing.
    pa.set_memory_pool(pa.system_memory_pool())
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    for number in range(20):  # loads what is loaded late
        path = folder / "warm.dat"
        path.write_bytes([parquet, json_file, text_file][number % 3](random.Random(-number)))
        with suppress(UserFacingError):
            import_files(store, [path], dry_run=True)
    used = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (used + GIBIBYTE, used + GIBIBYTE))
    signal.signal(signal.SIGALRM, _too_long)
    for number in range(seed, seed + count):
        draw = random.Random(number)
        form = draw.choices([parquet, damaged_parquet, json_file, text_file], [5, 1, 2, 2])[0]
        path = folder / f"{number}.dat"
        path.write_bytes(form(draw))
        # Whole files need no process of their own for the count.
        counting.elements_of_lists = count_apart if form is damaged_parquet else count_here
        signal.alarm(SECONDS)
        for act in (preview_file, lambda path: import_files(store, [path], dry_run=True)):
            try:
                act(path)
            except UserFacingError as error:
                if not str(error).strip():
                    print(f"{number} ({form.__name__}): an error without words")
            except BaseException:
                print(f"{number} ({form.__name__}): {traceback.format_exc(limit=-4)}")
        signal.alarm(0)
        path.unlink()
    print("done")


def _too_long(*_: object) -> None:
    raise TimeoutError(f"longer than {SECONDS} s")


if __name__ == "__main__":
    main()
