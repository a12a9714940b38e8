"""A training with its place in the store: read the logs, fit, record, promote."""

from db.reading import read_logs
from db.registry import promote, record_ready
from db.settings import settings
from db.store import Store
from train.bundle import sweep_unfinished
from train.config import Config
from train.errors import TrainError
from train.fit import Fitted, fit
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
    watch(Stage("done", f"The model {fitted.version} is ready.", 1.0, 0.0))
    return fitted
