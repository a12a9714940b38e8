"""A training with its place in the store: read the logs, fit, record, promote."""

from db.differences import Difference, worse
from db.errors import StoreError
from db.pruning import prune
from db.reading import read_logs
from db.registry import ModelVersion, promote, record_ready, serving
from db.settings import settings
from db.store import Store
from train.config import Config
from train.errors import TrainError
from train.fit import Fitted, fit
from train.packing.bundle import sweep_unfinished
from train.stages import Stage, Watch


def run_fit(
    store: Store,
    config: Config,
    preset: str,
    seed: int,
    device: str,
    promoting: bool,
    watch: Watch,
) -> Fitted:
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
    record_ready(store, fitted.version, preset, logs.version, dict(fitted.metrics))
    if promoting:
        promote(store, fitted.version)
    untidy = prune_after_training(store)
    watch(Stage("done", f"The model {fitted.version} is ready. {untidy}".strip(), 1.0, 0.0))
    return fitted


def promote_unless_worse(
    store: Store, fitted: Fitted
) -> tuple[ModelVersion | None, list[Difference]]:
    """Lets the version serve where it is no worse than the one that does.

    The version that serves already comes back with the figures in which the new one is worse; nothing is promoted
    then. ``None`` and no figures: the new one serves.
    """
    now = serving(store)
    lost = [] if now is None else worse(fitted.metrics, now.metrics)
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
