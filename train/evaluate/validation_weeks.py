"""The lists by which a training in time is judged: the groups that closed since the cut, asked as ``future`` asks.

Of the launches since the cut the logs know those that have filled by their end: those of the last days that filled
fast, and none that take longer than all of these weeks. What fills fast is easier to foretell. The groups that filled
since the cut, whenever they were launched, have no such lean: where a shop goes on as it did, as many slow groups fill
in a period as are launched in it. So the ``slow`` groups of the split, launched before the cut and filled after it, are
asked too; no model has learned from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.logs import OPEN, Logs, Task
from engine.evidence.timed.timed_evidence import moment_after
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split, spread_sample
from train.evaluate.window import Window
from train.random_keys import Purpose, generator

# What validation measures apart: the same groups with nothing known since the cut, and two parts of the launches.
NOTHING_LATER, REPEATS, FIRST_TIMES = "nothing_later", "repeats", "first_times"


@dataclass(frozen=True)
class ValidationWeeks:
    """The ``lists`` of each task, each as of its group's launch, and the ``window`` that they come from."""

    window: Window
    lists: Mapping[Task, CandidateLists]

    def nothing_later(self, lists: CandidateLists) -> CandidateLists:
        """The lists as a model is asked that gets no logs after its training.

        A launch is then asked as of a moment as long before it as its group filled after the cut: the cut itself where
        groups fill at once. A slow group, launched before the cut, is so asked before its launch, and the time that
        has passed since the last logs is the same for slow groups and fast ones.
        """
        logs, cut = self.window.logs, self.window.start
        took = logs.closed_at[lists.group] - logs.group_launched_at[lists.group]
        return replace(lists, at=(cut - np.maximum(took, np.timedelta64(0, "s"))).astype(cut.dtype))

    def launched_before(self, lists: CandidateLists) -> NDArray[np.bool_]:
        """Which lists [n] are of groups launched before the cut."""
        return np.asarray(self.window.logs.group_launched_at[lists.group] < self.window.start)


def validation_weeks(logs: Logs, split: Split, most: int, seed: int) -> ValidationWeeks:
    """The weeks since the cut of a split in time, at most ``most`` groups of them, spread evenly."""
    assert split.cut is not None  # noqa: S101  the caller has checked
    end = moment_after(logs.last_event)
    window = Window(logs, logs.known_before(split.cut), split.cut, end, split.question)
    groups = spread_sample(np.sort(np.concatenate([split.validation, split.slow])), most)
    rng = generator(Purpose.CANDIDATES, seed, Purpose.VALIDATION.value)
    items = window.item_lists(groups, window.shelf(), rng)
    people = window.participant_lists(groups, rng)
    return ValidationWeeks(window, {Task.ITEMS: items, Task.PARTICIPANTS: people})


def knows_open_groups(logs: Logs) -> bool:
    """Whether the shop writes groups down while they are open; else they are unknown until they close."""
    return bool((logs.group_status == OPEN).any())


def weeks_of_initiators(logs: Logs, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number [n] for the initiator and the week of each group: what one launches in a week is much alike."""
    weeks = logs.group_launched_at[groups].astype("datetime64[D]").astype(np.int64) // 7
    initiators = logs.group_initiator[groups].astype(np.int64)
    return np.unique(np.column_stack([initiators, weeks]), axis=0, return_inverse=True)[1].ravel()
