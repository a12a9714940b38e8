"""The speed of imports: Beibei's groups and failed launches, and a million orders as CSV and as .xlsx.

Each runs in its own process, into a temporary store, and prints seconds, rows a second and the
largest resident memory. ``python -m benchmarks.import_speed [FOLDER] [--orders N] [--url URL]``
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
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        beibei = [options.folder / name for name in ("groups.txt.gz", "failed.txt.gz")]
        if all(path.exists() for path in beibei):
            files = [path.resolve() for path in beibei]
            in_own_process(files[:1], files[1:], f"sqlite:///{folder}/beibei.db")
        else:
            print(f"{options.folder} holds no Beibei logs; skipped.", file=sys.stderr)
        orders = Path(folder) / "orders.csv"
        write_orders(orders, options.orders)
        in_own_process([orders], [], f"sqlite:///{folder}/orders.db")
        workbook = Path(folder) / "orders.xlsx"
        write_workbook(workbook, orders)
        in_own_process([workbook], [], f"sqlite:///{folder}/workbook.db")


if __name__ == "__main__":
    main()
