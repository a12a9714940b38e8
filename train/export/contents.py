"""What a bundle holds: graphs, role vectors, evidence, id maps, canaries and the manifest of a trained network."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from db.code_version import code_version
from db.logs import Logs
from engine.bundle.roles import Roles
from engine.bundle.writer import Canary, Unfinished, new_version
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists, Figures
from train.export.onnx import (
    Head,
    Serving,
    Whole,
    served_roles,
    serving_inputs,
    serving_views,
    token_averages,
    write_onnx,
)
from train.learn.fit_network import TrainedNetwork
from train.nn.model import TASKS, expert_names
from train.nn.tokens import token_inputs
from train.prepare.dataset import Dataset
from train.prepare.features import list_evidence
from train.prepare.snapshot import Snapshot
from train.prepare.splits import Split

EVIDENCE_COLUMNS = {"items": ITEM_EVIDENCE, "participants": PARTICIPANT_EVIDENCE}
CANARY_CASES, CANARY_CANDIDATES = 4, 12


@dataclass(frozen=True)
class Validation:
    """What validation says: ``metrics`` with their intervals, and each task's ``calibration``."""

    metrics: Figures
    calibration: dict[str, dict[str, Any]]


def write_bundle(
    logs: Logs,
    config: ModelSettings,
    preset: str,
    seed: int,
    parts: Split,
    prepared: Dataset,
    trained: TrainedNetwork,
    worth: Validation,
    serving: Snapshot,
    models: Path,
) -> Path:
    """The bundle of the trained network, given all groups to serve with."""
    network, lists = trained.network, prepared.lists
    views = serving_views(network, serving)
    roles = served_roles(views)
    unfinished = Unfinished(models, new_version(preset))
    try:
        tasks, canaries = {}, []
        for task in TASKS:
            names = list(token_inputs(config)[task])
            columns = list(EVIDENCE_COLUMNS[task]) if config.evidence else []
            first = lists[task].part(slice(200))
            shown = torch.from_numpy(list_evidence(first, serving, config))
            averages = token_averages(network, views, first, shown)
            whole, head = (kind(network, task, views, averages).eval() for kind in (Whole, Head))
            for graph, module, scores_only in (
                ("", whole, False),
                ("-inside", head, False),
                ("-ranking", head, True),
            ):
                path = unfinished.folder / f"{task}{graph}.onnx"
                write_onnx(module, roles, len(names), len(columns), path, scores_only)
            canaries += _canaries(whole, roles, lists[task], shown, len(names))
            tasks[task] = {
                "graph": f"{task}.onnx",
                "inside": f"{task}-inside.onnx",
                "ranking": f"{task}-ranking.onnx",
                "experts": expert_names(config, task),
                "tokens": names,
                "heads": config.heads if config.attention else 0,
                "evidence": columns,
            }
        unfinished.write_arrays("roles.npz", {"users": roles.users, "items": roles.items})
        unfinished.write_json("users.json", list(logs.users.index))
        unfinished.write_json("items.json", list(logs.items.index))
        if serving.evidence is not None and config.evidence:
            arrays = serving.graphs.arrays() | {
                "taste": serving.evidence.taste,
                "leaning": serving.evidence.smooth_taste,
            }
            if (
                serving.rotation is not None
            ):  # with it, whoever serves can make tables of later logs
                arrays["turn"] = serving.rotation
            unfinished.write_arrays("evidence.npz", arrays)
        manifest = {
            "version": unfinished.version,
            "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "preset": preset,
            "settings": config.model_dump(),
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
            "metrics": worth.metrics,
            "id_maps": {"users": "users.json", "items": "items.json"},
            "tasks": tasks,
            "calibration": worth.calibration,
            "canaries": [_canary_entry(canary) for canary in canaries],
        }
        return unfinished.finish(manifest, canaries, roles)
    except BaseException:
        unfinished.drop()
        raise


def _canaries(
    module: Serving, roles: Roles, lists: CandidateLists, facts: torch.Tensor, tokens: int
) -> list[Canary]:
    found = []
    for row in range(min(CANARY_CASES, len(lists.initiator))):
        candidates = lists.candidates[row, :CANARY_CANDIDATES]
        initiator = int(lists.initiator[row])
        item = None if lists.item is None else int(lists.item[row])
        evidence = facts[row, :CANARY_CANDIDATES]
        inputs = serving_inputs(module, roles, initiator, item, candidates, evidence, tokens)
        with torch.no_grad():
            scores = module(**inputs)[0].numpy()
        found.append(Canary(lists.task, initiator, item, candidates, evidence.numpy(), scores))
    return found


def _canary_entry(canary: Canary) -> dict[str, Any]:
    return {
        "task": canary.task,
        "initiator": canary.initiator,
        "item": canary.item,
        "candidates": canary.candidates.tolist(),
        "scores": [float(score) for score in canary.scores],
    }
