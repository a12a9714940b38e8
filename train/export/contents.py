"""What a bundle holds: graphs, role vectors, evidence, id maps, canaries and the manifest of a trained network."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from db.code_version import code_version
from db.logs import Logs, Query, Task
from engine.bundle.files import (
    EVIDENCE,
    ITEMS,
    ROLES,
    USERS,
    explaining_graph,
    ranking_graph,
    whole_graph,
)
from engine.bundle.manifest import Calibration, Canary, Counts, IdMaps, Manifest, TaskManifest
from engine.bundle.roles import Roles
from engine.bundle.writer import BundleWriter, CanaryInput, new_version
from engine.evidence.columns import EVIDENCE_COLUMNS
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
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

CANARY_CASES, CANARY_CANDIDATES = 4, 12


@dataclass(frozen=True)
class Validation:
    """What validation says: ``metrics`` with their intervals, and each task's ``calibration``."""

    metrics: dict[str, dict[str, float]]
    calibration: Mapping[Task, Calibration]


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
    """Writes the bundle of the trained network, which serves with the evidence of all groups; returns its folder.

    Raises TrainError when an exported graph differs from the network, and OSError when the disk is full.
    """
    network, lists = trained.network, prepared.lists
    views = serving_views(network, serving)
    roles = served_roles(views)
    writer = BundleWriter(models, new_version(preset))
    try:
        tasks, canaries = {}, []
        for task in map(Task, TASKS):
            names = list(token_inputs(config)[task])
            columns = list(EVIDENCE_COLUMNS[task]) if config.evidence else []
            first = lists[task].part(slice(200))
            shown = torch.from_numpy(list_evidence(first, serving, config))
            averages = token_averages(network, views, first, shown)
            whole, head = (kind(network, task, views, averages).eval() for kind in (Whole, Head))
            entry = TaskManifest(
                graph=whole_graph(task),
                inside=explaining_graph(task),
                ranking=ranking_graph(task),
                experts=expert_names(config, task),
                tokens=names,
                heads=config.heads if config.attention else 0,
                evidence=columns,
            )
            for name, module, scores_only in (
                (entry.graph, whole, False),
                (entry.inside, head, False),
                (entry.ranking, head, True),
            ):
                path = writer.folder / name
                write_onnx(module, roles, len(names), len(columns), path, scores_only)
            canaries += _canaries(whole, roles, lists[task], shown, len(names))
            tasks[task] = entry
        writer.write_arrays(ROLES, {"users": roles.users, "items": roles.items})
        writer.write_json(USERS, list(logs.users.index))
        writer.write_json(ITEMS, list(logs.items.index))
        if serving.evidence is not None and config.evidence:
            arrays = serving.graphs.arrays() | {
                "taste": serving.evidence.taste,
                "leaning": serving.evidence.smooth_taste,
            }
            if serving.rotation is not None:  # the engine makes role vectors of later logs with it
                arrays["turn"] = serving.rotation
            writer.write_arrays(EVIDENCE, arrays)
        manifest = Manifest(
            version=writer.version,
            created_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            preset=preset,
            settings=config,
            seed=seed,
            code_version=code_version(),
            data_version=logs.version,
            counts=Counts(
                users=len(logs.users),
                items=len(logs.items),
                groups=len(logs.group_item),
                training_groups=len(parts.training),
                validation_groups=len(parts.validation),
            ),
            metrics={name: dict(figure) for name, figure in worth.metrics.items()},
            id_maps=IdMaps(users=USERS, items=ITEMS),
            tasks=tasks,
            calibration=dict(worth.calibration),
            canaries=[asked.canary for asked in canaries],
            files={},
        )
        return writer.finish(manifest, canaries, roles)
    except BaseException:
        writer.discard()
        raise


def _canaries(
    module: Serving, roles: Roles, lists: CandidateLists, facts: torch.Tensor, tokens: int
) -> list[CanaryInput]:
    """The first queries of the lists with the network's own scores."""
    found = []
    for row in range(min(CANARY_CASES, len(lists.initiator))):
        candidates = lists.candidates[row, :CANARY_CANDIDATES]
        initiator = int(lists.initiator[row])
        item = None if lists.item is None else int(lists.item[row])
        evidence = facts[row, :CANARY_CANDIDATES]
        inputs = serving_inputs(module, roles, initiator, item, candidates, evidence, tokens)
        with torch.no_grad():
            scores = module(**inputs)[0].numpy()
        canary = Canary(
            task=Query(initiator, item).task,
            initiator=initiator,
            item=item,
            candidates=candidates.tolist(),
            scores=scores.tolist(),
        )
        found.append(CanaryInput(canary, evidence.numpy()))
    return found
