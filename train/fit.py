"""One training, from the store to a verified bundle."""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from db.code_version import code_version
from db.errors import StoreError, TrainError, UserFacingError
from db.logs import Logs
from db.messages import Term
from db.models.later_comparison import LaterComparison, Losses, losses
from db.models.registry import ModelVersion, promote, serving
from db.parts import sweep_parts
from db.queries.arrivals import logs_before
from db.read_logs import read_logs
from db.settings import settings as environment
from db.store import Store
from engine.bundle.retention import prune
from engine.bundle.unrecorded import (
    CHECKPOINTS,
    LeftVersion,
    Note,
    forget_note,
    known_values,
    record_bundle,
    record_left,
)
from train.compare_versions import compare_in_store
from train.evaluate.sampled_ranking import validation_lists
from train.evaluate.splits import settle, split_groups
from train.export.contents import FinishedTraining, serving_snapshot, write_bundle
from train.export.validation import validate
from train.learn.checkpoint import UnreadableCheckpoint, remove_abandoned, set_aside
from train.learn.fit_network import TrainedNetwork, fit_network, resolve_device
from train.prepare.dataset import Dataset, build_dataset
from train.prepare.timed_dataset import build_timed_dataset
from train.progress import COMPARING, RECORDED, WAITING, TrainingProgress
from train.training_run import TrainingRun

EXPORTING = 0.93  # the share of a training that is done when the export starts


@dataclass(frozen=True)
class FittedModel:
    """A verified bundle: its validation metrics as the manifest has them, and its evaluations, oldest first.

    ``metrics_by_part`` and ``validated_from`` are the manifest's, too. ``compared`` is how it does on later groups
    beside the version that served when it was ready; None where none did.
    """

    version: str
    folder: Path
    metrics: dict[str, dict[str, float]]
    history: list[dict[str, float]]
    metrics_by_part: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    validated_from: str | None = None
    compared: LaterComparison | None = None


def fit(logs: Logs, run: TrainingRun, models: Path, store: Store | None = None) -> FittedModel:
    """Trains on the logs and writes the bundle below ``models``, without recording or promoting it.

    With a ``store``, the bundle carries a note that it is to be recorded there.

    The same logs, settings and seed give the same model. An interrupted training resumes from its checkpoint, which is
    kept until the version is recorded. Raises DataError where there are too few groups, and OSError when the disk is
    full.
    """
    run = replace(run, settings=settle(logs, run.settings))
    settings, seed = run.settings, run.seed
    checkpoint = checkpoint_path(models, logs, run)
    remove_abandoned(checkpoint.parent, checkpoint)
    run.report(TrainingProgress("start", "Reading the logs", 0.0, checkpoint=checkpoint.name))
    split = split_groups(logs, settings, seed)
    lists = validation_lists(logs, split, settings.validation_cap, seed)
    # Learned views serve as they are; others are computed anew from all groups.
    for_serving = settings.embeddings == "taste"
    if settings.knows_time:
        dataset = build_timed_dataset(logs, split, lists, run)
    else:
        dataset = build_dataset(logs, split, lists, run, for_serving)
    trained = _fit_network(dataset, run, checkpoint)
    run.report(TrainingProgress("export", "Writing and checking the model", EXPORTING))
    trained.network.to(resolve_device(run.device))  # lists are scored fastest there
    validation = validate(logs, dataset, trained, seed)
    trained.network.cpu()
    snapshot = serving_snapshot(logs, settings, dataset)
    finished = FinishedTraining(dataset, trained, validation, snapshot)
    left = None if store is None else Note.of(store, run.job, checkpoint.name)
    folder = write_bundle(models, logs, run, finished, left)
    return FittedModel(
        folder.name,
        folder,
        validation.metrics_json(),
        trained.history,
        validation.parts_json(),
        None if split.cut is None else str(split.cut),
    )


def _fit_network(dataset: Dataset, run: TrainingRun, checkpoint: Path) -> TrainedNetwork:
    """Resumes from the checkpoint; starts anew, and says so, where it is of no use."""
    try:
        return fit_network(dataset, run, checkpoint)
    except UnreadableCheckpoint:
        aside = set_aside(checkpoint)
        note = f"The checkpoint is damaged and was set aside as {aside}: the training starts anew."
        run.report(TrainingProgress("evidence", "Starting anew", 0.0, note=note))
        return fit_network(dataset, run, checkpoint)


def checkpoint_path(models: Path, logs: Logs, run: TrainingRun) -> Path:
    """A file named by all that decides a training, so that only exactly the same training is resumed."""
    decisive = [logs.version, run.settings.model_dump(), run.seed, code_version()]
    name = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:16]
    return models / CHECKPOINTS / f"{name}.pt"


def train_from_store(store: Store, run: TrainingRun, promote_it: bool = False) -> FittedModel:
    """Trains on what the store holds and records the version once its bundle is complete and verified.

    Learns only what was known before the moment ``run.until``, if there is one. A version that is ready is compared on
    later groups with the one that served before it.

    Waits for the store's write lock as long as it takes, and reports that it waits. Raises TrainError when the bundle
    cannot be written.
    """
    logs = read_logs(store) if run.until is None else logs_before(store, run.until.at)
    run = replace(run, settings=settle(logs, run.settings))
    models = environment().models
    checkpoint = checkpoint_path(models, logs, run)
    sweep_parts(models)
    before = serving(store)
    with closing(store.patient(_waits(run, "start", 0.0))) as patient:
        left = record_left(patient, models)
    done = [one for one in left if one.note.checkpoint == checkpoint.name]
    with closing(store.patient(_waits(run, "waiting", RECORDED))) as patient:
        if done:  # the same training, whose process ended before it could say so
            fitted = _as_fitted(done[-1])
            if promote_it:
                promote(patient, fitted.version)
        else:
            fitted = _fit_into(store, logs, run, models)
            record_bundle(patient, fitted.folder, run.job, promote_it)
        everything = logs if run.until is None else None
        fitted, said = _after_record(patient, fitted, before, run, everything)
    forget_note(models, fitted.folder, checkpoint.name)
    message = f"The model {fitted.version} is ready. {said}".strip()
    run.report(TrainingProgress("done", message, 1.0, 0.0))
    return fitted


def _waits(run: TrainingRun, stage: str, fraction: float) -> Callable[[], None]:
    return lambda: run.report(TrainingProgress(stage, WAITING, fraction))


def _fit_into(store: Store, logs: Logs, run: TrainingRun, models: Path) -> FittedModel:
    try:
        return fit(logs, run, models, store)
    except OSError as error:
        raise TrainError(
            "train.model_not_written",
            folder=str(models),
            reason=Term("system", str(error.strerror), str(error.errno)),
        ) from error


def _as_fitted(left: LeftVersion) -> FittedModel:
    """What a training that was left without its end had to say, but for its evaluations."""
    manifest = left.manifest
    return FittedModel(
        manifest.version,
        left.folder,
        known_values(manifest.metrics),
        [],
        {part: known_values(metrics) for part, metrics in manifest.metrics_by_part.items()},
        manifest.validated_from,
    )


def _after_record(
    store: Store,
    fitted: FittedModel,
    before: ModelVersion | None,
    run: TrainingRun,
    logs: Logs | None,
) -> tuple[FittedModel, str]:
    """Compares the version and prunes older ones; returns what failed as a sentence, since the training succeeded."""
    try:
        if before is not None and before.version != fitted.version:
            fitted = replace(fitted, compared=_compare(store, fitted, before, run, logs))
        return fitted, prune_after_training(store)
    except (Exception, KeyboardInterrupt) as error:
        said = str(error) if isinstance(error, UserFacingError) else repr(error)
        return fitted, f"What follows a training was not completed: {said}"


def _compare(
    store: Store,
    fitted: FittedModel,
    before: ModelVersion,
    run: TrainingRun,
    logs: Logs | None,
) -> LaterComparison:
    def report(done: int, of: int) -> None:
        share = RECORDED + (1 - RECORDED) * done / max(1, of)
        run.report(TrainingProgress("compare", COMPARING, share))

    report(0, 1)
    return compare_in_store(store, fitted.version, before.version, report, logs)


def promote_unless_worse(
    store: Store, fitted: FittedModel
) -> tuple[ModelVersion | None, Losses | None]:
    """Promotes the version unless it is worse than the serving one.

    By the later groups on which both were compared or, where there is no such comparison, by their validation figures.
    Returns None twice when it was promoted; else the serving version and what was lost.
    """
    current = serving(store)
    if current is not None:
        new = ModelVersion(fitted.version, "", "", dict(fitted.metrics), 0)
        lost = losses(environment().models, new, current)
        if lost.metrics:
            return current, lost
    promote(store, fitted.version)
    return None, None


def prune_after_training(store: Store) -> str:
    """Prunes old versions by the retention policy; returns the error as a sentence, since the training succeeded."""
    try:
        prune(store, environment().models, environment().keep_versions)
    except StoreError as error:
        return str(error)
    return ""
