"""What every step of one training takes beside the logs: settings, seed, device, and where progress goes."""

from dataclasses import dataclass, field

from engine.model_settings import ModelSettings
from engine.moment import Moment
from train.progress import ProgressCallback, ignore_progress


@dataclass(frozen=True)
class TrainingRun:
    """One training of MAMGBR.

    ``preset`` is the name that the settings started from, for the record. ``device`` is auto, cpu or cuda. ``report``
    is called with the progress and may raise to stop the training. ``until`` is the moment before which everything that
    is learned was known, for those who read the logs and for the record; None: all logs. ``job`` is the job of the
    store that it does, if any.
    """

    settings: ModelSettings = field(default_factory=ModelSettings)
    preset: str = "default"
    seed: int = 0
    device: str = "auto"
    report: ProgressCallback = ignore_progress
    until: Moment | None = None
    job: int | None = None
