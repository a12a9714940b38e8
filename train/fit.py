"""One training from the store to a checked bundle."""

import hashlib
import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.code_version import code_version
from db.errors import StoreError, TrainError
from db.logs import Logs
from db.models.comparison import Difference, worse_metrics
from db.models.registry import ModelVersion, promote, record_ready, serving
from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.bundle.retention import prune
from engine.bundle.writer import sweep_unfinished
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.export.contents import Validation, write_bundle
from train.export.onnx import serving_snapshot
from train.export.validation_metrics import calibrations, measured
from train.learn.checkpoint import remove_abandoned
from train.learn.fit_network import fit_network, resolve_device
from train.prepare.dataset import build_dataset
from train.prepare.splits import split_groups, spread_sample
from train.progress import RECORDED, WAITING, ProgressCallback, TrainingProgress

CHECKPOINTS = ".training"  # under the models; each file is named by all that decides a training


@dataclass(frozen=True)
class FittedModel:
    """A finished bundle and what it is worth."""

    version: str
    folder: Path
    metrics: dict[str, dict[str, float]]
    history: list[dict[str, float]]


def fit(
    logs: Logs,
    config: ModelSettings,
    preset: str,
    seed: int,
    device: str,
    models: Path,
    watch: ProgressCallback,
) -> FittedModel:
    """Trains on the logs and writes the bundle under ``models``; recording and promoting are the caller's.

    The same logs, settings and seed give the same model. A training that was cut off goes on from its checkpoint.
    """
    checkpoint = models / CHECKPOINTS / f"{_run_name(logs, config, seed)}.pt"
    remove_abandoned(checkpoint.parent, checkpoint)
    watch(TrainingProgress("start", "Reading the logs", 0.0, checkpoint=checkpoint.name))
    parts = split_groups(logs, config, seed)
    lists = draw_candidate_lists(logs, spread_sample(parts.validation, config.validation_cap), seed)
    # Learned vectors serve as they are; others are found anew over all groups.
    prepared = build_dataset(
        logs, config, parts, lists, seed, watch, serving=config.embeddings == "taste"
    )
    trained = fit_network(prepared, config, seed, device, watch, checkpoint)
    watch(TrainingProgress("export", "Writing and checking the model", 0.93))
    trained.network.to(resolve_device(device))  # lists are scored fastest where they were learned
    worth = Validation(
        measured(trained, prepared, config), calibrations(logs, trained, prepared, parts, seed)
    )
    trained.network.cpu()
    serving = serving_snapshot(logs, config, prepared)
    folder = write_bundle(
        logs, config, preset, seed, parts, prepared, trained, worth, serving, models
    )
    checkpoint.unlink(missing_ok=True)
    return FittedModel(folder.name, folder, worth.metrics, trained.history)


def _run_name(logs: Logs, config: ModelSettings, seed: int) -> str:
    """Names a training by all that decides it, so that only the very same one is resumed."""
    text = json.dumps([logs.version, config.model_dump(), seed, code_version()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def train_from_store(
    store: Store,
    config: ModelSettings,
    preset: str,
    seed: int,
    device: str,
    promoting: bool,
    watch: ProgressCallback,
) -> FittedModel:
    """Trains on what the store holds; the version is recorded only when its bundle is complete and checked."""
    logs = read_logs(store)
    sweep_unfinished(settings().models)
    try:
        fitted = fit(logs, config, preset, seed, device, settings().models, watch)
    except OSError as error:
        raise TrainError(
            f"The model could not be written to {settings().models}: {error.strerror}. Free some "
            f"space or point MAMGBR_MODELS elsewhere, then start the training again."
        ) from error

    def on_wait() -> None:
        watch(TrainingProgress("waiting", WAITING, RECORDED))

    with closing(store.patient(on_wait)) as patient:
        record_ready(patient, fitted.version, preset, logs.version, dict(fitted.metrics))
        if promoting:
            promote(patient, fitted.version)
        untidy = prune_after_training(patient)
    watch(
        TrainingProgress("done", f"The model {fitted.version} is ready. {untidy}".strip(), 1.0, 0.0)
    )
    return fitted


def promote_unless_worse(
    store: Store, fitted: FittedModel
) -> tuple[ModelVersion | None, list[Difference]]:
    """Lets the version serve where it is no worse than the one that does.

    The version that serves already comes back with the figures in which the new one is worse; nothing is promoted
    then. ``None`` and no figures: the new one serves.
    """
    now = serving(store)
    lost = [] if now is None else worse_metrics(fitted.metrics, now.metrics)
    if lost:
        return now, lost
    promote(store, fitted.version)
    return None, []


def prune_after_training(store: Store) -> str:
    """Removes the versions that the policy lets go; a sentence comes back where that failed, for a training has not."""
    try:
        prune(store, settings().models, settings().keep_versions)
    except StoreError as error:
        return str(error)
    return ""
