"""The speed of imports: Beibei's groups, a million orders as CSV and as .xlsx, files of items and of users.

Each runs in its own process, into a temporary store, and prints seconds, rows a second and the
largest resident memory. ``python -m benchmarks.import_speed [FOLDER] [--orders N] [--only NAME]``
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import xlsxwriter

from db.importing.pipeline import import_files
from db.queries.entities import store_counts
from db.read_logs import read_logs
from db.store import Store

ROOT = Path(__file__).parent.parent


def write_orders(path: Path, rows: int, seed: int = 0) -> None:
    """A CSV of ``rows`` orders in groups of two to four, with times, names and prices."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice((2, 3, 4), rows // 2, p=(0.7, 0.2, 0.1))
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), rows)) + 1]
    begins = np.datetime64("2025-01-01") + rng.integers(0, 15_000_000, len(sizes)).astype("m8[s]")
    items = (rng.random(len(sizes)) ** 3 * 30_000).astype(int)
    with path.open("w", encoding="utf-8") as file:
        file.write("团号,用户ID,昵称,角色,商品ID,商品名称,原价,成团状态,下单时间\n")
        for group, (size, begin, item) in enumerate(zip(sizes, begins, items, strict=True)):
            people = rng.choice(300_000, size, replace=False)
            for number, user in enumerate(people):
                role = "团员" if number else "团长"
                moment = str(begin + np.timedelta64(int(number) * 61, "s")).replace("T", " ")
                file.write(
                    f"T{group},U{user},昵称{user % 5000},{role},P{item},商品{item},"
                    f"{item % 500}.90,已成团,{moment}\n"
                )


def write_workbook(path: Path, orders: Path) -> None:
    """The rows of a CSV as the only sheet of a workbook, times as times and prices as numbers."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    with xlsxwriter.Workbook(path, options) as book, orders.open(encoding="utf-8") as file:
        sheet = book.add_worksheet("订单")
        for number, line in enumerate(file):
            *cells, price, state, moment = line.rstrip("\n").split(",")
            sheet.write_row(number, 0, cells)
            if number:
                sheet.write_number(number, len(cells), float(price))
                sheet.write_datetime(number, len(cells) + 2, datetime.fromisoformat(moment))
            else:
                sheet.write_row(number, len(cells), [price, state, moment])
            sheet.write_string(number, len(cells) + 1, state)


_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂花雨婷浩宇欣怡子涵梓轩诗雅晨阳若曦"
_NICKNAMES = [
    "豆豆妈",
    "乐乐爸",
    "阳光",
    "小鱼儿",
    "静待花开",
    "风轻云淡",
    "向日葵",
    "糖糖妈咪",
    "大白兔",
    "一米阳光",
]
_CITIES = [
    "上海",
    "北京",
    "广州",
    "深圳",
    "杭州",
    "成都",
    "武汉",
    "西安",
    "南京",
    "重庆",
    "苏州",
    "长沙",
]


def write_items(path: Path, rows: int, seed: int = 0) -> None:
    """A CSV of ``rows`` items with every attribute that the store has."""
    rng = np.random.default_rng(seed)
    stock = np.where(rng.random(rows) < 0.1, 0, rng.integers(1, 5000, rows)).tolist()
    begins = np.datetime64("2026-01-01") + rng.integers(0, 20_000_000, rows).astype("m8[s]")
    ends = begins + np.timedelta64(90, "D")
    states = rng.choice(("上架", "下架", "仓库中", "隐藏"), rows, p=(0.8, 0.1, 0.05, 0.05)).tolist()
    kinds = rng.integers(0, 300, rows).tolist()
    with path.open("w", encoding="utf-8") as file:
        file.write("商品ID,商品名称,分类,品牌,原价,拼团价,几人团,库存,商品状态,上架时间,下架时间\n")
        rows_of = zip(
            stock,
            np.datetime_as_string(begins),
            np.datetime_as_string(ends),
            states,
            kinds,
            strict=True,
        )
        for item, (left, begin, end, state, kind) in enumerate(rows_of):
            file.write(
                f"P{item},商品{item}号,分类{kind},品牌{item % 997},{item % 500}.90,{item % 400}.5,"
                f"{2 + item % 4},{left},{state},{begin.replace('T', ' ')},{end[:10]}\n"
            )


def write_users(path: Path, rows: int, seed: int = 0) -> None:
    """A CSV of ``rows`` users, most of whom have a name of their own."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, 1 << 30, (rows, 4)).tolist()
    with path.open("w", encoding="utf-8") as file:
        file.write("用户ID,昵称,城市,免打扰,标签\n")
        for user, (a, b, c, d) in enumerate(picks):
            given = _GIVEN[b % len(_GIVEN)] + _GIVEN[c % len(_GIVEN)]
            name = _SURNAMES[a % len(_SURNAMES)] + given
            if d % 3 == 0:
                name = f"{_NICKNAMES[a % len(_NICKNAMES)]}{given}{d % 1000}"
            tags = f'"标签{a % 50},标签{b % 50}"'
            file.write(
                f"U{user},{name},{_CITIES[c % len(_CITIES)]},{'是' if d % 50 == 0 else '否'},{tags}\n"
            )


def run(files: list[str], failed: list[str], url: str) -> None:
    """Imports in this process and prints one line of JSON."""
    began = time.perf_counter()
    store = Store.open(url)
    reports = import_files(store, files, failed)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    unpacking = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    began = time.perf_counter()
    read_logs(store)
    rows = sum(report.accepted + report.rejected for report in reports)
    stored = store_counts(store)
    figures = {
        "files": [Path(name).name for name in files + failed],
        "rows": rows,
        "rejected": sum(report.rejected for report in reports),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(sum(os.times()[:4]), 1),  # with the process that unpacks
        "rows_per_second": round(rows / seconds),
        "peak_rss_mib": round(peak),
        "peak_rss_mib_unpacking": round(unpacking),  # of the process that reads a workbook, before
        "read_logs_seconds": round(time.perf_counter() - began, 1),
        "groups": stored.groups,
        "joins": stored.joins,
        "users": stored.users,
        "items": stored.items,
    }
    print(json.dumps(figures, ensure_ascii=False))


def in_own_process(files: list[Path], failed: list[Path], url: str) -> None:
    """Imports in a child process, so that its peak memory is measured alone."""
    command = [sys.executable, __file__, "--child", json.dumps([*map(str, files)])]
    command += [json.dumps([*map(str, failed)]), url]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def main() -> None:
    """Measures the imports."""
    if sys.argv[1:2] == ["--child"]:
        run(json.loads(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "../shared/data/beibei")
    parser.add_argument("--orders", type=int, default=1_000_000, help="rows of the synthetic CSV")
    parser.add_argument("--items", type=int, default=200_000, help="rows of the file of items")
    parser.add_argument("--users", type=int, default=1_000_000, help="rows of the file of users")
    parser.add_argument(
        "--only", choices=("logs", "attributes"), help="one half of the measurement"
    )
    options = parser.parse_args()
    if options.only != "attributes":
        measure_logs(options.folder, options.orders)
    if options.only != "logs":
        measure_attributes(options.items, options.users)


def measure_attributes(item_rows: int, user_rows: int) -> None:
    """A file of items and one of users, in one import."""
    with tempfile.TemporaryDirectory() as folder:
        items, users = Path(folder) / "items.csv", Path(folder) / "users.csv"
        write_items(items, item_rows)
        write_users(users, user_rows)
        in_own_process([items, users], [], f"sqlite:///{folder}/attributes.db")


def measure_logs(logs: Path, order_rows: int) -> None:
    """Beibei's logs, if the folder ``logs`` has them, and orders as CSV and as a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        beibei = [logs / name for name in ("groups.txt.gz", "failed.txt.gz")]
        if all(path.exists() for path in beibei):
            files = [path.resolve() for path in beibei]
            in_own_process(files[:1], files[1:], f"sqlite:///{folder}/beibei.db")
        else:
            print(f"{logs} holds no Beibei logs; skipped.", file=sys.stderr)
        orders = Path(folder) / "orders.csv"
        write_orders(orders, order_rows)
        in_own_process([orders], [], f"sqlite:///{folder}/orders.db")
        workbook = Path(folder) / "orders.xlsx"
        write_workbook(workbook, orders)
        in_own_process([workbook], [], f"sqlite:///{folder}/workbook.db")


if __name__ == "__main__":
    main()
