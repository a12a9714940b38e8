"""The manifest of a bundle: one model that the training writes and the engine reads.

Names and values of existing entries stay, so that bundles of earlier versions load. Entries that are not declared here
are ignored, and what earlier versions did not write has a default.
"""

import json
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from db.errors import BundleRefused, SettingError
from db.logs import Query, Task
from engine.bundle.files import Fingerprint
from engine.candidates import Question
from engine.model_settings import ModelSettings

TOLERANCE = 1e-4  # of a canary's score; absolute below 1, relative above


def _plain_name(name: str) -> str:
    if not name or name != name.replace("\\", "/").rsplit("/", 1)[-1] or name in (".", ".."):
        raise ValueError(f"{name!r} is not the name of a file in the bundle")
    return name


Finite = Annotated[float, Field(allow_inf_nan=False)]
FileName = Annotated[str, AfterValidator(_plain_name)]  # without a path, so that none leads outside


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Counts(_Entry):
    """The size of the logs that a model was trained on."""

    users: int = 0
    items: int = 0
    groups: int = 0
    training_groups: int = 0
    validation_groups: int = 0


class IdMaps(_Entry):
    """The files that list the shop's ids by position."""

    users: FileName
    items: FileName


class TaskManifest(_Entry):
    """The graphs of a task, and the names of their inputs and outputs."""

    graph: str = ""  # file of the graph with its embeddings
    inside: FileName  # file of the head that explains
    ranking: FileName  # file of the head that gives scores alone
    experts: list[str]  # in the order of the gate
    tokens: list[str]  # in the order of the attention and of the input ``kept``
    heads: int = 0  # of the attention; 0 for a model without
    evidence: list[str]  # the evidence columns; empty for a model without evidence


class CalibrationBin(_Entry):
    """Candidates with similar promised probability."""

    promised: Finite
    observed: Finite
    right: Finite  # right answers among them
    expected: Finite = 0.0  # right answers that were promised; 0 in bundles of earlier versions
    half: int = 0  # of the validation groups that it was checked on, 0 or 1


class Calibration(_Entry):
    """Piecewise-linear calibration of a task: ``logits`` at ascending log-shares ``shares``.

    The log-share of a candidate is its score, divided by the ``temperature``, minus the logarithm of the sum of
    exp(score / temperature) over all candidates. Where the calibration is ``normalised``, the probability is exp(logit)
    over its sum over all candidates; in earlier versions the logits were log-odds, each candidate by itself.
    """

    shares: list[Finite]
    logits: list[Finite]
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    normalised: bool = False
    # Mean gap between promised and observed probability, relative to the mean that was promised. Right probabilities
    # would show ``noise`` by chance, and less than ``noise_limit`` in 95 % of cases.
    reliability_error: Finite = 0.0
    noise: Finite = 0.0
    noise_limit: Finite = 0.0
    bins: list[CalibrationBin] = []
    cases: int = 0  # lists that it was fitted on
    shown: int = 0  # the first candidates of each list that it was fitted on; 0: all, as earlier versions did

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if (
            len(self.shares) != len(self.logits)
            or not self.shares
            or np.diff(self.shares).min(initial=0) < 0
        ):
            raise ValueError("the points of the calibration do not ascend")
        return self

    def corrected(self, log_shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The logit of each log-share, in the same shape."""
        return np.interp(log_shares, self.shares, self.logits)


class Canary(_Entry):
    """A query with the scores that the trained model gave; the engine must reproduce them after loading.

    Positions, not ids.
    """

    task: Task
    initiator: int
    item: int | None  # None in Task I
    candidates: list[int] = Field(min_length=1)
    scores: list[float]

    @property
    def query(self) -> Query:
        """What the canary asks."""
        return Query(self.initiator, self.item)

    def gap(self, scores: NDArray[np.float32]) -> float:
        """The largest difference from the trained model's scores, in the unit of ``TOLERANCE``.

        Infinite when there is a score too many or too few, NaN when a score is.
        """
        expected = np.array(self.scores, np.float32)
        if scores.shape != expected.shape:
            return float("inf")
        gaps = np.abs(scores - expected) / np.maximum(1, np.abs(expected))
        return float(gaps.max(initial=0))


class Manifest(_Entry):
    """Everything that is known about a model version."""

    version: str
    created_at: str = ""  # ISO 8601, UTC
    preset: str = ""
    settings: ModelSettings  # those that no longer exist are ignored
    seed: int = 0
    code_version: str = ""
    data_version: str  # of the logs that it was trained on
    # It learned only what was known before this moment (ISO 8601, the shop's clock); None: all logs.
    known_before: str | None = None
    # The last event of those logs (ISO 8601, the shop's clock); None: no times, or not noted by earlier versions.
    last_event: str | None = None
    counts: Counts = Counts()
    metrics: dict[
        str, dict[str, float | None]
    ] = {}  # by "items/mrr@10": value, low, high, popularity; "drift" where the interval allows for it
    # The same for launches that repeat an item of their initiator ("repeats"), for the others ("first_times"), and,
    # where the model knows time, for all lists as of the cut ("nothing_later"), not each as of its own launch.
    metrics_by_part: dict[str, dict[str, dict[str, float | None]]] = {}
    # Validation took the groups launched from this moment on (ISO 8601); None: a random sample.
    validated_from: str | None = None
    id_maps: IdMaps
    tasks: dict[Task, TaskManifest]
    evidence_version: int = 1  # of the definitions of the evidence columns
    # What Task I was trained to answer (earlier versions: "new"), and the share of launches that repeat an item.
    question: Question = Question.NEW
    repeats: float = 0.0
    calibration: dict[Task, Calibration]  # of Task I: of the question it was trained to answer
    item_calibrations: dict[Question, Calibration] = {}  # of Task I, by question
    canaries: list[Canary]
    files: dict[FileName, Fingerprint]  # all but the manifest itself

    def to_json(self) -> str:
        """The content of manifest.json."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1)


def read_manifest(content: bytes, place: str) -> Manifest:
    """The manifest in ``content``; raises BundleRefused, naming ``place``, when it is not valid."""
    try:
        manifest = Manifest.model_validate(json.loads(content))
    except ValidationError as error:
        raise _refused(error, place) from error
    except SettingError as error:
        raise BundleRefused(
            "engine.bundle.manifest_entry_invalid", path=place, entry="settings"
        ) from error
    except ValueError as error:  # no JSON, or no UTF-8
        raise BundleRefused("engine.bundle.manifest_unreadable", path=place) from error
    missing = [f"calibration.{task}" for task in manifest.tasks if task not in manifest.calibration]
    checked = {canary.task for canary in manifest.canaries}
    missing += [f"canaries ({task})" for task in manifest.tasks if task not in checked]
    if missing:
        raise BundleRefused("engine.bundle.manifest_entry_missing", path=place, entry=missing[0])
    return manifest


def _refused(error: ValidationError, place: str) -> BundleRefused:
    first = error.errors()[0]
    entry = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if not entry:
        return BundleRefused("engine.bundle.manifest_unreadable", path=place)
    if first["type"] == "missing":
        return BundleRefused("engine.bundle.manifest_entry_missing", path=place, entry=entry)
    return BundleRefused("engine.bundle.manifest_entry_invalid", path=place, entry=entry)
