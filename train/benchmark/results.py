"""Measured figures on disk: ``results.json`` of a benchmark, ``sweep-NAME.json`` of a sweep.

Either file is a JSON list with one object a line. Of a benchmark, where each says all but the settings:

- ``system``, ``task`` (items, participants), ``metric`` (mrr@10, ndcg@10, mrr@100, ndcg@100): what was measured;
- ``value``, ``low``, ``high``: the figure and its 95 % bootstrap interval, over ``lists`` candidate lists;
- ``cold``, ``warm``: the same four numbers for initiators without and with a training launch, failed launch or join;
  ``value`` is null where there is none;
- ``protocol``, ``seed``, ``test_groups``, ``training_groups``, ``data_version``: on what;
- ``seconds`` to learn, ``seconds_scoring``, ``peak_mib`` of the process that did both, ``device``;
- ``settings``: all of the system's, tuned ones included, in the first row of its run alone;
- ``adaptation``: how it was brought to do its second task;
- ``code_version``, ``measured_at``, ``command``: by what, when and how;
- ``key``: names the run, so that it is not repeated.

``protocol`` full has other metrics: recall@10, recall@20, recall@50, ndcg@10, ndcg@20 and mrr of the right answer among
all items or users; coverage@10, the share of them that anybody is shown among the first ten, without an interval
(``low`` and ``high`` are null); popularity@10, the mean of log(1 + training launches or joins) over those ten.
``lists`` counts the rankings of right answers, for the last two those that are shown; ``test_groups`` is the larger
number of the two tasks.

``protocol`` newcomers has three figures more a row: ``hidden``, of lists about users whose logs came after training;
``before``, of the same lists while nothing was known of those users; ``shown``, of the other lists. ``cold`` and
``warm`` go by what is known in the end; ``seconds_updating`` is what taking in their logs took.

Of a sweep, each of whose rows has its settings: ``param``, ``setting`` (its value), ``preset`` and ``best_epoch``
instead of ``system``, ``protocol`` and ``adaptation``, and ``validation_groups`` instead of ``test_groups``; there is
no ``cold`` and no ``warm``.
"""

import datetime
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.atomic import write_atomically
from db.errors import TrainError
from db.messages import Term
from train.evaluate.full_ranking import RankedAnswers, RankingQueries, full_metrics
from train.evaluate.metrics import MetricEstimate
from train.evaluate.sampled_ranking import CandidateLists, sampled_metrics

Row = dict[str, Any]

TASKS = (("items", "I"), ("participants", "II"))
METRICS = ("mrr@10", "ndcg@10", "mrr@100", "ndcg@100")
COLUMNS = [(task, metric) for task, _ in TASKS for metric in METRICS]


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, none where there is no file; ``TrainError`` where it holds something else."""
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainError(f"{path} holds no results: {error}. Move it away, or mend it.") from error
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and "key" in row for row in rows
    ):
        raise TrainError(f"{path} holds no list of results. Move it away, or choose another --out.")
    return rows


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Writes the rows, one a line, all of them or none."""
    lines = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows]
    write_result(path, "[\n" + ",\n".join(lines) + "\n]\n")


def write_result(path: Path, content: str | bytes) -> None:
    """Writes a file of results, whole or not at all; raises TrainError when the disk refuses."""
    try:
        write_atomically(path, content)
    except OSError as error:
        reason = Term("system", str(error.strerror), str(error.errno))
        raise TrainError("train.benchmark.not_written", path=str(path), reason=reason) from error


def run_key(**facts: Any) -> str:
    """Names a run by all that decides its figures but the code."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def now() -> str:
    """The moment, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def measured(lists: CandidateLists, scores: NDArray[np.floating]) -> list[Row]:
    """A row a metric, with its interval over the lists."""
    return [
        {
            "task": lists.task,
            "metric": metric.at,
            **_figure(found),
        }
        for metric, found in sampled_metrics(lists, scores).items()
    ]


def measured_apart(
    lists: CandidateLists, scores: NDArray[np.floating], parts: Mapping[str, NDArray[np.bool_]]
) -> list[Row]:
    """The same, with the figures of some of the lists beside: those that are true in each of the ``parts`` [n]."""
    rows = measured(lists, scores)
    for part, chosen in parts.items():
        rows = beside(rows, part, measured(lists.part(chosen), scores[chosen]))
    return rows


def measured_fully(
    queries: RankingQueries, ranked: RankedAnswers, parts: Mapping[str, NDArray[np.bool_]]
) -> list[Row]:
    """A row a metric of the full ranking, with the figures of some of the queries [n] beside."""
    rows = _fully(queries, ranked, None)
    for part, chosen in parts.items():
        rows = beside(rows, part, _fully(queries, ranked, chosen))
    return rows


def _fully(
    queries: RankingQueries, ranked: RankedAnswers, chosen: NDArray[np.bool_] | None
) -> list[Row]:
    return [
        {"task": queries.task, "metric": metric.at, **_figure(found)}
        for metric, found in full_metrics(queries, ranked, chosen).items()
    ]


def beside(rows: Sequence[Row], part: str, others: Sequence[Row]) -> list[Row]:
    """The rows, each with the figure of another measurement of the same metric as its ``part``."""
    names = ("value", "low", "high", "lists")
    return [
        row | {part: {name: other[name] for name in names}}
        for row, other in zip(rows, others, strict=True)
    ]


def _figure(found: MetricEstimate) -> Row:
    """Value, low, high and lists; null where nothing was measured, since JSON knows no NaN."""
    return {key: None if math.isnan(value) else value for key, value in vars(found).items()}
