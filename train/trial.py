"""A trial: the logs parted into what may be known and what is asked, once for all systems."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from db.evidence.graphs import Graphs
from db.logs import Logs
from train.config import Config
from train.errors import DataError, SettingError
from train.protocol import Lists, draw_lists
from train.splits import Split, usable_groups

# Shares of the successful groups for validation and to be tested on; the rest is learned from. Where the first is
# None, the settings say which share of that rest is for validation.
PROTOCOLS: dict[str, tuple[Fraction | None, Fraction]] = {
    "sampled": (None, Fraction(1, 10)),
    "paper-split": (Fraction(3, 11), Fraction(1, 11)),
}


@dataclass(frozen=True)
class Trial:
    """``known`` are the logs without the test groups, ``parts`` their split, ``lists`` the test lists by task.

    ``cold`` [n] by task tells the lists whose initiator has no training launch, failed launch or join.
    """

    known: Logs
    parts: Split
    lists: dict[str, Lists]
    cold: dict[str, NDArray[np.bool_]]
    test_groups: int


def part_trial(logs: Logs, protocol: str, config: Config, seed: int, limit: int = 0) -> Trial:
    """The trial of this seed; ``limit`` scores at most so many of the test groups (0: all).

    The candidates are drawn from all logs, since an item that she launches in the test is no wrong answer.
    """
    if protocol not in PROTOCOLS:
        raise SettingError(
            f"There is no protocol {protocol!r}. Choose one of {', '.join(PROTOCOLS)}."
        )
    validation, testing = PROTOCOLS[protocol]
    usable = usable_groups(logs, config.min_groups)
    order = np.random.default_rng(seed).permutation(usable)
    count = max(1, round(len(order) * testing))
    test, rest = order[:count], order[count:]
    share = len(order) * validation if validation else len(rest) * Fraction(config.validation)
    held = max(1, round(share))
    if held >= len(rest):
        raise DataError(
            f"{len(order)} successful groups are too few for the protocol {protocol}. Import more "
            f"logs, or set a smaller validation."
        )
    kept = np.ones(len(logs.group_item), bool)
    kept[test] = False
    place = np.cumsum(kept) - 1  # positions in the logs without the test groups
    training = np.sort(place[rest[held:]])
    parts = Split(training, np.zeros(len(training), np.int64), np.sort(place[rest[:held]]))
    known = without(logs, kept)
    asked = np.sort(test[:limit] if limit else test)
    lists = draw_lists(logs, asked, seed)
    seen = Graphs.from_logs(known, parts.seen(known), friendships=False)
    newcomer = seen.user_counts.sum(1) == 0
    cold = {task: newcomer[drawn.initiator] for task, drawn in lists.items()}
    return Trial(known, parts, lists, cold, len(asked))


def without(logs: Logs, kept: NDArray[np.bool_]) -> Logs:
    """The logs of the groups where ``kept`` [G] is true; users and items keep their positions."""
    place = np.cumsum(kept) - 1
    joins = kept[logs.join_group]
    return replace(
        logs,
        group_initiator=logs.group_initiator[kept],
        group_item=logs.group_item[kept],
        group_status=logs.group_status[kept],
        group_launched_at=logs.group_launched_at[kept],
        join_group=place[logs.join_group[joins]].astype(np.int32),
        join_participant=logs.join_participant[joins],
    )
