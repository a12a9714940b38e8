"""Past groups cut into slices by popularity, by what is known of people and by category; and each expert's role.

An expert is idle, dominates, or carries its part; and there may be slices in which it stands out. Pure functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Task
from engine.gates import HISTORY_BANDS, POPULARITY_BANDS, ShopGates

DIMENSIONS = ("popularity", "item", "initiator", "participant", "category")
CATEGORIES = 12  # the largest ones; the others form one slice
OTHER, UNKNOWN = "\0other", "\0unknown"  # names that no shop gives a category
NEW = "new"


@dataclass(frozen=True)
class Slices:
    """A cut of N cases: the keys of the slices that are not empty, in order, and each case's index among them."""

    dimension: str
    keys: list[str]
    codes: NDArray[np.int64]  # [N]


def cut_into_slices(dimension: str, gates: ShopGates, categories: pd.Series) -> Slices | None:
    """The cases cut by ``dimension``; ``None`` where all of them are in one slice.

    Args:
        dimension: One of ``DIMENSIONS``. "popularity" is by the item's groups. "item", "initiator" and "participant"
            are by whether the training saw them, and by their other groups: none (cold), a few, or many.
        gates: The gates of N past groups.
        categories: The category of each item by id, missing where it is unknown.

    """
    cases = gates.cases
    if dimension == "category":
        cut = _categories(categories.reindex(cases.items))
    elif dimension == "popularity":
        cut = _banded(cases.item_groups, POPULARITY_BANDS)
    elif dimension == "item":
        cut = _banded(cases.item_groups - 1, HISTORY_BANDS, gates.new_item)
    elif dimension == "initiator":
        cut = _banded(cases.initiator_others, HISTORY_BANDS, gates.new_initiator)
    else:
        cut = _banded(cases.participant_others, HISTORY_BANDS)
    keys, codes = cut
    present = np.unique(codes)
    if len(present) < 2:
        return None
    places = np.zeros(len(keys), np.int64)
    places[present] = np.arange(len(present))
    return Slices(dimension, [keys[k] for k in present], places[codes])


def _banded(
    counts: NDArray[np.int64], ends: Sequence[int], new: NDArray[np.bool_] | None = None
) -> tuple[list[str], NDArray[np.int64]]:
    """Bands such as "0", "1-4", "5+" with these upper ``ends``, and before them those that are ``new``."""
    keys, low = [], 0 if ends is HISTORY_BANDS else 1
    for end in ends:
        keys.append(str(end) if low == end else f"{low}-{end}")
        low = end + 1
    codes = np.searchsorted(ends, counts) + 1
    return [NEW, *keys, f"{low}+"], codes if new is None else np.where(new, 0, codes)


def _categories(named: pd.Series) -> tuple[list[str], NDArray[np.int64]]:
    """The largest categories by cases, then all others, then items without a category."""
    counted = named.value_counts()
    if not len(counted):
        return [UNKNOWN], np.zeros(len(named), np.int64)
    largest = [str(name) for name in counted.index[:CATEGORIES]]
    place = {name: k for k, name in enumerate(largest)}
    codes = [
        len(largest) + 1 if missing else place.get(str(name), len(largest))
        for name, missing in zip(named, named.isna(), strict=True)
    ]
    return [*largest, OTHER, UNKNOWN], np.array(codes, np.int64)


@dataclass(frozen=True)
class SliceMeans:
    """S slices: the mean weight of each expert, and the size of the slice."""

    means: NDArray[np.floating]  # [S, experts]
    groups: NDArray[np.floating]  # [S] groups of the shop
    cases: NDArray[np.integer]  # [S] that were counted


def slice_means(cut: Slices, gates: ShopGates, task: Task) -> SliceMeans:
    """The mean weights in every slice, over the groups that its cases stand for."""
    stands_for, size = gates.cases.stands_for, len(cut.keys)
    groups = np.bincount(cut.codes, stands_for, size).astype(np.float64)
    sums = [np.bincount(cut.codes, stands_for * column, size) for column in gates.weights[task].T]
    cases = np.bincount(cut.codes, minlength=size)
    return SliceMeans(np.array(sums).T / groups[:, None], groups, cases)


IDLE = 0.1  # of an even share: experts below it are hardly used
MIN_CASES = 50  # smaller slices say nothing
MIN_LIFT = 0.05  # of a slice's mean above the expert's overall mean


@dataclass(frozen=True)
class ExpertVerdict:
    """An expert's role in a task over the whole shop."""

    expert: int
    mean: float  # weight
    leads: float  # share of the groups in which it has the largest weight
    most: float  # 99th percentile of its weight
    idle: bool
    dominates: bool


def judge_experts(
    weights: NDArray[np.floating], stands_for: NDArray[np.floating]
) -> list[ExpertVerdict]:
    """Every expert's role, in the order of ``weights`` [N, experts]; each case stands for ``stands_for`` [N] groups.

    An expert is idle below a tenth of an even share. It dominates from halfway between an even share and all of the
    weight: above 75 % with two experts, above 62.5 % with four.
    """
    size = weights.shape[1]
    even = 1 / size
    leader = weights.argmax(1)
    found = []
    for k, mean in enumerate(np.average(weights, axis=0, weights=stands_for)):
        found.append(
            ExpertVerdict(
                expert=k,
                mean=float(mean),
                leads=float(stands_for[leader == k].sum() / stands_for.sum()),
                most=float(np.quantile(weights[:, k], 0.99)),
                idle=bool(mean < IDLE * even),
                dominates=bool(size > 1 and mean > (1 + even) / 2),
            )
        )
    return found


@dataclass(frozen=True)
class Standout:
    """A slice in which an expert's weight is much higher than overall."""

    expert: int
    slice: int
    there: float
    overall: float


def find_standouts(found: SliceMeans, overall: NDArray[np.floating]) -> list[Standout]:
    """For each expert the slice with the highest lift over ``overall`` [experts], the greatest lift first.

    Lifts below ``MIN_LIFT`` and slices with fewer than ``MIN_CASES`` cases are left out.
    """
    lifts = np.where((found.cases >= MIN_CASES)[:, None], found.means - overall, -np.inf)
    best = lifts.argmax(0)
    chosen = [k for k in range(len(overall)) if lifts[best[k], k] >= MIN_LIFT]
    chosen.sort(key=lambda k: -lifts[best[k], k])
    return [
        Standout(k, int(best[k]), float(found.means[best[k], k]), float(overall[k])) for k in chosen
    ]
