"""The protocol future: what was known before a cut learns, and the launches of the next 90 days are asked.

    | training         | validation          | asked: week 1, 2 to 4, 5 to 13 |
    start              cut of validation     cut                              cut + 90 days     half-open: [cut, end)

Each cut asks in two ways (``Way``): with nothing known after the cut, and with the evidence of the day, where every
launch is asked as of its own moment and whatever happened strictly before counts. Nothing learns again in between, so
one training serves both.

Who is asked, and among what, is ``train.evaluate.window``; a new item is asked for once more among new ones only.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from db.errors import DataError
from db.logs import Logs, Task
from engine.benchmark.records import Part, Way
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split, split_groups
from train.evaluate.window import Window
from train.random_keys import Purpose, generator

WINDOW = np.timedelta64(90, "D")
AGES = {  # of the training at the launch, in days: [from, to)
    Part.WEEK_1: (0, 7),
    Part.WEEKS_2_TO_4: (7, 28),
    Part.WEEKS_5_TO_13: (28, 91),
}

PartRows = dict[Part, NDArray[np.bool_]]  # which of n lists are in each part


@dataclass(frozen=True)
class FutureHoldout:
    """What was ``known`` before the cut, with its split, what was known at the end of the window, and what is asked.

    ``lists`` have their own launches as moments, ``among_new`` those of new items among new ones (Task I). ``parts``
    by task mark the lists [n] of each part.
    """

    cut: np.datetime64
    known: Logs
    later: Logs
    split: Split
    lists: dict[Task, CandidateLists]
    test_groups: int
    among_new: CandidateLists | None = None
    parts: dict[Task, PartRows] = field(default_factory=dict)

    def asked(self, lists: CandidateLists, way: Way) -> CandidateLists:
        """The lists with the moments as of which they are asked that way."""
        if way is Way.DAY:
            return lists
        return replace(lists, at=np.full(len(lists.group), self.cut))


def hold_out_future(
    logs: Logs, cut: np.datetime64, config: ModelSettings, seed: int, limit: int = 0
) -> FutureHoldout:
    """The holdout of one cut, a whole day; with a ``limit``, at most that many of the window's groups, drawn by seed.

    Asked are the successful groups with participants that were launched in the window; in Task II one participant of
    each who was active in the year before. Raises DataError where there is nothing to ask or too little to learn from.
    """
    start = cut.astype("datetime64[s]")
    end = start + WINDOW
    known = logs.known_before(start)
    split = split_groups(known, config, seed)
    window = Window(logs, known, start, end, split.question)
    day = int(cut.astype("datetime64[D]").astype(np.int64))
    groups = window.groups()
    if limit and limit < len(groups):
        rng = generator(Purpose.TEST, seed, day)
        groups = np.sort(rng.choice(groups, limit, replace=False))
    if not len(groups):
        raise DataError("train.benchmark.nothing_after_cut", cut=str(cut.astype("datetime64[D]")))
    rng = generator(Purpose.CANDIDATES, seed, Purpose.TEST.value, day)
    lists = {
        Task.ITEMS: window.item_lists(groups, window.shelf(), rng),
        Task.PARTICIPANTS: window.participant_lists(groups, rng),
    }
    new = groups[window.new_items[logs.group_item[groups]]]
    among_new = window.item_lists(new, np.flatnonzero(window.shelf_mask() & window.new_items), rng)
    return FutureHoldout(
        start,
        known,
        logs.known_before(end),
        split,
        lists,
        len(groups),
        among_new if len(among_new.group) else None,
        {task: _parts(window, asked) for task, asked in lists.items()},
    )


def _parts(window: Window, lists: CandidateLists) -> PartRows:
    """The lists of each part that has any."""
    logs, known = window.logs, window.known
    launchers, joiners = np.zeros((2, len(logs.users)), bool)
    launchers[known.group_initiator], joiners[known.join_participant] = True, True
    repeats = window.repeats(lists.group)
    found = {
        Part.REPEATS: repeats,
        Part.FIRST_TIMES: ~repeats,
        Part.NEW_ITEMS: window.new_items[logs.group_item[lists.group]],
        Part.NEW_INITIATORS: ~launchers[lists.initiator],
    }
    if lists.item is not None:
        found[Part.NEW_PARTICIPANTS] = ~joiners[lists.candidates[:, 0]]
    days = (logs.group_launched_at[lists.group] - window.start) / np.timedelta64(1, "D")
    found |= {part: (days >= begin) & (days < end) for part, (begin, end) in AGES.items()}
    return {part: rows for part, rows in found.items() if rows.any()}
