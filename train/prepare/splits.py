"""Which groups a model learns from and which are held out for validation, and the folds of the former."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.errors import DataError
from db.logs import SUCCESSFUL, Logs
from engine.model_settings import ModelSettings

MIN_GROUPS = 50


@dataclass(frozen=True)
class Split:
    """Positions of successful groups: ``training`` with the ``fold`` of each, and ``validation``."""

    training: NDArray[np.int64]
    fold: NDArray[np.int64]
    validation: NDArray[np.int64]

    def visible_groups(self, logs: Logs, without_fold: int | None = None) -> NDArray[np.bool_]:
        """The groups [G] that may be in the graphs: all but validation, and but ``without_fold`` where it is given."""
        visible = np.ones(len(logs.group_item), bool)
        visible[self.validation] = False
        if without_fold is not None:
            visible[self.training[self.fold == without_fold]] = False
        return visible


def split_groups(logs: Logs, settings: ModelSettings, seed: int) -> Split:
    """A random split by seed; raises DataError where there are too few groups to learn from."""
    usable = usable_groups(logs, settings.min_groups)
    rng = np.random.default_rng(seed)
    order = rng.permutation(usable)
    held_out = max(1, round(len(order) * settings.validation))
    validation, training = np.sort(order[:held_out]), np.sort(order[held_out:])
    return Split(training, rng.integers(0, settings.folds, len(training)), validation)


def usable_groups(logs: Logs, k: int) -> NDArray[np.int64]:
    """The successful groups with participants in the ``k``-core; raises DataError where they are too few."""
    joined = np.bincount(logs.join_group, minlength=len(logs.group_item)) > 0
    usable = np.flatnonzero((logs.group_status == SUCCESSFUL) & joined)
    usable = usable[k_core(logs, usable, k)]
    if len(usable) < MIN_GROUPS:
        raise DataError("train.too_few_groups", groups=len(usable), least=MIN_GROUPS)
    return usable


def with_folds(split: Split, folds: int, seed: int) -> Split:
    """The same split with its training groups cut into ``folds`` folds by seed."""
    fold = np.random.default_rng(seed).integers(0, folds, len(split.training))
    return replace(split, fold=fold)


def k_core(logs: Logs, groups: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """Which of ``groups`` remain when every initiator, item and participant must be in at least ``k`` of them."""
    stays = np.ones(len(groups), bool)
    if k <= 1:
        return stays
    index = np.full(len(logs.group_item), -1, np.int64)
    index[groups] = np.arange(len(groups))
    joins = index[logs.join_group] >= 0
    joined, participant = index[logs.join_group[joins]], logs.join_participant[joins]
    while True:
        users = np.bincount(logs.group_initiator[groups[stays]], minlength=len(logs.users))
        users = users + np.bincount(participant[stays[joined]], minlength=len(logs.users))
        items = np.bincount(logs.group_item[groups[stays]], minlength=len(logs.items))
        rare = np.zeros(len(groups), bool)
        np.logical_or.at(rare, joined, users[participant] < k)
        rare |= users[logs.group_initiator[groups]] < k
        rare |= items[logs.group_item[groups]] < k
        after = stays & ~rare
        if (after == stays).all():
            return stays
        stays = after


def spread_sample(groups: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """At most ``size`` of the groups, spread evenly."""
    if len(groups) <= size:
        return groups
    return groups[np.linspace(0, len(groups) - 1, size).astype(int)]
