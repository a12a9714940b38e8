"""The commands ``benchmark``, ``tune`` and ``sweep`` of ``python -m train``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from db.cli import Argument, Command, argument, json_option
from db.errors import SettingError
from db.logs import Task
from db.queries.arrivals import logs_before
from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.benchmark.comparison import FUTURE, comparisons, runs_of
from engine.benchmark.pooling import pooled
from engine.benchmark.records import Record, SweepRecord, SystemRecord
from engine.benchmark.sweeps import sweeps_of
from engine.moment import moment_of
from engine.presets import PRESETS, preset
from train.benchmark.future_cuts import read_cuts
from train.benchmark.protocols import PROTOCOLS, asking_of
from train.benchmark.report import metrics_in, plain_tables, search_table
from train.benchmark.systems.registry import (
    SYSTEMS,
    check_installed,
    searched_systems,
    systems_named,
)


def _benchmark(options: argparse.Namespace) -> None:
    names, seeds = systems_named(options.systems), _seeds(options.seeds)
    protocols = _protocols(options.protocol)
    if options.limit < 0:
        raise SettingError("train.benchmark.negative_limit", option="--limit", value=options.limit)
    full_limits = {task: int(getattr(options, task)) for task in Task}
    for task, most in full_limits.items():
        if most < 0:
            raise SettingError("train.benchmark.negative_limit", option=f"--{task}", value=most)
    full_limits = {task: most for task, most in full_limits.items() if most}
    check_installed(names)  # both before the logs are read
    preset("default", options.set)
    from train.benchmark.run import Benchmark, run_benchmark

    given = [name for name in ("cuts", "tuned") if getattr(options, name)]
    named = ("systems", "protocol", "seeds", "limit", *full_limits, "device", *given)
    benchmark = Benchmark(
        names,
        protocols,
        seeds,
        tuple(options.set),
        options.limit,
        full_limits,
        options.device,
        options.again,
        read_cuts(options.cuts),
        options.tuned,
        _command("benchmark", options, named),
    )
    out = options.out or settings().benchmarks
    records = run_benchmark(read_logs(Store.open()), benchmark, out, options.progress, _report)
    if options.json:
        _print_json(records)
    else:
        _print_benchmark(records)
        print(f"\nWith intervals: {out / 'results.md'}")


def _tune(options: argparse.Namespace) -> None:
    from train.benchmark.tune import Search, check_searchable, run_search

    names = searched_systems()
    if options.systems != "all":
        names = systems_named(options.systems)
    until = ("until",) if options.until else ()
    named = ("systems", "trials", "share", "seed", "device", *until)
    command = _command("tune", options, named)
    search = Search(names, options.trials, options.share, options.seed, options.device, command)
    check_searchable(search)  # before the logs are read
    out = options.out or settings().benchmarks
    store = Store.open()
    moment = moment_of(store, options.until) if options.until else None
    logs = read_logs(store) if moment is None else logs_before(store, moment.at)
    found = run_search(logs, search, out, options.progress, _report)
    if options.json:
        print(f"[{', '.join(one.model_dump_json() for one in found)}]")
        return
    print(search_table(found))
    print(f"\nOf all searches there: {out / 'tuned.md'}")


def _sweep(options: argparse.Namespace) -> None:
    from train.benchmark.sweep import Sweep, run_sweep

    sweep = Sweep(
        options.param,
        options.values.split(","),
        options.preset,
        tuple(options.set),
        options.seed,
        options.device,
        _command("sweep", options, ("param", "values", "preset", "seed", "device")),
    )
    out = options.out or settings().benchmarks
    records = run_sweep(read_logs(Store.open()), sweep, out, options.progress, _report)
    if options.json:
        _print_json(records)
    else:
        _print_sweep(records)
        print(f"\nWith intervals: {out / f'sweep-{options.param}.md'}")


def _protocols(text: str) -> list[str]:
    known = [FUTURE, *PROTOCOLS]
    names = known if text == "all" else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise SettingError(
                "train.benchmark.no_protocol", name=name, protocols=", ".join([*known, "all"])
            )
    return names


def _seeds(text: str) -> list[int]:
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise SettingError("train.benchmark.bad_seeds", value=text) from None


def _command(name: str, options: argparse.Namespace, named: Sequence[str]) -> str:
    """The command that measures the same again; --out is left to whoever runs it."""
    words = ["python", "-m", "train", name]
    for option in named:
        words += [f"--{option}", str(getattr(options, option))]
    for change in getattr(options, "set", []):
        words += ["--set", change]
    return shlex.join(words)


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print_json(records: Sequence[Record]) -> None:
    print(f"[{', '.join(record.to_json() for record in records)}]")


def _print_benchmark(records: Sequence[SystemRecord]) -> None:
    """The values of each run, a table for all that were asked alike; those of several cuts once more together."""
    runs = runs_of(records)
    runs = [run for one in pooled(comparisons(runs)) for run in one.runs] + runs
    for asking in dict.fromkeys(asking_of(run) for run in runs):
        print(f"\n{asking}")
        alike = [run for run in runs if asking_of(run) == asking]
        rows = [(run.system, run.seed, run.estimate) for run in alike]
        for lines in plain_tables("system", rows, metrics_in(alike)):
            print(lines)


def _print_sweep(records: Sequence[SweepRecord]) -> None:
    """The values at each setting."""
    for sweep in sweeps_of(records):
        rows = [(point.setting, sweep.seed, point.estimates.get) for point in sweep.points]
        for lines in plain_tables("setting", rows, sweep.metrics):
            print(lines)


_SET = argument(
    "--set",
    action="append",
    default=[],
    metavar="NAME=VALUE",
    help="change a setting of MAMGBR; may be repeated",
)
_DEVICE = argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
_OUT = argument(
    "--out", type=Path, metavar="DIR", help="default: MAMGBR_BENCHMARKS, benchmarks/results"
)
_JSON = json_option("the rows as a JSON list")
_PROGRESS = argument(
    "--progress",
    choices=("bar", "json", "none"),
    default="bar",
    help="how to report on stderr (default bar)",
)
_UNCHANGED = (_DEVICE, _OUT, _JSON, _PROGRESS)
_COMMON = (_SET, *_UNCHANGED)


def _limit(task: Task) -> Argument:
    return argument(
        f"--{task}",
        type=int,
        default=0,
        metavar="N",
        help=f"in full, rank all {task} for at most N test groups (default: by --limit)",
    )


BENCHMARK = Command(
    "benchmark",
    "compare systems on the same candidates",
    _benchmark,
    (
        argument("--systems", default="all", metavar="NAME,...", help="default: all"),
        argument(
            "--protocol",
            default="sampled",
            metavar="NAME,...",
            help="ask about the 90 days after a cut what was known before it (future); rank the right answer with 9 "
            "and 99 negatives drawn uniformly (sampled; paper-split: 7:3:1) or by popularity (popular), or among all "
            "items and users (full); newcomers: the logs of 5 %% of the users come after training; all: each of them. "
            "Protocols that split the logs alike share one training "
            "(default sampled)",
        ),
        argument(
            "--cuts",
            default="",
            metavar="DAY,...",
            help="in future, the first days of what is asked, as in 2024-01-01,2025-01-01 (default: up to four, a "
            "year apart or, in short logs, 13 weeks)",
        ),
        argument(
            "--seeds",
            default="0",
            metavar="N,...",
            help="run the whole benchmark for each (default 0)",
        ),
        argument(
            "--limit",
            type=int,
            default=0,
            metavar="N",
            help="score at most N test groups (default: all). In full: N for items and a tenth of it for participants "
            "(default: 2000 and 500)",
        ),
        *(_limit(task) for task in Task),
        argument(
            "--tuned",
            type=Path,
            metavar="DIR",
            help="where tune left the settings that it chose (default: the folder tuned in --out); a system without "
            "such a file keeps its own settings",
        ),
        argument(
            "--again", action="store_true", help="measure again what the results hold already"
        ),
        *_COMMON,
    ),
    description="Holds groups out, trains each system on the others, and scores the same candidates with all of "
    "them. An interrupted benchmark continues where it stopped.",
    epilog="systems: " + ", ".join(SYSTEMS),
)

TUNE = Command(
    "tune",
    "search the settings of learned systems",
    _tune,
    (
        argument(
            "--systems", default="all", metavar="NAME,...", help="default: all that are searched"
        ),
        argument("--trials", type=int, default=20, metavar="N", help="settings tried (default 20)"),
        argument(
            "--share",
            type=float,
            default=0.1,
            metavar="X",
            help="share of the training groups that a trial learns from (default 0.1)",
        ),
        argument("--seed", type=int, default=0),
        argument(
            "--until",
            default="",
            metavar="DAY",
            help="search only what was known before a day, such as the first of --cuts: settings that saw the weeks a "
            "benchmark asks about know too much",
        ),
        *_UNCHANGED,
    ),
    description="Tries settings on a part of the training groups, trains the best two and the system's own on all of "
    "them and writes the best to the folder tuned, where benchmark takes it from. A search that was interrupted or "
    "killed continues where it stopped.",
    epilog="searched: " + ", ".join(searched_systems()),
)

SWEEP = Command(
    "sweep",
    "train with several values of one setting",
    _sweep,
    (
        argument(
            "--param",
            required=True,
            metavar="NAME[+NAME]",
            help="a setting (see train fit --help), or several that take each value together: auxiliary_1+auxiliary_2",
        ),
        argument("--values", required=True, metavar="A,B,..."),
        argument("--preset", choices=list(PRESETS), default="default"),
        argument("--seed", type=int, default=0),
        *_COMMON,
    ),
    description="Trains once for each value and measures on the same validation groups. An interrupted sweep "
    "continues where it stopped.",
    epilog="Values that no model can be built with are left out. heads must divide the token width: --set width=48 "
    "takes 1, 2, 4, 8, 12 and 16.",
)
