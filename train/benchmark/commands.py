"""The commands ``benchmark``, ``sweep`` and ``export`` of ``python -m train``."""

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import Any

from db.errors import SettingError
from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.bundle.copy import export_bundle
from engine.model_settings import PRESETS, preset
from train.benchmark.protocols import FULLY_RANKED, PROTOCOLS
from train.benchmark.report import by_run, cells, headings, layouts, table
from train.benchmark.results import Row
from train.benchmark.systems.registry import SYSTEMS, chosen

Commands = Any  # argparse keeps the type of its subparsers to itself


def add_benchmark(commands: Commands) -> None:
    """``benchmark``: systems on the same candidates."""
    parser = commands.add_parser(
        "benchmark",
        help="compare systems on the same candidates",
        description="Keeps groups aside, lets each system learn from the others, and scores the same candidates with "
        "all. Goes on where it was cut off.",
        epilog="systems: " + ", ".join(SYSTEMS),
    )
    parser.add_argument("--systems", default="all", metavar="NAME,...", help="default: all")
    parser.add_argument(
        "--protocol",
        default="sampled",
        metavar="NAME,...",
        help="the right answer among 9 and 99 drawn uniformly (sampled; paper-split: 7:3:1) or by popularity "
        "(popular), or among all items and users (full); newcomers: 5 %% of the users come after training; all. "
        "Those that part the logs alike share one learning (default sampled)",
    )
    parser.add_argument(
        "--seeds", default="0", metavar="N,...", help="a whole benchmark for each (default 0)"
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=0,
        help="score at most so many test groups (default: all). In full: the most for items, and a tenth of it for "
        "participants (default: 2000 and 500)",
    )
    for task in FULLY_RANKED:
        parser.add_argument(
            f"--{task}",
            type=int,
            default=0,
            metavar="N",
            help=f"in full, rank all {task} for at most so many test groups (default: as --limit says)",
        )
    parser.add_argument("--again", action="store_true", help="measure what was measured before")
    _add_common(parser)
    parser.set_defaults(run=_benchmark)


def add_sweep(commands: Commands) -> None:
    """``sweep``: one setting, several values."""
    parser = commands.add_parser(
        "sweep",
        help="train with several values of one setting",
        description="One training for each value, measured on the same validation groups. Goes on where it was cut "
        "off.",
        epilog="heads that do not divide the token width are left out: --set width=48 takes 1, 2, 4, 8, 12 and 16.",
    )
    parser.add_argument(
        "--param",
        required=True,
        metavar="NAME[+NAME]",
        help="see train fit --help; several take each value together, as auxiliary_1+auxiliary_2",
    )
    parser.add_argument("--values", required=True, metavar="A,B,...")
    parser.add_argument("--preset", choices=list(PRESETS), default="default")
    parser.add_argument("--seed", type=int, default=0)
    _add_common(parser)
    parser.set_defaults(run=_sweep)


def add_export(commands: Commands) -> None:
    """``export``: a verified copy of a bundle."""
    parser = commands.add_parser(
        "export",
        help="copy a model version, every file checked",
        description="The copy is self-contained: two ONNX graphs, evidence, id maps and the manifest.",
    )
    parser.add_argument("version", metavar="VERSION")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: exports/VERSION")
    parser.set_defaults(run=_export)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a setting of MAMGBR; may be repeated",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="default: MAMGBR_BENCHMARKS, benchmarks/results"
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument(
        "--progress",
        choices=("bar", "json", "none"),
        default="bar",
        help="how to report on stderr (default bar)",
    )


def _benchmark(options: argparse.Namespace) -> int:
    names, seeds = chosen(options.systems), _numbers(options.seeds)
    protocols = _protocols(options.protocol)
    if options.limit < 0:
        raise SettingError(f"--limit {options.limit} is negative. Leave it out to score all.")
    asked = {task: getattr(options, task) for task in FULLY_RANKED}
    for task, number in asked.items():
        if number < 0:
            raise SettingError(
                f"--{task} {number} is negative. Leave it out for what --limit says."
            )
    fully = {task: number for task, number in asked.items() if number}
    preset("default", options.set)  # before the logs are read
    from train.benchmark.benchmark import Benchmark, run_benchmark

    shown = ("systems", "protocol", "seeds", "limit", *fully, "device")
    wanted = Benchmark(
        names,
        protocols,
        seeds,
        tuple(options.set),
        options.limit,
        fully,
        options.device,
        options.again,
        _command("benchmark", options, shown),
    )
    out = options.out or settings().benchmarks
    rows = run_benchmark(read_logs(Store.open()), wanted, out, options.progress, _tell)
    _print(rows, "system", options.json, out / "results.md")
    return 0


def _sweep(options: argparse.Namespace) -> int:
    from train.benchmark.sweep import Sweep, run_sweep

    wanted = Sweep(
        options.param,
        options.values.split(","),
        options.preset,
        tuple(options.set),
        options.seed,
        options.device,
        _command("sweep", options, ("param", "values", "preset", "seed", "device")),
    )
    out = options.out or settings().benchmarks
    rows = run_sweep(read_logs(Store.open()), wanted, out, options.progress, _tell)
    _print(rows, "setting", options.json, out / f"sweep-{options.param}.md")
    return 0


def _export(options: argparse.Namespace) -> int:
    out = options.out or Path("exports") / options.version
    done = export_bundle(settings().models, options.version, out)
    print(f"{options.version} is copied to {done}, every file checked.")
    return 0


def _protocols(text: str) -> list[str]:
    wanted = list(PROTOCOLS) if text == "all" else [name.strip() for name in text.split(",")]
    for name in wanted:
        if name not in PROTOCOLS:
            raise SettingError(
                f"There is no protocol {name!r}. Choose from {', '.join(PROTOCOLS)}, or all."
            )
    return wanted


def _numbers(text: str) -> list[int]:
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise SettingError(f"--seeds {text!r} must be whole numbers, as in 0,1,2.") from None


def _command(name: str, options: argparse.Namespace, shown: tuple[str, ...]) -> str:
    """What a person types to do the same; where the results go is her own business."""
    words = ["python", "-m", "train", name]
    for option in shown:
        words += [f"--{option}", str(getattr(options, option))]
    for change in options.set:
        words += ["--set", change]
    return shlex.join(words)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(rows: list[Row], named: str, as_json: bool, page: Path) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    # A sweep has one protocol only, and no name for it.
    for protocol in dict.fromkeys(row.get("protocol") for row in rows):
        alike = [row for row in rows if row.get("protocol") == protocol]
        if protocol is not None:
            print(f"\n{protocol}")
        for columns in layouts(alike):
            print(table([named, "seed", *headings(columns)], _lines(alike, named, columns)))
    print(f"\nWith intervals: {page}")


def _lines(rows: list[Row], named: str, columns: list[tuple[str, str]]) -> list[list[str]]:
    lines = []
    for run in by_run(rows):
        found = cells(run)
        values = (found.get(column, {}).get("value") for column in columns)
        shown = ["none" if value is None else f"{value:.4f}" for value in values]
        lines.append([str(run[0][named]), str(run[0]["seed"]), *shown])
    return lines
