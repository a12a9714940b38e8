"""The files of a benchmark and one model for the lines of each.

Each file is a JSON list with one record a line:

- ``results.json``: a ``SystemRecord`` for each metric of each run of a system;
- ``leads.json``: a ``PairedDifference`` for each metric and system that ran on the same lists as MAMGBR;
- ``paper.json``: a ``PaperRecord`` for each figure that the paper prints;
- ``sweep-NAME.json``: a ``SweepRecord`` for each metric of each value of a setting.

A record that was read is written back as the same text: its fields keep their order, fields that it did not have stay
out, and fields that this version does not know are kept.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from db.atomic import write_atomically
from db.errors import ResultsError
from db.logs import Metric, Task
from db.messages import Term

RESULTS, DIFFERENCES, PAPER = "results.json", "leads.json", "paper.json"

Moment = Annotated[
    datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="seconds"), str, "json")
]


class Part(StrEnum):
    """Which of a run's lists an estimate is over."""

    ALL = "all"
    COLD = "cold"  # initiators without a training launch, failed launch or join
    WARM = "warm"  # the other initiators
    HIDDEN = "hidden"  # protocol newcomers: lists about users whose logs came after training
    BEFORE = "before"  # the same lists while nothing was known of those users
    SHOWN = "shown"  # the other lists of that protocol
    REPEATS = "repeats"  # lists of groups whose initiator had launched the item before
    FIRST_TIMES = "first_times"  # lists of the other groups
    # Protocol future: "new" is who or what had no launch, or no join, before the cut.
    NEW_ITEMS = "new_items"
    NEW_AMONG_NEW = "new_among_new"  # the same groups, their items ranked among new ones only
    NEW_INITIATORS = "new_initiators"
    NEW_PARTICIPANTS = "new_participants"  # who had launched, but never joined
    WEEK_1 = "week_1"  # launches by how long ago the training was
    WEEKS_2_TO_4 = "weeks_2_to_4"
    WEEKS_5_TO_13 = "weeks_5_to_13"


class Way(StrEnum):
    """What is known when the protocol future asks about a launch after the cut; either way nothing learns again."""

    CUT = "cut"  # nothing after the cut
    DAY = "day"  # whatever happened before the launch: the evidence of the day


# One permutation drew test groups and those that settings were chosen on; since then each purpose has its own key.
ONE_PERMUTATION, KEY_FOR_EACH_PURPOSE = 1, 2


class Estimate(BaseModel):
    """A metric's mean over ``lists`` candidate lists and its 95 % bootstrap interval.

    ``value`` is None where there was no list. ``low`` and ``high`` are None there too, and for coverage, which is a
    share of everything rather than a mean.
    """

    model_config = ConfigDict(frozen=True)
    value: float | None
    low: float | None = None
    high: float | None = None
    lists: int = 0


class Record(BaseModel):
    """One line of a file; ``key`` names the run that it belongs to."""

    model_config = ConfigDict(frozen=True, extra="allow")
    _order: tuple[str, ...] = PrivateAttr(())

    key: str
    task: Task
    metric: Metric  # written without its task: "mrr@10"

    @model_validator(mode="wrap")
    @classmethod
    def _remember_order(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        record = handler(data)
        if isinstance(data, dict):
            record._order = tuple(data)
        return record

    @field_validator("metric", mode="before")
    @classmethod
    def _parse_metric(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        return Metric.parse(f"{info.data.get('task')}/{value}")

    @field_serializer("metric")
    def _write_metric(self, metric: Metric) -> str:
        return metric.at

    def to_json(self) -> str:
        """The record as one line of its file."""
        values = self.model_dump(mode="json", exclude_unset=True)
        ordered = {name: values.pop(name) for name in self._order if name in values} | values
        return json.dumps(ordered, ensure_ascii=False, allow_nan=False)


class _RunRecord(Record):
    """One metric of one run, and what the run took."""

    value: float | None
    low: float | None = None
    high: float | None = None
    lists: int = 0
    seed: int
    training_groups: int
    data_version: str
    code_version: str = ""
    measured_at: Moment
    seconds: float  # of training
    peak_mib: int  # of the process that trained and scored
    device: str  # cpu or cuda
    command: str = ""

    @property
    def estimate(self) -> Estimate:
        """The estimate over all lists."""
        return Estimate(value=self.value, low=self.low, high=self.high, lists=self.lists)


class SystemRecord(_RunRecord):
    """One metric of one system under one protocol; see ``train/benchmark/protocols.py`` for what a protocol asks.

    ``settings``, tuned ones included, are in the first record of a run only. ``adaptation`` says how the system does
    the task that it was not made for.
    """

    system: str
    protocol: str
    test_groups: int  # the larger number where the tasks have different ones
    seconds_scoring: float
    seconds_updating: float | None = None  # taking in later logs, where the protocol has any
    adaptation: str = ""
    settings: dict[str, Any] | None = None
    cold: Estimate | None = None
    warm: Estimate | None = None
    hidden: Estimate | None = None
    before: Estimate | None = None
    shown: Estimate | None = None
    repeats: Estimate | None = None
    first_times: Estimate | None = None
    new_items: Estimate | None = None
    new_among_new: Estimate | None = None
    new_initiators: Estimate | None = None
    new_participants: Estimate | None = None
    week_1: Estimate | None = None
    weeks_2_to_4: Estimate | None = None
    weeks_5_to_13: Estimate | None = None
    cut: str | None = None  # protocol future: the day from which on launches are asked
    way: Way | None = None  # protocol future
    drawing: int = ONE_PERMUTATION  # how test groups and candidates were drawn

    @property
    def estimates(self) -> dict[Part, Estimate]:
        """The estimates over all lists and over each part that was measured separately."""
        found = {Part.ALL: self.estimate}
        for part in Part:
            estimate = None if part is Part.ALL else getattr(self, part)
            if estimate is not None:
                found[part] = estimate
        return found


class PairedDifference(Record):
    """How much higher ``system`` scores than ``over`` on the same lists, with the 95 % interval of the difference.

    Lists differ from each other far more than systems do, so this interval is much narrower than those of the two
    estimates. ``key`` names the run of ``over``; ``of`` says when each of the two runs was measured, by its key.
    """

    system: str = "mamgbr"
    over: str
    protocol: str
    seed: int
    test_groups: int
    data_version: str
    value: float
    low: float
    high: float
    lists: int = 0
    of: dict[str, Moment] = {}
    cut: str | None = None
    way: Way | None = None

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


class PaperRecord(Record):
    """A figure that the paper prints in ``table``; ``impossible`` where no ranking gives it beside its neighbour."""

    table: int = 0
    system: str  # as the paper writes it
    value: float
    impossible: bool


class SweepRecord(_RunRecord):
    """One metric of the training in which ``param`` was ``setting``, on validation groups.

    ``param`` names a setting, or several joined by + that take each value together.
    """

    param: str
    setting: str
    preset: str
    settings: dict[str, Any]
    validation_groups: int = 0
    best_epoch: float = 0.0


Kind = TypeVar("Kind", bound=Record)


def read_records(path: Path, kind: type[Kind]) -> list[Kind]:
    """The records of a file; none where there is no file. Raises ResultsError where it holds something else."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        reason = Term("system", error.strerror or "", str(error.errno))
        raise ResultsError("engine.benchmark.unreadable", file=str(path), reason=reason) from error
    try:
        return TypeAdapter(list[kind]).validate_json(text)  # type: ignore[valid-type]
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        if not place:
            raise ResultsError("engine.benchmark.no_list", file=str(path)) from error
        field = ".".join(map(str, place[1:]))
        raise ResultsError(
            "engine.benchmark.bad_field" if field else "engine.benchmark.no_record",
            file=str(path),
            number=int(place[0]) + 1,
            field=field,
        ) from error


def write_records(path: Path, records: Sequence[Record]) -> None:
    """Writes the records, one a line; raises ResultsError where that fails."""
    write_result(path, "[\n" + ",\n".join(record.to_json() for record in records) + "\n]\n")


def write_result(path: Path, content: str | bytes) -> None:
    """Writes a file of results, whole or not at all; raises ResultsError where that fails."""
    try:
        write_atomically(path, content)
    except OSError as error:
        reason = Term("system", error.strerror or "", str(error.errno))
        raise ResultsError("engine.benchmark.not_written", path=str(path), reason=reason) from error
