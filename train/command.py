"""The commands of ``python -m train``. Exit codes: 0 done, 1 failed, 2 bad input or usage."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.errors import UserFacingError
from db.models.comparison import no_better_than_sales
from db.models.registry import serving
from db.store import Store
from engine.model_settings import PRESETS, descriptions, preset
from train.benchmark.commands import add_benchmark, add_export, add_sweep
from train.progress import reporter

if TYPE_CHECKING:
    from train.fit import FittedModel


def main(arguments: Sequence[str] | None = None, program: str = "python -m train") -> int:
    """Runs one command and returns its exit code; errors are sentences on stderr."""
    options = _parser(program).parse_args(arguments)
    try:
        return int(options.run(options))
    except UserFacingError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(
            "error: interrupted; the same command goes on from the last checkpoint.",
            file=sys.stderr,
        )
        return 1


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Trains MAMGBR on what the store holds, and compares it with others.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    fitting = commands.add_parser(
        "fit",
        help="train a model and write its bundle",
        epilog="settings: " + "; ".join(f"{name}: {text}" for name, text in descriptions().items()),
    )
    fitting.add_argument("--preset", choices=list(PRESETS), default="default")
    _add_run(fitting)
    fitting.add_argument("--promote", action="store_true", help="let the new model serve")
    fitting.add_argument(
        "--unless-serving", action="store_true", help="do nothing where a model serves already"
    )
    fitting.add_argument("--json", action="store_true", help="print the result as JSON")
    fitting.add_argument(
        "--progress",
        choices=("bar", "json", "none"),
        default="bar",
        help="how to report on stderr (default bar)",
    )
    fitting.set_defaults(run=_fit)
    add_benchmark(commands)
    add_sweep(commands)
    add_export(commands)
    working = commands.add_parser("work", help="run the trainings that the app has queued")
    working.set_defaults(run=_work)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a setting of the preset; may be repeated",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--seed", type=int, default=0)


def _fit(options: argparse.Namespace) -> int:
    from train.fit import train_from_store

    config = preset(options.preset, options.set)
    store = Store.open()
    if options.unless_serving and (now := serving(store)) is not None:
        print(f"{now.version} serves already; nothing was trained.")
        return 0
    with reporter(options.progress) as shown:
        fitted = train_from_store(
            store,
            config,
            options.preset,
            options.seed,
            options.device,
            options.promote,
            shown.show,
        )
    _print_fitted(fitted, options.json, options.promote)
    return 0


def _print_fitted(fitted: "FittedModel", as_json: bool, promoted: bool) -> None:
    if as_json:
        print(json.dumps(dataclasses.asdict(fitted) | {"folder": str(fitted.folder)}))
        return
    print(f"{fitted.version} is ready{' and serves' if promoted else ''}.")
    print("On validation groups (95 % interval), and what a list sorted by sales reaches:")
    for name, figure in fitted.metrics.items():
        print(
            f"  {name:24} {figure['value']:.4f}  ({figure['low']:.4f} to {figure['high']:.4f})  "
            f"{figure['popularity']:.4f}"
        )
    if beaten := no_better_than_sales(fitted.metrics):
        print(
            f"It is not better than a list sorted by sales in {', '.join(map(str, beaten))}. "
            "More logs help, or more steps: --set least_steps=2000"
        )
    if not promoted:
        print(f"Let it serve with: python -m engine promote {fitted.version}")


def _work(options: argparse.Namespace) -> int:
    from train.worker import work

    work(Store.open())
    return 0
