"""A window of launches and how it is asked: who, about what, among whom.

Candidates are what could be had and who was there: items that were on sale in the window, by the shop's dates where it
has any, else launched in the year before it or in it; people who launched or joined in the year before. A new item thus
stands among other new ones, for among older ones being new would give it away. Of the participants of a group one is
asked for. Validation in time and the protocol ``future`` both ask so, or what the one promises would not be what the
other finds.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import LAUNCHED, SUCCESSFUL, Logs, Task
from engine.candidates import Question, group_members, launched_items
from train.evaluate.sampled_ranking import NEGATIVES, CandidateLists
from train.evaluate.splits import YEAR


class Window:
    """The launches in [``start``, ``end``) of ``logs`` and what was ``known`` of everything before the start."""

    def __init__(
        self,
        logs: Logs,
        known: Logs,
        start: np.datetime64,
        end: np.datetime64,
        question: Question,
    ) -> None:
        self.logs, self.known, self.question = logs, known, question
        self.start, self.end = start, end
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
            groups = groups[~self.repeats(groups)]
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

    def repeats(self, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the groups launch what their initiator was known to have launched before."""
        logs, known = self.logs, self.known
        launched = np.isin(known.group_status, LAUNCHED)
        size = np.int64(len(logs.items))
        pairs, place = np.unique(
            known.group_initiator[launched] * size + known.group_item[launched], return_inverse=True
        )
        times = known.group_launched_at[launched].astype("datetime64[s]").astype(np.int64)
        first = np.full(len(pairs) + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, place, times)  # an unknown time is the earliest
        sought = logs.group_initiator[groups] * size + logs.group_item[groups]
        found = np.searchsorted(pairs, sought)
        found[~np.isin(sought, pairs)] = len(pairs)
        return np.asarray(first[found] < logs.group_launched_at[groups].astype(np.int64))


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
