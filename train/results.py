"""Measured figures on disk: ``results.json`` of a benchmark, ``sweep-NAME.json`` of a sweep.

Either file is a JSON list with one object a line, each complete in itself. Of a benchmark:

- ``system``, ``task`` (items, participants), ``metric`` (mrr@10, ndcg@10, mrr@100, ndcg@100): what was measured;
- ``value``, ``low``, ``high``: the figure and its 95 % bootstrap interval, over ``lists`` candidate lists;
- ``cold``, ``warm``: the same four numbers for initiators without and with a training launch, failed launch or join;
  ``value`` is null where there is none;
- ``protocol``, ``seed``, ``test_groups``, ``training_groups``, ``data_version``: on what;
- ``seconds`` to learn, ``seconds_scoring``, ``peak_mib`` of the process that did both, ``device``;
- ``settings``: all of the system's, tuned ones included; ``adaptation``: how it was brought to do its second task;
- ``code_version``, ``measured_at``, ``command``: by what, when and how;
- ``key``: names the run, so that it is not repeated.

Of a sweep: ``param``, ``setting`` (its value), ``preset`` and ``best_epoch`` instead of ``system``, ``protocol`` and
``adaptation``, and ``validation_groups`` instead of ``test_groups``; there is no ``cold`` and no ``warm``.
"""

import datetime
import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.errors import TrainError
from train.files import write_whole
from train.protocol import Lists, figures

Row = dict[str, Any]


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
    write_whole(path, "[\n" + ",\n".join(lines) + "\n]\n")


def run_key(**facts: Any) -> str:
    """Names a run by all that decides its figures but the code."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def now() -> str:
    """The moment, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def measured(lists: Lists, scores: NDArray[np.floating]) -> list[Row]:
    """A row a metric, with its interval over the lists."""
    return [
        {"task": lists.task, "metric": name.split("/")[1], **_figure(figure, len(scores))}
        for name, figure in figures(lists, scores).items()
    ]


def measured_apart(
    lists: Lists, scores: NDArray[np.floating], cold: NDArray[np.bool_]
) -> list[Row]:
    """The same, with the figures of the ``cold`` [n] lists and of the others beside."""
    rows = measured(lists, scores)
    for part, chosen in (("cold", cold), ("warm", ~cold)):
        found = figures(lists.part(chosen), scores[chosen])
        for row, figure in zip(rows, found.values(), strict=True):
            row[part] = _figure(figure, int(chosen.sum()))
    return rows


def _figure(figure: dict[str, float], lists: int) -> Row:
    """Value, low and high; null where nothing was measured, since JSON knows no NaN."""
    numbers = {key: None if math.isnan(value) else value for key, value in figure.items()}
    return numbers | {"lists": lists}
