"""What every step of one training takes beside the logs: settings, seed, device, and where progress goes."""

from dataclasses import dataclass, field

from engine.model_settings import ModelSettings
from train.progress import ProgressCallback, ignore_progress


@dataclass(frozen=True)
class TrainingRun:
    """One training of MAMGBR.

    ``preset`` is the name that the settings started from, for the record. ``device`` is auto, cpu or cuda. ``report``
    is called with the progress and may raise to stop the training.
    """

    settings: ModelSettings = field(default_factory=ModelSettings)
    preset: str = "default"
    seed: int = 0
    device: str = "auto"
    report: ProgressCallback = ignore_progress
