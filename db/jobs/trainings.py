"""The task, the status and the outcome of a training in the background."""

from typing import Literal

from pydantic import Field

from db.jobs.folder import JobFolder, JobKind, JobModel
from db.messages import Message

End = Literal["done", "failed", "cancelled"]
Point = tuple[float, dict[str, float]]  # epochs so far, and values by name


class TrainingTask(JobModel):
    """What to train; the rows of the table ``jobs`` keep it under these names."""

    preset: str = "default"
    promote: bool = False  # the new version serves once it is ready, unless it is worse
    changes: tuple[str, ...] = Field(
        default=(), validation_alias="set", serialization_alias="set"
    )  # settings that differ, ``name=value`` each
    seed: int = 0
    device: str = "auto"


class LearningCurves(JobModel):
    """Losses and metrics over the epochs, few enough to be kept."""

    losses: tuple[Point, ...] = ()
    metrics: tuple[Point, ...] = Field(
        default=(), validation_alias="figures", serialization_alias="figures"
    )


class TrainingStatus(JobModel):
    """How far a training is."""

    stage: str = "start"  # start, evidence, epoch, evaluate, export, waiting or done
    fraction: float = 0.0  # of the whole training
    eta_seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    checkpoint: str = ""  # file name of the state from which the same training would resume
    data_version: str = ""  # of the logs it learns from
    curves: LearningCurves = Field(
        default=LearningCurves(), validation_alias="course", serialization_alias="course"
    )


class TrainingOutcome(JobModel):
    """How a training ended."""

    state: End
    message: Message
    version: str = ""  # of the new model
    metrics: dict[str, dict[str, float]] = Field(default_factory=dict)
    promoted: bool = False
    worse: tuple[str, ...] = ()  # metrics in which it is worse than the serving version


TRAINING = JobKind("training", TrainingTask, TrainingStatus, TrainingOutcome)
TrainingFolder = JobFolder[TrainingTask, TrainingStatus, TrainingOutcome]
