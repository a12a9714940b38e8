"""Which groups are learned from, which are kept for validation, and the folds of the first."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.errors import DataError
from db.logs import SUCCESSFUL, Logs
from engine.model_settings import ModelSettings

FEWEST_GROUPS = 50


@dataclass(frozen=True)
class Split:
    """Positions of successful groups: ``training`` with the ``fold`` of each, and ``validation``."""

    training: NDArray[np.int64]
    fold: NDArray[np.int64]
    validation: NDArray[np.int64]

    def seen(self, logs: Logs, fold: int | None = None) -> NDArray[np.bool_]:
        """The groups [G] whose messages may be used: never validation, nor, if given, that fold."""
        seen = np.ones(len(logs.group_item), bool)
        seen[self.validation] = False
        if fold is not None:
            seen[self.training[self.fold == fold]] = False
        return seen


def split_groups(logs: Logs, config: ModelSettings, seed: int) -> Split:
    """A split by seed; ``DataError`` where there are too few groups to learn anything."""
    usable = usable_groups(logs, config.min_groups)
    rng = np.random.default_rng(seed)
    order = rng.permutation(usable)
    kept = max(1, round(len(order) * config.validation))
    validation, training = np.sort(order[:kept]), np.sort(order[kept:])
    return Split(training, rng.integers(0, config.folds, len(training)), validation)


def usable_groups(logs: Logs, least: int) -> NDArray[np.int64]:
    """Successful groups with participants in the k-core of ``least``; ``DataError`` where they are too few."""
    joined = np.bincount(logs.join_group, minlength=len(logs.group_item)) > 0
    usable = np.flatnonzero((logs.group_status == SUCCESSFUL) & joined)
    usable = usable[k_core(logs, usable, least)]
    if len(usable) < FEWEST_GROUPS:
        raise DataError(
            f"The store holds {len(usable)} successful groups with participants; training needs "
            f"at least {FEWEST_GROUPS}. Import more logs, or make the demo shop with "
            f"`python -m db demo`."
        )
    return usable


def with_folds(parts: Split, folds: int, seed: int) -> Split:
    """The same split with its training groups cut into so many folds, by seed."""
    fold = np.random.default_rng(seed).integers(0, folds, len(parts.training))
    return replace(parts, fold=fold)


def k_core(logs: Logs, groups: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Which of ``groups`` stay when every initiator, item and participant must stand in ``least`` of them."""
    stays = np.ones(len(groups), bool)
    if least <= 1:
        return stays
    place = np.full(len(logs.group_item), -1, np.int64)
    place[groups] = np.arange(len(groups))
    joins = place[logs.join_group] >= 0
    owner, participant = place[logs.join_group[joins]], logs.join_participant[joins]
    while True:
        users = np.bincount(logs.group_initiator[groups[stays]], minlength=len(logs.users))
        users = users + np.bincount(participant[stays[owner]], minlength=len(logs.users))
        items = np.bincount(logs.group_item[groups[stays]], minlength=len(logs.items))
        rare = np.zeros(len(groups), bool)
        np.logical_or.at(rare, owner, users[participant] < least)
        rare |= users[logs.group_initiator[groups]] < least
        rare |= items[logs.group_item[groups]] < least
        after = stays & ~rare
        if (after == stays).all():
            return stays
        stays = after


def spread_sample(groups: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the groups, spread evenly."""
    if len(groups) <= most:
        return groups
    return groups[np.linspace(0, len(groups) - 1, most).astype(int)]
