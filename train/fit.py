"""One training from the store to a checked bundle."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from db.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from db.evidence.graphs import Graphs
from db.logs import Logs
from db.settings import settings
from train.bundle import Canary, Unfinished, code_version, new_version
from train.calibration import calibrate
from train.config import Config
from train.embeddings import FixedViews, GraphConvolutions, Views
from train.examples import Examples, World, folded_examples, list_facts, world
from train.export import Serving, serving_module, token_averages, write_onnx
from train.learner import MamgbrLearner
from train.model import TASKS
from train.negatives import strangers, wrong_items
from train.network import Network
from train.protocol import Lists, draw_lists, figures
from train.splits import Split, split
from train.tables import item_vectors
from train.tokens import token_inputs
from train.trainer import Moment, Plan, train

EVIDENCE_COLUMNS = {"items": ITEM_EVIDENCE, "participants": PARTICIPANT_EVIDENCE}
CALIBRATION_CASES, CALIBRATION_OTHERS = 300, 2000
CANARY_CASES, CANARY_CANDIDATES = 4, 12


@dataclass(frozen=True)
class Stage:
    """What a training says of itself while it runs; the app and the terminal draw it."""

    stage: str  # evidence, epoch, evaluate, export or done
    message: str
    fraction: float  # of the whole training
    eta_seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    losses: dict[str, float] = dataclasses.field(default_factory=dict)
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)


Watch = Callable[[Stage], None]


@dataclass(frozen=True)
class Fitted:
    """A finished bundle and what it is worth."""

    version: str
    folder: Path
    metrics: dict[str, dict[str, float]]
    history: list[dict[str, float]]


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes CUDA where torch really has it."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def fit(
    logs: Logs, config: Config, preset: str, seed: int, device: str, models: Path, watch: Watch
) -> Fitted:
    """Trains on the logs and writes the bundle under ``models``; recording and promoting are the caller's.

    The same logs, settings and seed give the same model. A training that was cut off goes on from its checkpoint.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(settings().threads)
    parts = split(logs, config, seed)
    place = choose_device(device)
    lists = draw_lists(logs, _some(parts.validation, config.validation_cap), seed)
    prepared = _prepare(logs, config, parts, lists, seed, watch)
    learner = _learner(prepared, config, lists, seed, place)
    checkpoint = models / ".training" / f"{_run_name(logs, config, seed)}.pt"
    history = train(
        learner,
        Plan(config.epochs, config.evaluations, config.patience, config.rate, config.weight_decay),
        lambda moment: watch(_moment_stage(moment)),
        checkpoint,
    )
    watch(Stage("export", "Writing and checking the model", 0.93))
    network = learner.module.cpu().eval()
    folder, metrics = _write(logs, config, preset, seed, parts, prepared, network, lists, models)
    checkpoint.unlink(missing_ok=True)
    return Fitted(folder.name, folder, metrics, history)


@dataclass(frozen=True)
class _Prepared:
    """Examples and worlds: the folds' first, then the one that validation sees."""

    examples: Examples
    validation: World
    facts: dict[str, NDArray[np.float32]]
    views: torch.nn.Module


def _prepare(
    logs: Logs,
    config: Config,
    parts: Split,
    lists: dict[str, Lists],
    seed: int,
    watch: Watch,
) -> _Prepared:
    watch(Stage("evidence", "Reading the past groups", 0.01))
    seen = world(logs, config, parts.seen(logs))
    facts = {task: list_facts(drawn, seen, config) for task, drawn in lists.items()}
    examples, tables = folded_examples(
        logs,
        config,
        parts,
        seen,
        seed,
        lambda message, share: watch(Stage("evidence", message, 0.05 + 0.2 * share)),
    )
    views: torch.nn.Module
    if config.embeddings == "gcn":
        views = GraphConvolutions(config, seen.graphs)
    else:
        folds = [
            (table, Graphs.from_logs(logs, parts.seen(logs, fold)))
            for fold, table in enumerate(tables)
            if table is not None
        ]
        assert seen.tables is not None  # noqa: S101  taste embeddings always make tables
        views = FixedViews([*folds, (seen.tables, seen.graphs)])
    return _Prepared(examples, seen, facts, views)


def _learner(
    prepared: _Prepared, config: Config, lists: dict[str, Lists], seed: int, place: torch.device
) -> MamgbrLearner:
    network = Network(config, prepared.views)
    if config.evidence:
        network.fit_scales(prepared.examples)
    worlds = 0 if config.embeddings == "gcn" else config.folds
    return MamgbrLearner(
        network.to(place), config, prepared.examples, lists, prepared.facts, worlds, seed, place
    )


def _moment_stage(moment: Moment) -> Stage:
    return Stage(
        "epoch",
        f"Learning, pass {moment.epoch} of {moment.epochs}",
        0.25 + 0.65 * moment.fraction,
        moment.seconds_left,
        moment.epoch,
        moment.epochs,
        moment.losses,
        moment.metrics,
    )


def _write(
    logs: Logs,
    config: Config,
    preset: str,
    seed: int,
    parts: Split,
    prepared: _Prepared,
    network: Network,
    lists: dict[str, Lists],
    models: Path,
) -> tuple[Path, dict[str, dict[str, float]]]:
    """The bundle of the trained network: measured on validation, then given all groups to serve with."""
    seen_at = 0 if config.embeddings == "gcn" else config.folds
    metrics: dict[str, dict[str, float]] = {}
    for task, drawn in lists.items():
        if config.tasks in ("both", task):
            metrics |= figures(drawn, network.score_lists(drawn, prepared.facts[task], seen_at))
    calibration = {}
    for task, count in (("items", len(logs.items)), ("participants", len(logs.users))):
        drawn = _calibration_lists(logs, parts, task, seed)
        scores = network.score_lists(
            drawn, list_facts(drawn, prepared.validation, config), seen_at, rows=8
        )
        calibration[task] = calibrate(scores, count).as_dict()
    serving = _serving_world(logs, config, prepared)
    views = _serving_views(network, serving)
    unfinished = Unfinished(models, new_version(preset))
    try:
        tasks, canaries = {}, []
        for task in TASKS:
            names = list(token_inputs(config)[task])
            columns = list(EVIDENCE_COLUMNS[task]) if config.evidence else []
            some = _head(lists[task], 200)
            shown = torch.from_numpy(list_facts(some, serving, config))
            averages = token_averages(network, views, some, shown)
            module = serving_module(network, views, task, averages)
            write_onnx(module, task, len(names), len(columns), unfinished.folder / f"{task}.onnx")
            canaries += _canaries(module, task, lists[task], shown, len(names))
            tasks[task] = {
                "graph": f"{task}.onnx",
                "experts": _expert_names(task, config),
                "tokens": names,
                "heads": config.heads if config.attention else 0,
                "evidence": columns,
            }
        unfinished.write_json("users.json", list(logs.users.index))
        unfinished.write_json("items.json", list(logs.items.index))
        if serving.evidence is not None and config.evidence:
            arrays = serving.graphs.arrays() | {
                "taste": serving.evidence.taste,
                "leaning": serving.evidence.leaning,
            }
            unfinished.write_arrays("evidence.npz", arrays)
        manifest = {
            "version": unfinished.version,
            "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "preset": preset,
            "settings": dataclasses.asdict(config),
            "seed": seed,
            "code_version": code_version(),
            "data_version": logs.version,
            "counts": {
                "users": len(logs.users),
                "items": len(logs.items),
                "groups": len(logs.group_item),
                "training_groups": len(parts.training),
                "validation_groups": len(parts.validation),
            },
            "metrics": metrics,
            "id_maps": {"users": "users.json", "items": "items.json"},
            "tasks": tasks,
            "calibration": calibration,
            "canaries": [_canary_entry(canary) for canary in canaries],
        }
        return unfinished.finish(manifest, canaries), metrics
    except BaseException:
        unfinished.drop()
        raise


def _serving_world(logs: Logs, config: Config, prepared: _Prepared) -> World:
    """Serving knows every group, those of validation too; learned vectors stay as they are."""
    if config.embeddings == "gcn" or prepared.validation.evidence is None:
        return prepared.validation
    agreed = item_vectors(prepared.validation.evidence, config.dim, None)
    return world(logs, config, None, agreed)


def _serving_views(network: Network, serving: World) -> Views:
    if serving.tables is not None and isinstance(network.views, FixedViews):
        views: Views = FixedViews([(serving.tables, serving.graphs)])()
        return views
    with torch.no_grad():
        learned: Views = network.views()
        return learned


def _calibration_lists(logs: Logs, parts: Split, task: str, seed: int) -> Lists:
    """Validation groups against many uniform candidates, so that the sum over all can be estimated."""
    rng = np.random.default_rng(seed + 1)
    groups = _some(parts.validation, CALIBRATION_CASES)
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    if task == "items":
        others = wrong_items(logs, initiator, min(CALIBRATION_OTHERS, len(logs.items) - 1), rng)
        return Lists(task, initiator, None, np.column_stack([item, others]), groups)
    others = strangers(logs, groups, min(CALIBRATION_OTHERS, len(logs.users) - 1), rng)
    joins = np.searchsorted(logs.join_group, groups)
    people = np.column_stack([logs.join_participant[joins], others])
    return Lists(task, initiator, item, people.astype(np.int64), groups)


def _canaries(
    module: Serving, task: str, lists: Lists, facts: torch.Tensor, tokens: int
) -> list[Canary]:
    found = []
    for row in range(min(CANARY_CASES, len(lists.initiator))):
        candidates = lists.candidates[row, :CANARY_CANDIDATES]
        item = None if lists.item is None else int(lists.item[row])
        inputs = {
            "initiator": torch.tensor([lists.initiator[row]]),
            "candidates": torch.from_numpy(candidates),
            "evidence": facts[row, :CANARY_CANDIDATES],
            "kept": torch.ones(tokens),
        }
        if item is not None:
            inputs["item"] = torch.tensor([item])
        with torch.no_grad():
            scores = module(**inputs)[0].numpy()
        found.append(
            Canary(
                task,
                int(lists.initiator[row]),
                item,
                candidates,
                inputs["evidence"].numpy(),
                scores,
            )
        )
    return found


def _canary_entry(canary: Canary) -> dict[str, Any]:
    return {
        "task": canary.task,
        "initiator": canary.initiator,
        "item": canary.item,
        "candidates": canary.candidates.tolist(),
        "scores": [float(score) for score in canary.scores],
    }


def _expert_names(task: str, config: Config) -> list[str]:
    own = "Task I" if task == "items" else "Task II"
    names = [f"{own} {number}" for number in range(1, config.experts + 1)]
    if config.shared:
        names += [f"shared {number}" for number in range(1, config.experts + 1)]
    return names


def _some(groups: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the groups, spread evenly."""
    if len(groups) <= most:
        return groups
    return groups[np.linspace(0, len(groups) - 1, most).astype(int)]


def _head(lists: Lists, count: int) -> Lists:
    item = None if lists.item is None else lists.item[:count]
    return Lists(
        lists.task, lists.initiator[:count], item, lists.candidates[:count], lists.group[:count]
    )


def _run_name(logs: Logs, config: Config, seed: int) -> str:
    """Names a training by all that decides it, so that only the very same one is resumed."""
    text = json.dumps([logs.version, dataclasses.asdict(config), seed, code_version()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
