"""The gate weights of a model over a whole shop: which experts each task relies on, saved beside the model.

They are computed over past groups, a sample in which every kind of item and of initiator appears.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.atomic import atomic_file
from db.errors import BundleRefused
from db.logs import SUCCESSFUL, Logs, Task
from db.messages import Term
from engine.bundle.array_files import read_arrays
from engine.bundle.files import GATES, MANIFEST, Fingerprint, sha256
from engine.recommender import Recommender

MAX_CASES = 20_000  # groups in the sample: an expert's mean weight is then known to half a percent
MIN_PER_STRATUM = 1_000  # groups of each kind, if there are as many
POPULARITY_BANDS = (1, 9, 99, 999)  # groups of an item, the upper ends of the bands
HISTORY_BANDS = (0, 4)  # other groups of a user, the upper ends of the bands

FORMAT = 2  # of the saved file
DIGEST = 32  # bytes at the end of the file: the SHA-256 of everything before
CHUNK = 1_000  # cases between two reports of progress
PARTS = 5  # of the cases; each is left out of the logs that describe it


@dataclass(frozen=True)
class PastCases:
    """N successful groups with one participant each, and how many other groups the logs hold of everyone in them."""

    initiators: NDArray[np.str_]  # [N] ids, as the following two
    items: NDArray[np.str_]
    participants: NDArray[np.str_]
    item_groups: NDArray[np.int64]  # [N] successful groups of the item
    initiator_others: NDArray[np.int64]  # [N] the initiator's launches and joins besides this group
    participant_others: NDArray[np.int64]  # [N] the participant's, likewise
    stands_for: NDArray[np.float64]  # [N] successful groups of the shop that the case represents

    def __len__(self) -> int:
        return len(self.items)

    def at(self, indices: NDArray[np.int64]) -> "PastCases":
        """The cases at these indices, in that order."""
        return PastCases(*[getattr(self, entry.name)[indices] for entry in fields(self)])


def draw_cases(
    logs: Logs, most: int = MAX_CASES, least: int = MIN_PER_STRATUM, seed: int = 0
) -> tuple[PastCases, NDArray[np.int64]]:
    """The successful groups that somebody joined, with their positions [N] in the logs, ascending.

    If there are more than ``most``, a stratified sample, the same at each call. The strata are the bands of the item's
    popularity by the bands of the initiator's history. Each contributes its share of ``most``, and at least ``least``,
    so that rare kinds are well represented; ``stands_for`` corrects the weights and sums to the number of groups.
    """
    rng = np.random.default_rng(seed)
    successful = logs.group_status == SUCCESSFUL
    joined = np.zeros(len(successful), bool)
    joined[logs.join_group] = True
    groups = np.flatnonzero(successful & joined)
    of_item = np.bincount(logs.group_item[successful], minlength=len(logs.items))
    of_user = np.bincount(logs.group_initiator, minlength=len(logs.users))
    of_user = of_user + np.bincount(logs.join_participant, minlength=len(logs.users))

    popularity = np.searchsorted(POPULARITY_BANDS, of_item[logs.group_item[groups]])
    history = np.searchsorted(HISTORY_BANDS, of_user[logs.group_initiator[groups]] - 1)
    stratum = popularity * (len(HISTORY_BANDS) + 1) + history
    chosen, stands_for = _stratified_sample(stratum, most, least, rng)
    groups = groups[chosen]

    first, last = (np.searchsorted(logs.join_group, groups, side) for side in ("left", "right"))
    participants = logs.join_participant[rng.integers(first, last)]
    initiators, items = logs.group_initiator[groups], logs.group_item[groups]
    users, goods = logs.users.index.to_numpy(str), logs.items.index.to_numpy(str)
    cases = PastCases(
        initiators=users[initiators],
        items=goods[items],
        participants=users[participants],
        item_groups=of_item[items],
        initiator_others=of_user[initiators] - 1,
        participant_others=of_user[participants] - 1,
        stands_for=stands_for,
    )
    return cases, groups


def _stratified_sample(
    stratum: NDArray[np.int64], most: int, least: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The sampled indices, ascending, and how many of its stratum each represents."""
    if len(stratum) <= most:
        return np.arange(len(stratum)), np.ones(len(stratum))
    indices, weights = [], []
    for kind in np.unique(stratum):
        members = np.flatnonzero(stratum == kind)
        share = round(most * len(members) / len(stratum))
        taken = min(len(members), max(share, least))
        indices.append(rng.choice(members, taken, replace=False))
        weights.append(np.full(taken, len(members) / taken))
    sample, stands_for = np.concatenate(indices), np.concatenate(weights)
    order = np.argsort(sample)
    return sample[order], stands_for[order]


@dataclass(frozen=True)
class ShopGates:
    """A model's gate weights over N past groups; ``experts`` and ``weights`` by task."""

    cases: PastCases
    new_initiator: NDArray[np.bool_]  # [N] the model was trained without the initiator
    new_item: NDArray[np.bool_]  # [N] and without the item
    experts: dict[Task, list[str]]  # names, in the order of the weights
    weights: dict[Task, NDArray[np.float32]]  # [N, experts], each row sums to 1


def count_gates(
    recommender: Recommender, logs: Logs, report: Callable[[float], None] = lambda share: None
) -> ShopGates:
    """The gates of every task over past groups of ``logs``; ``report`` is called with the share that is done.

    Each group is scored by the logs without it, as before it was launched: a participant who has joined already is so
    certain to join that one expert would seem to decide everything. Groups are left out a fifth at a time.
    """
    cases, groups = draw_cases(logs)
    tasks = recommender.experts
    weights = {
        task: np.empty((len(cases), len(names)), np.float32) for task, names in tasks.items()
    }
    done = 0
    for first in range(PARTS):
        part = np.arange(len(cases))[first::PARTS]
        for task, indices, found in _gates_of_part(recommender, logs, cases, groups, part):
            weights[task][indices] = found
            done += len(indices)
            report(done / (len(cases) * len(tasks)))
    return ShopGates(
        cases,
        recommender.new_users(cases.initiators.tolist()),
        recommender.new_items(cases.items.tolist()),
        dict(tasks),
        weights,
    )


def _gates_of_part(
    recommender: Recommender,
    logs: Logs,
    cases: PastCases,
    groups: NDArray[np.int64],
    part: NDArray[np.int64],
) -> Iterator[tuple[Task, NDArray[np.int64], NDArray[np.float32]]]:
    """Task, indices and weights of the ``part`` [M] of the cases, by the logs without the groups of that part."""
    if not len(part):
        return
    kept = np.ones(len(logs.group_item), bool)
    kept[groups[part]] = False
    before = recommender.over(logs.with_groups(kept))
    # Sorted so that cases of the same query are neighbours, which are computed together.
    order = part[np.lexsort((cases.items[part], cases.initiators[part]))]
    for task in recommender.experts:
        for start in range(0, len(order), CHUNK):
            indices = order[start : start + CHUNK]
            chunk = cases.at(indices)
            people = chunk.participants.tolist() if task is Task.PARTICIPANTS else None
            found = before.gates(chunk.initiators.tolist(), chunk.items.tolist(), people)
            yield task, indices, found


def save_gates(folder: Path, data: str, gates: ShopGates) -> None:
    """Writes the gates into a model's folder, atomically; raises OSError.

    ``data`` is the version of the logs that they were computed on.
    """
    marks = {"format": str(FORMAT), "data": data, "model": _model_mark(folder)}
    arrays: dict[str, NDArray[np.generic]] = {
        f"mark.{name}": np.array(mark) for name, mark in marks.items()
    }
    for entry in fields(PastCases):
        arrays[f"case.{entry.name}"] = getattr(gates.cases, entry.name)
    arrays |= {"new_initiator": gates.new_initiator, "new_item": gates.new_item}
    for task, names in gates.experts.items():
        arrays[f"experts.{task}"] = np.array(names, str)
        arrays[f"weights.{task}"] = gates.weights[task]
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    with atomic_file(folder / GATES) as file:
        file.write(content.getvalue())
        file.write(bytes.fromhex(sha256(content.getvalue())))  # numpy reads past it


def load_gates(folder: Path, data: str) -> ShopGates | None:
    """The gates saved for this model and these logs.

    Returns None if there are none, or if the file belongs to other logs or to another model of the same name, is of an
    earlier format, or is damaged.
    """
    try:
        whole = (folder / GATES).read_bytes()
        content, digest = whole[:-DIGEST], whole[-DIGEST:]
        if sha256(content) != digest.hex():
            return None
        stored = read_arrays(content)
        marks = {"format": str(FORMAT), "data": data, "model": _model_mark(folder)}
        if any(str(stored[f"mark.{name}"]) != mark for name, mark in marks.items()):
            return None
        gates = _read(stored)
    except (OSError, KeyError, ValueError, BundleRefused):  # an earlier format may lack entries
        return None
    return gates if _is_complete(gates) else None


def _read(stored: Mapping[str, NDArray[Any]]) -> ShopGates:
    tasks = [task for task in Task if f"experts.{task}" in stored]
    return ShopGates(
        PastCases(**{entry.name: stored[f"case.{entry.name}"] for entry in fields(PastCases)}),
        stored["new_initiator"],
        stored["new_item"],
        {task: [str(name) for name in stored[f"experts.{task}"]] for task in tasks},
        {task: stored[f"weights.{task}"] for task in tasks},
    )


def _is_complete(gates: ShopGates) -> bool:
    """Whether every column covers every case, and every row of weights sums to 1."""
    columns = [getattr(gates.cases, entry.name) for entry in fields(PastCases)]
    shapes = {column.shape for column in (*columns, gates.new_initiator, gates.new_item)}
    return shapes == {(len(gates.cases),)} and all(
        weights.shape == (len(gates.cases), len(gates.experts[task]))
        and bool(np.allclose(weights.sum(1), 1, atol=1e-3))
        for task, weights in gates.weights.items()
    )


def _model_mark(folder: Path) -> str:
    """Identifies the model: the manifest holds the SHA-256 of all other files."""
    try:
        return Fingerprint.of(folder / MANIFEST).sha256
    except OSError as error:
        reason = Term("system", str(error.strerror), str(error.errno))
        path = str(folder / MANIFEST)
        raise BundleRefused("engine.bundle.file_unreadable", path=path, reason=reason) from error
