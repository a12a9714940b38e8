"""The commands of ``python -m engine``. Exit codes: 0 done, 1 failed, 2 bad input or usage."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from db.errors import EngineError, InputError, InputRefused, StoreError, UnknownModel
from db.models import registry
from db.settings import settings
from db.store import Store
from engine.bundle import retention
from engine.cli.printing import (
    explanation_json,
    explanation_text,
    initiators_json,
    initiators_text,
    models_json,
    models_text,
    plan_text,
    pruned_text,
    ranking_json,
    ranking_text,
)
from engine.cli.score_file import score_file
from engine.promotion import promote, rollback
from engine.recommender import Recommender
from engine.scorer import ITEMS, PARTICIPANTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are sentences on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (StoreError, EngineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError | InputRefused | UnknownModel) else 1
    except BrokenPipeError:
        return 1  # the reader of our output went away
    except KeyboardInterrupt:
        print("error: interrupted; nothing was changed.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine",
        description="Rank items and participants, explain, and choose the model that serves. "
        "MAMGBR_DB says where the store is, MAMGBR_MODELS where the models are.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    items = _ranking(commands, "rank-items", "the items that an initiator should launch")
    items.add_argument(
        "--exclude-launched",
        action="store_true",
        help="leave out what she has a successful or an open group for",
    )
    items.set_defaults(run=_rank_items)
    people = _ranking(commands, "rank-participants", "who would join an initiator's group")
    people.add_argument("--item", required=True, metavar="ID")
    people.set_defaults(run=_rank_participants)
    initiators = commands.add_parser("rank-initiators", help="who should launch an item")
    initiators.add_argument("--item", required=True, metavar="ID")
    _how_many(initiators)
    initiators.add_argument(
        "--exclude-launched",
        action="store_true",
        help="leave out who has a successful or an open group for it",
    )
    initiators.add_argument(
        "--least-launches",
        type=int,
        default=0,
        metavar="N",
        help="only who has opened at least N groups (default 0)",
    )
    _any_model(initiators)
    initiators.add_argument("--json", action="store_true", help="print a JSON object")
    initiators.set_defaults(run=_rank_initiators)
    explain = commands.add_parser("explain", help="why an item, and why a participant")
    explain.add_argument("--initiator", required=True, metavar="ID")
    explain.add_argument("--item", required=True, metavar="ID")
    explain.add_argument("--participant", metavar="ID")
    _any_model(explain)
    explain.add_argument("--json", action="store_true", help="print a JSON object")
    explain.set_defaults(run=_explain)
    score = commands.add_parser("score", help="score lists of candidates from a file")
    score.add_argument("--task", required=True, choices=(ITEMS, PARTICIPANTS))
    score.add_argument(
        "--candidates",
        required=True,
        type=Path,
        metavar="FILE",
        help='lines {"initiator": ID, "item": ID (participants only), "candidates": [ID, ...]}',
    )
    score.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help='lines {"scores": [...]}'
    )
    _any_model(score)
    score.set_defaults(run=_score)
    versions = commands.add_parser("models", help="the model versions, and which one serves")
    versions.add_argument("--json", action="store_true", help="print a JSON list")
    versions.set_defaults(run=_models)
    promoting = commands.add_parser("promote", help="check a model version and let it serve")
    promoting.add_argument("version", metavar="VERSION")
    promoting.set_defaults(run=_promote)
    going_back = commands.add_parser("rollback", help="take the last promotion back")
    going_back.set_defaults(run=_rollback)
    for name, about in (("pin", "keep a model version from being pruned"), ("unpin", "no longer")):
        pinning = commands.add_parser(name, help=about)
        pinning.add_argument("version", metavar="VERSION")
        pinning.set_defaults(run=_pin, pinned=name == "pin")
    prune = commands.add_parser(
        "prune",
        help="remove old model versions",
        description="The serving version stays, and so do the one that served before it, those that "
        "are pinned, the newest, and those that a process is reading.",
    )
    prune.add_argument(
        "--keep",
        type=_positive,
        metavar="N",
        help="how many of the newest stay (default MAMGBR_KEEP_VERSIONS, 5)",
    )
    prune.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")
    prune.set_defaults(run=_prune)
    return parser


def _ranking(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about)
    parser.add_argument("--initiator", required=True, metavar="ID")
    _how_many(parser)
    _any_model(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    return parser


def _how_many(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--top", type=_positive, default=20, metavar="K", help="how many (default 20)"
    )


def _any_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", metavar="VERSION", help="a model version (default: the one that serves)"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be at least 1")
    return number


def _rank_items(options: argparse.Namespace) -> int:
    recommender = Recommender.open(Store.open(), options.model)
    ranking = recommender.rank_items(options.initiator, options.top, options.exclude_launched)
    print(ranking_json(ranking) if options.json else ranking_text(ranking))
    return 0


def _rank_participants(options: argparse.Namespace) -> int:
    recommender = Recommender.open(Store.open(), options.model)
    ranking = recommender.rank_participants(options.initiator, options.item, options.top)
    print(ranking_json(ranking) if options.json else ranking_text(ranking))
    return 0


def _rank_initiators(options: argparse.Namespace) -> int:
    recommender = Recommender.open(Store.open(), options.model)
    ranking = recommender.rank_initiators(
        options.item,
        options.top,
        exclude_launched=options.exclude_launched,
        least_launches=options.least_launches,
    )
    print(initiators_json(ranking) if options.json else initiators_text(ranking))
    return 0


def _explain(options: argparse.Namespace) -> int:
    recommender = Recommender.open(Store.open(), options.model)
    explanation = recommender.explain(options.initiator, options.item, options.participant)
    print(explanation_json(explanation) if options.json else explanation_text(explanation))
    return 0


def _score(options: argparse.Namespace) -> int:
    recommender = Recommender.open(Store.open(), options.model)
    lines = score_file(
        recommender, options.task, options.candidates, options.out, settings().threads
    )
    print(f"Scored {lines} lines with {recommender.version} into {options.out}.", file=sys.stderr)
    return 0


def _models(options: argparse.Namespace) -> int:
    store = Store.open()
    versions, serving = registry.versions(store), registry.serving(store)
    name = serving.version if serving else None
    print(models_json(versions, name) if options.json else models_text(versions, name))
    return 0


def _promote(options: argparse.Namespace) -> int:
    version = promote(Store.open(), options.version)
    print(f"{version.version} serves now.")
    return 0


def _rollback(_options: argparse.Namespace) -> int:
    version = rollback(Store.open())
    since = datetime.fromtimestamp(version.created_at, UTC).strftime("%Y-%m-%d %H:%M")
    print(f"{version.version} of {since} UTC serves again.")
    return 0


def _pin(options: argparse.Namespace) -> int:
    registry.pin(Store.open(), options.version, options.pinned)
    print(f"{options.version} {'stays' if options.pinned else 'goes when its turn comes'}.")
    return 0


def _prune(options: argparse.Namespace) -> int:
    store, chosen = Store.open(), settings()
    keep = options.keep or chosen.keep_versions
    if options.dry_run:
        print(plan_text(retention.plan(store, chosen.models, keep)))
        return 0
    print(pruned_text(retention.prune(store, chosen.models, keep)))
    return 0
