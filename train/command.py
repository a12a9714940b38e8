"""The commands of ``python -m train``."""

import argparse
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from db.cli import Command, CommandLine, argument, json_option
from db.models.comparison import no_better_than_sales
from db.models.registry import serving
from db.settings import settings
from db.store import Store
from engine.bundle.writer import export_bundle
from engine.model_settings import descriptions
from engine.moment import Moment, moment_of
from engine.presets import PRESETS, preset
from train.benchmark.commands import BENCHMARK, SWEEP, TUNE
from train.comparison_commands import COMPARE, RECHECK, as_json, comparison_text
from train.progress import reporter

if TYPE_CHECKING:
    from train.fit import FittedModel


PARTS = {
    "nothing_later": "The same groups, with nothing known since {since}",
    "repeats": "Task I, launches that repeat an item of their initiator",
    "first_times": "Task I, launches of an item that is new to their initiator",
}


def _fit(options: argparse.Namespace) -> None:
    from train.fit import train_from_store
    from train.training_run import TrainingRun

    settings = preset(options.preset, options.set)
    store = Store.open()
    if options.unless_serving and (now := serving(store)) is not None:
        print(f"{now.version} serves already; nothing was trained.")
        return
    until = None if options.until is None else moment_of(store, options.until)
    with reporter(options.progress) as shown:
        fitted = train_from_store(
            store,
            TrainingRun(
                settings, options.preset, options.seed, options.device, shown.show, until=until
            ),
            options.promote,
        )
    _print_fitted(fitted, options.json, options.promote, until)


def _print_fitted(
    fitted: "FittedModel", in_json: bool, promoted: bool, until: Moment | None
) -> None:
    if in_json:
        compared = None if fitted.compared is None else as_json(fitted.compared)
        changed = {"folder": str(fitted.folder), "compared": compared}
        print(json.dumps(dataclasses.asdict(fitted) | changed))
        return
    print(f"{fitted.version} is ready{' and serves' if promoted else ''}.")
    if until is not None:
        print(f"It learned what was known before {until}.")
    since = (fitted.validated_from or "")[:10]
    sample = "a random sample of groups"
    interval = "95 % interval"
    if "nothing_later" in fitted.metrics_by_part:
        sample = f"groups that filled since {since}, each asked as of its own launch"
    elif since:
        sample = f"groups launched since {since}, with nothing later known"
    if any("drift" in figure for figure in fitted.metrics.values()):
        interval += " for the weeks to come, which differ as earlier weeks did"
    print(f"On {sample} ({interval}), and what a list sorted by sales reaches:")
    _print_metrics(fitted.metrics)
    for part, metrics in fitted.metrics_by_part.items():
        print(f"{PARTS[part].format(since=since)}:")
        _print_metrics(metrics)
    if beaten := no_better_than_sales(fitted.metrics):
        print(
            f"It is not better than a list sorted by sales in {', '.join(map(str, beaten))}. "
            "More logs help, or more steps: --set least_steps=2000"
        )
    if fitted.compared is not None:
        print(comparison_text(fitted.compared))
    if not promoted:
        print(f"Let it serve with: python -m engine promote {fitted.version}")


def _print_metrics(metrics: Mapping[str, Mapping[str, float]]) -> None:
    for name, figure in metrics.items():
        print(
            f"  {name:24} {figure['value']:.4f}  ({figure['low']:.4f} to {figure['high']:.4f})  "
            f"{figure['popularity']:.4f}"
        )


def _export(options: argparse.Namespace) -> None:
    out = options.out or Path("exports") / options.version
    done = export_bundle(settings().models, options.version, out)
    print(f"{options.version} is copied to {done}, every file checked.")


def _work(options: argparse.Namespace) -> None:
    from train.worker import work

    work(Store.open())


_FIT = Command(
    "fit",
    "train a model and write its bundle",
    _fit,
    (
        argument("--preset", choices=list(PRESETS), default="default"),
        argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="change a setting of the preset; may be repeated",
        ),
        argument("--device", choices=("auto", "cpu", "cuda"), default="auto"),
        argument("--seed", type=int, default=0),
        argument("--promote", action="store_true", help="let the new model serve"),
        argument(
            "--until",
            metavar="DAY",
            help="learn only from what was known before a day or a time of the shop's clock, such as 2026-05-01",
        ),
        argument(
            "--unless-serving", action="store_true", help="do nothing if a model serves already"
        ),
        json_option("the result as JSON"),
        argument(
            "--progress",
            choices=("bar", "json", "none"),
            default="bar",
            help="how to report on stderr (default bar)",
        ),
    ),
    epilog="settings: " + "; ".join(f"{name}: {text}" for name, text in descriptions().items()),
)

_EXPORT = Command(
    "export",
    "copy a model version, every file checked",
    _export,
    (
        argument("version", metavar="VERSION"),
        argument("--out", type=Path, metavar="DIR", help="default: exports/VERSION"),
    ),
    description="The copy is self-contained: two ONNX graphs, evidence, id maps and the manifest.",
)

COMMAND_LINE = CommandLine(
    "train",
    "Trains MAMGBR on what the store holds, and compares it with other systems.",
    (
        _FIT,
        BENCHMARK,
        TUNE,
        SWEEP,
        COMPARE,
        RECHECK,
        _EXPORT,
        Command("work", "run the trainings that the app has queued", _work),
    ),
    interrupted="the same command continues from the last checkpoint",
)
main = COMMAND_LINE.main
