"""The contents of a bundle: graphs, role vectors, evidence, id maps, canaries and the manifest of a trained network."""

import datetime
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from db.code_version import code_version
from db.logs import Logs, Query, Task
from engine.bundle.event_files import event_arrays
from engine.bundle.files import (
    EVIDENCE,
    ITEMS,
    ROLES,
    USERS,
    Roles,
    evidence_arrays,
    explaining_graph,
    ranking_graph,
    role_arrays,
    whole_graph,
)
from engine.bundle.manifest import Canary, Counts, IdMaps, Manifest, TaskManifest
from engine.bundle.unrecorded import Note
from engine.bundle.writer import BundleWriter, CanaryInput, new_version
from engine.candidates import repeat_share
from engine.evidence.columns import EVIDENCE_VERSION
from engine.evidence.evidence import Evidence
from engine.evidence.timed.timed_evidence import TimedEvidence, moment_after
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.export.onnx import (
    Head,
    ServingModule,
    WholeGraph,
    served_roles,
    serving_inputs,
    serving_views,
    token_averages,
    write_onnx,
)
from train.export.validation import Validation
from train.learn.fit_network import TrainedNetwork
from train.nn.model import expert_names
from train.nn.tokens import evidence_tokens, token_inputs
from train.prepare.dataset import Dataset
from train.prepare.snapshot import Snapshot, list_evidence, take_snapshot
from train.prepare.timed_dataset import timed_snapshot
from train.training_run import TrainingRun

CANARIES, CANARY_CANDIDATES = 4, 12  # queries per task, and candidates of each
AVERAGED_LISTS = 200  # lists that the average inputs of tokens are taken over


@dataclass(frozen=True)
class FinishedTraining:
    """A trained network with its dataset, its validation, and the snapshot that it serves with."""

    dataset: Dataset
    trained: TrainedNetwork
    validation: Validation
    serving: Snapshot


def serving_snapshot(logs: Logs, settings: ModelSettings, dataset: Dataset) -> Snapshot:
    """The snapshot of all groups, those of validation too, rotated towards the one that was learned on.

    With learned views it stays the one that was learned on.
    """
    seen = dataset.seen
    if isinstance(seen.evidence, TimedEvidence):
        last = moment_after(logs.last_event)
        return timed_snapshot(seen.evidence.events, settings, last, seen.item_vectors)
    if settings.embeddings == "gcn" or seen.evidence is None:
        return seen
    return take_snapshot(logs, settings, None, seen.item_vectors, dataset.all_vectors)


def write_bundle(
    models: Path,
    logs: Logs,
    run: TrainingRun,
    finished: FinishedTraining,
    note: Note | None = None,
) -> Path:
    """Writes the bundle of a finished training below ``models``, with the note on its recording; returns its folder.

    Raises TrainError when an exported graph differs from the network, and OSError when the disk is full.
    """
    settings, network, serving = run.settings, finished.trained.network, finished.serving
    views = serving_views(network, serving)
    roles = served_roles(views)
    writer = BundleWriter(models, new_version(run.preset))
    try:
        tasks, canaries = {}, []
        for task, lists in finished.dataset.lists.items():
            tasks[task] = entry = _task_entry(settings, task)
            lists = lists if len(lists.group) else _some_list(task)
            # Averages and canaries are as of the moment that serves.
            first = replace(lists.part(slice(AVERAGED_LISTS)), at=None)
            evidence = torch.from_numpy(list_evidence(first, serving, settings))
            averages = token_averages(network, views, first, evidence)
            whole = WholeGraph(network, task, views, averages).eval()
            head = Head(network, task, views, averages).eval()
            write_onnx(whole, roles, writer.folder / entry.graph)
            write_onnx(head, roles, writer.folder / entry.inside)
            write_onnx(head, roles, writer.folder / entry.ranking, scores_only=True)
            canaries += _canaries(whole, roles, lists, evidence)
        writer.write_arrays(ROLES, role_arrays(roles))
        writer.write_json(USERS, list(logs.users.index))
        writer.write_json(ITEMS, list(logs.items.index))
        _write_evidence(writer, settings, serving)
        manifest = _manifest(writer.version, logs, run, finished).model_copy(
            update={"tasks": tasks, "canaries": [asked.canary for asked in canaries]}
        )
        return writer.finish(manifest, canaries, roles, note)
    except BaseException:
        writer.discard()
        raise


def _some_list(task: Task) -> CandidateLists:
    """A list of one candidate, to average and check over where validation has none, as with a single item."""
    one = np.zeros(1, np.int64)
    return CandidateLists(task, one, None if task is Task.ITEMS else one, one[:, None], one)


def _task_entry(settings: ModelSettings, task: Task) -> TaskManifest:
    return TaskManifest(
        graph=whole_graph(task),
        inside=explaining_graph(task),
        ranking=ranking_graph(task),
        experts=expert_names(settings, task),
        tokens=list(token_inputs(settings)[task]),
        heads=settings.heads if settings.attention else 0,
        evidence=list(chain(*evidence_tokens(settings, task).values()))
        if settings.evidence
        else [],
    )


def _write_evidence(writer: BundleWriter, settings: ModelSettings, serving: Snapshot) -> None:
    """The counts, the taste vectors and the rotation, from which the engine makes role vectors of later logs."""
    if serving.evidence is None or not settings.evidence:
        return
    if isinstance(serving.evidence, TimedEvidence):
        writer.write_arrays(EVIDENCE, event_arrays(serving.evidence, serving.rotation))
        return
    assert isinstance(serving.evidence, Evidence)  # noqa: S101  there is no third kind
    writer.write_arrays(EVIDENCE, evidence_arrays(serving.evidence, serving.rotation))


def _manifest(version: str, logs: Logs, run: TrainingRun, finished: FinishedTraining) -> Manifest:
    """The manifest, but for its tasks, canaries and files."""
    split, validation = finished.dataset.split, finished.validation
    return Manifest(
        version=version,
        created_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        preset=run.preset,
        settings=run.settings,
        seed=run.seed,
        code_version=code_version(),
        data_version=logs.version,
        known_before=None if run.until is None else str(run.until.at),
        last_event=None if np.isnat(logs.last_event) else str(logs.last_event),
        counts=Counts(
            users=len(logs.users),
            items=len(logs.items),
            groups=len(logs.group_item),
            training_groups=len(split.training),
            validation_groups=len(split.validation),
        ),
        metrics={name: dict(values) for name, values in validation.metrics_json().items()},
        id_maps=IdMaps(users=USERS, items=ITEMS),
        tasks={},
        evidence_version=EVIDENCE_VERSION,
        metrics_by_part={
            part: {name: dict(values) for name, values in metrics.items()}
            for part, metrics in validation.parts_json().items()
        },
        validated_from=None if split.cut is None else str(split.cut),
        question=split.question,
        repeats=repeat_share(logs),
        calibration={
            Task.ITEMS: validation.items[split.question],
            Task.PARTICIPANTS: validation.participants,
        },
        item_calibrations=dict(validation.items),
        canaries=[],
        files={},
    )


def _canaries(
    module: ServingModule, roles: Roles, lists: CandidateLists, evidence: Tensor
) -> list[CanaryInput]:
    """The first queries of the lists with the network's own scores."""
    found = []
    for row in range(min(CANARIES, len(lists.initiator))):
        item = None if lists.item is None else int(lists.item[row])
        query = Query(int(lists.initiator[row]), item)
        candidates = lists.candidates[row, :CANARY_CANDIDATES]
        shown = evidence[row, :CANARY_CANDIDATES]
        with torch.no_grad():
            scores = module(**serving_inputs(module, roles, query, candidates, shown))[0].numpy()
        canary = Canary(
            task=query.task,
            initiator=query.initiator,
            item=item,
            candidates=candidates.tolist(),
            scores=scores.tolist(),
        )
        found.append(CanaryInput(canary, shown.numpy()))
    return found
