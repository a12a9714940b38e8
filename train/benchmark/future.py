"""The protocol future: what was known before a cut learns, and the launches of the next 90 days are asked.

    | training         | validation          | asked: week 1, 2 to 4, 5 to 13 |
    start              cut of validation     cut                              cut + 90 days     half-open: [cut, end)

Each cut asks in two ways (``Way``): with nothing known after the cut, and with the evidence of the day, where every
launch is asked as of its own moment and whatever happened strictly before counts. Nothing learns again in between, so
one training serves both.

Candidates are what could be had and who was there: items that were on sale in the window, by the shop's dates where it
has any, else launched in the year before the cut or in the window; people who launched or joined in the year before. A
new item thus stands among other new ones, for among older ones being new would give it away, and once among new ones
only.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.errors import DataError
from db.logs import LAUNCHED, SUCCESSFUL, Logs, Task
from engine.benchmark.records import Part, Way
from engine.candidates import Question, group_members, launched_items
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import NEGATIVES, CandidateLists
from train.evaluate.splits import YEAR, Split, split_groups
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
    window = _Window(logs, known, start, split.question)
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
        {task: window.parts(asked) for task, asked in lists.items()},
    )


class _Window:
    """The launches in [start, start + WINDOW) of ``logs`` and what was known of everything before."""

    def __init__(self, logs: Logs, known: Logs, start: np.datetime64, question: Question) -> None:
        self.logs, self.known, self.start, self.question = logs, known, start, question
        self.end = start + WINDOW
        self.new_items = np.ones(len(logs.items), bool)
        self.new_items[known.group_item] = False

    def groups(self) -> NDArray[np.int64]:
        """The successful groups with participants."""
        logs, launched = self.logs, self.logs.group_launched_at
        joined = np.bincount(logs.join_group, minlength=len(launched)) > 0
        inside = (launched >= self.start) & (launched < self.end)
        return np.flatnonzero(inside & joined & (logs.group_status == SUCCESSFUL))

    def shelf_mask(self) -> NDArray[np.bool_]:
        """The items [I] that are candidates."""
        items, launched = self.logs.items, self.logs.group_launched_at
        on_sale = self._launched(launched >= self.start - YEAR)
        if {"on_sale_from", "on_sale_until"} <= {*items.columns}:
            begin, stop = (
                items[name].to_numpy("datetime64[s]") for name in ("on_sale_from", "on_sale_until")
            )
            dated = ~(np.isnat(begin) & np.isnat(stop))
            on_sale = np.where(dated, ~(begin >= self.end) & ~(stop <= self.start), on_sale)
        return on_sale | self._launched(launched >= self.start)

    def _launched(self, since: NDArray[np.bool_]) -> NDArray[np.bool_]:
        found = np.zeros(len(self.logs.items), bool)
        found[self.logs.group_item[since & (self.logs.group_launched_at < self.end)]] = True
        return found

    def shelf(self) -> NDArray[np.int64]:
        """The positions of the items that are candidates."""
        return np.flatnonzero(self.shelf_mask())

    def people(self) -> NDArray[np.bool_]:
        """The users [U] who launched or joined in the year before the window."""
        recent = self.known.group_launched_at >= self.start - YEAR
        active = np.zeros(len(self.logs.users), bool)
        active[self.known.group_initiator[recent]] = True
        active[self.known.join_participant[recent[self.known.join_group]]] = True
        return active

    def item_lists(
        self, groups: NDArray[np.int64], pool: NDArray[np.int64], rng: np.random.Generator
    ) -> CandidateLists:
        """A list of items a group, from the ``pool``; where the shop asks for something new, only of first times."""
        logs, users = self.logs, len(self.logs.users)
        barred = sp.csr_matrix((users, len(logs.items)), dtype=bool)
        if self.question is Question.NEW:
            groups = groups[~self._repeats(groups)]
            barred = launched_items(self.known)
        initiator, item = (
            column[groups].astype(np.int64) for column in (logs.group_initiator, logs.group_item)
        )
        own = sp.csr_matrix(
            (np.ones(len(groups), bool), (np.arange(len(groups)), item)),
            (len(groups), len(logs.items)),
        )
        drawn, complete = draw_outside(rng, pool, (barred[initiator] + own).tocsr())
        candidates = np.column_stack([item, drawn])
        lists = CandidateLists(
            Task.ITEMS, initiator, None, candidates, groups, logs.group_launched_at[groups]
        )
        return lists.part(complete)

    def participant_lists(
        self, groups: NDArray[np.int64], rng: np.random.Generator
    ) -> CandidateLists:
        """A list of people for each group that one of them joined."""
        logs, active = self.logs, self.people()
        joins = np.flatnonzero(np.isin(logs.join_group, groups) & active[logs.join_participant])
        joins = rng.permutation(joins)
        of_group = logs.join_group[joins].astype(np.int64)
        group, first = np.unique(of_group, return_index=True)
        drawn, complete = draw_outside(rng, np.flatnonzero(active), group_members(logs)[group])
        lists = CandidateLists(
            Task.PARTICIPANTS,
            logs.group_initiator[group].astype(np.int64),
            logs.group_item[group].astype(np.int64),
            np.column_stack([logs.join_participant[joins[first]], drawn]),
            group,
            logs.group_launched_at[group],
        )
        return lists.part(complete)

    def parts(self, lists: CandidateLists) -> PartRows:
        """The lists of each part that has any."""
        logs, known = self.logs, self.known
        launchers, joiners = np.zeros((2, len(logs.users)), bool)
        launchers[known.group_initiator], joiners[known.join_participant] = True, True
        repeats = self._repeats(lists.group)
        found = {
            Part.REPEATS: repeats,
            Part.FIRST_TIMES: ~repeats,
            Part.NEW_ITEMS: self.new_items[logs.group_item[lists.group]],
            Part.NEW_INITIATORS: ~launchers[lists.initiator],
        }
        if lists.item is not None:
            found[Part.NEW_PARTICIPANTS] = ~joiners[lists.candidates[:, 0]]
        days = (logs.group_launched_at[lists.group] - self.start) / np.timedelta64(1, "D")
        found |= {part: (days >= begin) & (days < end) for part, (begin, end) in AGES.items()}
        return {part: rows for part, rows in found.items() if rows.any()}

    def _repeats(self, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the groups launch what their initiator was known to have launched."""
        known = self.known
        launched = np.isin(known.group_status, LAUNCHED)
        size = np.int64(len(self.logs.items))
        pairs = known.group_initiator[launched] * size + known.group_item[launched]
        return np.isin(
            self.logs.group_initiator[groups] * size + self.logs.group_item[groups], pairs
        )


def draw_outside(
    rng: np.random.Generator, pool: NDArray[np.int64], barred: sp.csr_matrix
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Different members of the ``pool`` for each row of ``barred`` [n, size], none of them marked there, [n, width].

    The width is 99, or what the rows allow; the second value marks the rows [n] that have as many. Rows that bar more
    than half of a small pool do not count, and are not complete.
    """
    in_pool = np.zeros(barred.shape[1], bool)
    in_pool[pool] = True
    rows = [barred.indices[a:b] for a, b in zip(barred.indptr[:-1], barred.indptr[1:], strict=True)]
    open_ = np.array([len(pool) - in_pool[row].sum() for row in rows], np.int64)
    usual = open_[2 * open_ >= len(pool)]
    width = int(min(NEGATIVES, usual.min())) if len(usual) else 0
    drawn = np.zeros((len(rows), width), np.int64)
    complete = open_ >= max(1, width)
    for row in np.flatnonzero(complete):
        some = rng.choice(pool, min(len(pool), width + len(rows[row])), replace=False)
        drawn[row] = some[~np.isin(some, rows[row])][:width]
    return drawn, complete if width else np.zeros(len(rows), bool)
