"""The commands of ``python -m engine``."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from db.cli import Argument, Command, CommandLine, argument, json_option, positive
from db.logs import Task
from db.models import registry
from db.models.later_comparison import read_comparison
from db.read_logs import read_logs
from db.settings import settings
from db.shop_clock import shop_zone
from db.store import Store
from engine.bundle import retention
from engine.cli.printing import (
    MEANING,
    explanation_json,
    explanation_text,
    initiators_json,
    initiators_text,
    models_json,
    models_text,
    plan_text,
    promotion_warning,
    pruned_text,
    ranking_json,
    ranking_text,
)
from engine.cli.score_file import Times, score_file
from engine.moment import moment_of
from engine.promotion import promote, rollback
from engine.recommender import Recommender
from engine.results import Ranking
from engine.track_record import TrackRecords


def _open(options: argparse.Namespace) -> Recommender:
    store = Store.open()
    picked = None if options.as_of is None else moment_of(store, options.as_of)
    return Recommender.open(store, options.model, as_of=picked)


def _rank_items(options: argparse.Namespace) -> None:
    recommender = _open(options)
    ranking = recommender.rank_items(
        options.initiator, options.top, options.exclude_launched, show_all=options.show_all
    )
    _print_ranking(ranking, recommender.track_records(), options.json)


def _rank_participants(options: argparse.Namespace) -> None:
    recommender = _open(options)
    ranking = recommender.rank_participants(options.initiator, options.item, options.top)
    _print_ranking(ranking, recommender.track_records(), options.json)


def _print_ranking(ranking: Ranking, records: TrackRecords, as_json: bool) -> None:
    print(ranking_json(ranking, records) if as_json else ranking_text(ranking, records))


def _rank_initiators(options: argparse.Namespace) -> None:
    recommender = _open(options)
    ranking = recommender.rank_initiators(
        options.item,
        options.top,
        exclude_launched=options.exclude_launched,
        least_launches=options.least_launches,
    )
    records = recommender.track_records()
    print(initiators_json(ranking, records) if options.json else initiators_text(ranking, records))


def _explain(options: argparse.Namespace) -> None:
    explanation = _open(options).explain(options.initiator, options.item, options.participant)
    print(explanation_json(explanation) if options.json else explanation_text(explanation))


def _score(options: argparse.Namespace) -> None:
    store = Store.open()
    recommender = _open(options)
    lines = score_file(
        recommender,
        Task(options.task),
        options.candidates,
        options.out,
        settings().threads,
        Times(recommender, shop_zone(store).name, lambda: read_logs(store)),
    )
    print(f"Scored {lines} lines with {recommender.version} into {options.out}.", file=sys.stderr)


def _models(options: argparse.Namespace) -> None:
    store = Store.open()
    versions, serving = registry.versions(store), registry.serving_name(store)
    print(models_json(versions, serving) if options.json else models_text(versions, serving))


def _promote(options: argparse.Namespace) -> None:
    store = Store.open()
    before = registry.serving_name(store)
    version = promote(store, options.version).version
    print(f"{version} serves now.")
    compared = None if before is None else read_comparison(settings().models, version, before)
    if warning := promotion_warning(compared):
        print(warning, file=sys.stderr)


def _rollback(_options: argparse.Namespace) -> None:
    version = rollback(Store.open())
    since = datetime.fromtimestamp(version.created_at, UTC).strftime("%Y-%m-%d %H:%M")
    print(f"{version.version} of {since} UTC serves again.")


def _pin(options: argparse.Namespace) -> None:
    registry.pin(Store.open(), options.version)
    print(f"{options.version} stays.")


def _unpin(options: argparse.Namespace) -> None:
    registry.pin(Store.open(), options.version, False)
    print(f"{options.version} may be pruned.")


def _prune(options: argparse.Namespace) -> None:
    store, chosen = Store.open(), settings()
    keep = options.keep or chosen.keep_versions
    if options.dry_run:
        print(plan_text(retention.plan(store, chosen.models, keep)))
    else:
        print(pruned_text(retention.prune(store, chosen.models, keep)))


_INITIATOR = argument("--initiator", required=True, metavar="ID")
_ITEM = argument("--item", required=True, metavar="ID")
_TOP = argument("--top", type=positive, default=20, metavar="K", help="how many (default 20)")
_MODEL = argument(
    "--model", metavar="VERSION", help="a model version (default: the one that serves)"
)
_AS_OF = argument(
    "--as-of",
    metavar="TIME",
    help="rank as of a day or a time of the shop's clock, such as 2026-05-01 or '2026-05-01 10:30': what happened then "
    "or later does not count (default: now, where the logs reach to the last week, else their end)",
)
_SHOW_ALL = argument(
    "--show-all",
    action="store_true",
    help="list the items that cannot be had, too, with the reason",
)


def _question(what: str) -> tuple[Argument, Argument]:
    """The options that ask for something new or for anything; without them, what the model was trained for."""
    return (
        argument(
            "--exclude-launched",
            action="store_true",
            default=None,
            help=f"leave out {what} (default: as the shop's share of repeats suggests)",
        ),
        argument(
            "--include-launched",
            action="store_false",
            dest="exclude_launched",
            default=None,
            help=f"rank {what} too",
        ),
    )


_VERSION = argument("version", metavar="VERSION")
_IN_JSON = "In JSON it is the key probability, between 0 and 1."

COMMAND_LINE = CommandLine(
    "engine",
    "Rank items and participants, explain, and choose the model that serves. "
    "MAMGBR_DB says where the store is, MAMGBR_MODELS where the models are.",
    (
        Command(
            "rank-items",
            "the items that an initiator should launch",
            _rank_items,
            (
                _INITIATOR,
                _TOP,
                _MODEL,
                _AS_OF,
                _SHOW_ALL,
                json_option(),
                *_question("items that the initiator has a successful or an open group for"),
            ),
            description=f"The items that an initiator should launch. {MEANING[Task.ITEMS]} {_IN_JSON}",
        ),
        Command(
            "rank-participants",
            "who would join an initiator's group",
            _rank_participants,
            (_INITIATOR, _TOP, _MODEL, _AS_OF, json_option(), _ITEM),
            description=f"Who would join an initiator's group. {MEANING[Task.PARTICIPANTS]} {_IN_JSON}",
        ),
        Command(
            "rank-initiators",
            "who should launch an item",
            _rank_initiators,
            (
                _ITEM,
                _TOP,
                *_question("users who have a successful or an open group for the item"),
                argument(
                    "--least-launches",
                    type=int,
                    default=0,
                    metavar="N",
                    help="only users who have opened at least N groups (default 0)",
                ),
                _MODEL,
                _AS_OF,
                json_option(),
            ),
            description=f"Who should launch an item. {MEANING[Task.ITEMS]} {_IN_JSON}",
        ),
        Command(
            "explain",
            "why an item, and why a participant",
            _explain,
            (
                _INITIATOR,
                _ITEM,
                argument("--participant", metavar="ID"),
                _MODEL,
                _AS_OF,
                json_option(),
            ),
        ),
        Command(
            "score",
            "score lists of candidates from a file",
            _score,
            (
                argument("--task", required=True, choices=[task.value for task in Task]),
                argument(
                    "--candidates",
                    required=True,
                    type=Path,
                    metavar="FILE",
                    help='lines {"initiator": ID, "item": ID (participants only), "candidates": [ID, ...]}; a line '
                    'may have an "as_of": TIME of its own',
                ),
                argument(
                    "--out",
                    required=True,
                    type=Path,
                    metavar="FILE",
                    help='lines {"scores": [...]}',
                ),
                _MODEL,
                _AS_OF,
            ),
        ),
        Command(
            "models",
            "the model versions, and which one serves",
            _models,
            (json_option("a JSON list"),),
        ),
        Command("promote", "check a model version and let it serve", _promote, (_VERSION,)),
        Command("rollback", "let the version serve that served before", _rollback),
        Command("pin", "keep a model version from being pruned", _pin, (_VERSION,)),
        Command("unpin", "let a model version be pruned again", _unpin, (_VERSION,)),
        Command(
            "prune",
            "remove old model versions",
            _prune,
            (
                argument(
                    "--keep",
                    type=positive,
                    metavar="N",
                    help="how many of the newest stay (default MAMGBR_KEEP_VERSIONS, 5)",
                ),
                argument("--dry-run", action="store_true", help="only print what would go"),
            ),
            description="The serving version stays, and so do the one that served before it, those that are pinned, "
            "the newest, and those that a process is reading.",
        ),
    ),
    interrupted="nothing was changed",
)
main = COMMAND_LINE.main
