"""What each ranked list of a run is worth, kept on disk: two systems compare best list by list.

Lists differ from each other far more than systems do. The interval of a difference over the same lists is therefore
much narrower than those of the two figures.
"""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.evaluate.everyone import Queries, Ranked, answer_worths
from train.evaluate.protocol import Lists, list_worths
from train.files import write_whole

FOLDER = "lists"


@dataclass
class Worths:
    """``values`` by task and metric, a number for each of the task's n ranked lists; ``group`` [n] by task is the
    group that a list comes from.
    """

    values: dict[tuple[str, str], NDArray[np.float32]] = field(default_factory=dict)
    group: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def add_lists(self, lists: Lists, scores: NDArray[np.floating]) -> None:
        """Those of sampled lists with ``scores`` [n, N]."""
        self._add(lists.task, list_worths(lists, scores), lists.group)

    def add_answers(self, queries: Queries, ranked: Ranked) -> None:
        """Those of a full ranking."""
        self._add(queries.task, answer_worths(queries, ranked), queries.group[ranked.owner])

    def _add(
        self, task: str, worths: dict[str, NDArray[np.float64]], group: NDArray[np.int64]
    ) -> None:
        self.values |= {(task, metric): v.astype(np.float32) for metric, v in worths.items()}
        self.group[task] = group


def keep_worths(out: Path, key: str, worths: Worths) -> None:
    """Writes a run's, whole or not at all; ``TrainError`` where that cannot be."""
    arrays: dict[str, NDArray[Any]]
    arrays = {"/".join(name): values for name, values in worths.values.items()}
    arrays |= {f"{task}/group": group for task, group in worths.group.items()}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_whole(_place(out, key), content.getvalue())


def kept_worths(out: Path, key: str) -> Worths | None:
    """A run's, ``None`` where they were not kept, as for one that was measured elsewhere."""
    place = _place(out, key)
    if not place.exists():
        return None
    found = Worths()
    with np.load(place, allow_pickle=False) as arrays:
        for name in arrays.files:
            task, _, metric = name.partition("/")
            if metric == "group":
                found.group[task] = arrays[name]
            else:
                found.values[task, metric] = arrays[name]
    return found


def _place(out: Path, key: str) -> Path:
    return out / FOLDER / f"{key}.npz"
