"""The gates of a whole shop: which experts each task relies on, case by case, kept beside the model.

Past groups drawn so that the whole shop is seen: every kind of item and of initiator.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.atomic import atomic_file
from db.errors import BundleRefused
from db.logs import SUCCESSFUL, Logs
from engine.bundle.files import GATES, MANIFEST, Fingerprint, sha256
from engine.recommender import Recommender
from engine.scorer import ITEMS, PARTICIPANTS

MOST = 20_000  # groups that are looked at: the mean weight of an expert is then known to half a percent
LEAST = 1_000  # of every kind of group, where there are as many
POPULAR = (1, 9, 99, 999)  # groups of an item, the ends of its bands
KNOWN = (0, 4)  # other groups of a person, the ends of hers


@dataclass(frozen=True)
class PastCases:
    """N successful groups with one participant each, and how much the logs know of everyone in them."""

    initiators: NDArray[np.str_]  # [N] ids, as the following two
    items: NDArray[np.str_]
    participants: NDArray[np.str_]
    item_groups: NDArray[np.int64]  # [N] successful groups of the item
    initiator_others: NDArray[np.int64]  # [N] her launches and joins besides this group
    participant_others: NDArray[np.int64]  # [N] likewise
    stands_for: NDArray[np.float64]  # [N] successful groups of the shop that the case speaks for

    def __len__(self) -> int:
        return len(self.items)

    def at(self, places: NDArray[np.int64]) -> "PastCases":
        """The cases at ``places``, in that order."""
        return PastCases(*[getattr(self, entry.name)[places] for entry in fields(self)])


def draw_cases(
    logs: Logs, most: int = MOST, least: int = LEAST, seed: int = 0
) -> tuple[PastCases, NDArray[np.int64]]:
    """All successful groups that somebody joined, with their positions [N] in the logs, ascending.

    Of more than ``most`` they are a stratified draw, the same at each call.

    The strata are the bands of the item's popularity by those of what is known of the initiator. Each gives its share
    of ``most``, and ``least`` at any rate, so that rare kinds are seen well; ``stands_for`` puts the weights right,
    and sums to the number of such groups.
    """
    rng = np.random.default_rng(seed)
    successful = logs.group_status == SUCCESSFUL
    joined = np.zeros(len(successful), bool)
    joined[logs.join_group] = True
    groups = np.flatnonzero(successful & joined)
    of_item = np.bincount(logs.group_item[successful], minlength=len(logs.items))
    of_user = np.bincount(logs.group_initiator, minlength=len(logs.users))
    of_user = of_user + np.bincount(logs.join_participant, minlength=len(logs.users))

    popular = np.searchsorted(POPULAR, of_item[logs.group_item[groups]])
    known = np.searchsorted(KNOWN, of_user[logs.group_initiator[groups]] - 1)
    stratum = popular * (len(KNOWN) + 1) + known
    chosen, stands_for = _drawn(stratum, most, least, rng)
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


def _drawn(
    stratum: NDArray[np.int64], most: int, least: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The places that were drawn, ascending, and for how many of their stratum each stands."""
    if len(stratum) <= most:
        return np.arange(len(stratum)), np.ones(len(stratum))
    places, weights = [], []
    for kind in np.unique(stratum):
        members = np.flatnonzero(stratum == kind)
        share = round(most * len(members) / len(stratum))
        taken = min(len(members), max(share, least))
        places.append(rng.choice(members, taken, replace=False))
        weights.append(np.full(taken, len(members) / taken))
    found, stands_for = np.concatenate(places), np.concatenate(weights)
    order = np.argsort(found)
    return found[order], stands_for[order]


FORMAT = 2
DIGEST = 32  # bytes at the end of the file: the SHA-256 of all before
CHUNK = 1_000  # cases between two reports of progress
PARTS = 5  # of the cases, each left out of the logs that judge it


@dataclass(frozen=True)
class ShopGates:
    """The gate's weights of a model over N past groups; ``experts`` and ``weights`` by task."""

    cases: PastCases
    new_initiator: NDArray[np.bool_]  # [N] she came after the training
    new_item: NDArray[np.bool_]  # [N]
    experts: dict[str, list[str]]  # names, in the order of the weights
    weights: dict[str, NDArray[np.float32]]  # [N, experts], each row sums to 1


def count_gates(
    recommender: Recommender, logs: Logs, report: Callable[[float], None] = lambda share: None
) -> ShopGates:
    """The gates of every task over past groups of ``logs``; ``report`` hears the share that is done.

    Each group is judged by the logs without it, as it was recommended before it came about: who has joined already
    is so certain to join that one expert would be seen to decide everything. The groups are left out by parts.
    """
    cases, groups = draw_cases(logs)
    tasks = recommender.experts
    weights = {
        task: np.empty((len(cases), len(names)), np.float32) for task, names in tasks.items()
    }
    done = 0
    for first in range(PARTS):
        part = np.arange(len(cases))[first::PARTS]
        for task, places, found in _judged(recommender, logs, cases, groups, part):
            weights[task][places] = found
            done += len(places)
            report(done / (len(cases) * len(tasks)))
    return ShopGates(
        cases,
        recommender.new_users(cases.initiators.tolist()),
        recommender.new_items(cases.items.tolist()),
        dict(tasks),
        weights,
    )


def _judged(
    recommender: Recommender,
    logs: Logs,
    cases: PastCases,
    groups: NDArray[np.int64],
    part: NDArray[np.int64],
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.float32]]]:
    """Task, places and weights of the ``part`` [M] of the cases, by the logs without their ``groups`` [N]."""
    if not len(part):
        return
    kept = np.ones(len(logs.group_item), bool)
    kept[groups[part]] = False
    before = recommender.over(logs.with_groups(kept))
    # Neighbours in this order share their query, which is then run once.
    order = part[np.lexsort((cases.items[part], cases.initiators[part]))]
    for task in recommender.experts:
        for start in range(0, len(order), CHUNK):
            places = order[start : start + CHUNK]
            some = cases.at(places)
            joiners = some.participants.tolist() if task == PARTICIPANTS else None
            yield (
                task,
                places,
                before.gates(some.initiators.tolist(), some.items.tolist(), joiners),
            )


def keep_gates(folder: Path, data: str, gates: ShopGates) -> None:
    """Writes the gates into a model's folder: whole, or not at all (OSError).

    ``data`` is the version of the logs that they were counted on.
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


def kept_gates(folder: Path, data: str) -> ShopGates | None:
    """The gates that were kept for this model and these logs; ``None`` where there are none, or none that hold.

    Whoever gets ``None`` counts anew: a file of other logs, of another model of the same name, cut off or damaged, is
    as good as none.
    """
    try:
        whole = (folder / GATES).read_bytes()
        content, digest = whole[:-DIGEST], whole[-DIGEST:]
        if sha256(content) != digest.hex():
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            marks = {"format": str(FORMAT), "data": data, "model": _model_mark(folder)}
            if any(str(stored[f"mark.{name}"]) != mark for name, mark in marks.items()):
                return None
            found = _read(stored)
    except (OSError, KeyError, BundleRefused):  # a file of an earlier format may lack entries
        return None
    return found if _holds(found) else None


def _read(stored: np.lib.npyio.NpzFile) -> ShopGates:
    tasks = [task for task in (ITEMS, PARTICIPANTS) if f"experts.{task}" in stored]
    return ShopGates(
        PastCases(**{entry.name: stored[f"case.{entry.name}"] for entry in fields(PastCases)}),
        stored["new_initiator"],
        stored["new_item"],
        {task: [str(name) for name in stored[f"experts.{task}"]] for task in tasks},
        {task: stored[f"weights.{task}"] for task in tasks},
    )


def _holds(gates: ShopGates) -> bool:
    """Whether everything is there for every case, and every row of weights is one."""
    columns = [getattr(gates.cases, entry.name) for entry in fields(PastCases)]
    shapes = {column.shape for column in (*columns, gates.new_initiator, gates.new_item)}
    return shapes == {(len(gates.cases),)} and all(
        weights.shape == (len(gates.cases), len(gates.experts[task]))
        and bool(np.allclose(weights.sum(1), 1, atol=1e-3))
        for task, weights in gates.weights.items()
    )


def _model_mark(folder: Path) -> str:
    """By what the model is known: the manifest holds the SHA-256 of everything else."""
    try:
        return Fingerprint.of(folder / MANIFEST).sha256
    except OSError as error:
        raise BundleRefused(
            f"{folder / MANIFEST} cannot be read: {error.strerror}. Promote another version."
        ) from error
