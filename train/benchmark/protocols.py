"""Protocols: which groups are held out, and which candidates every system ranks for them.

Where the logs have launch times, the last weeks are the test, the weeks before them validation, and nothing that was
launched later is known to either; without times, both are random samples.

    | training            | validation         | test            |
                          cut of validation    cut of the test         half-open: [cut, end)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from db.errors import DataError, SettingError
from db.logs import Logs, Task
from engine.benchmark.comparison import Run
from engine.benchmark.records import Way
from engine.candidates import Question, asked_question, is_repeat
from engine.evidence.graphs import Graphs
from engine.model_settings import ModelSettings
from train.evaluate.full_ranking import RankingQueries, full_ranking_queries
from train.evaluate.sampled_ranking import CandidateLists, Moment, draw_candidate_lists
from train.evaluate.splits import Split, hold_out_groups, usable_groups
from train.random_keys import Purpose, generator


@dataclass(frozen=True)
class Asking:
    """What a run is asked: a protocol of ``PROTOCOLS``, or the future of a ``cut`` (a day) in one of two ways.

    Without a cut, that of several cuts together.
    """

    protocol: str
    cut: str = ""
    way: Way | None = None

    def __str__(self) -> str:
        """For people: ``sampled``, or ``future of 2025-01-01 as of the cut``."""
        if self.way is None:
            return self.protocol
        return f"{self.protocol} of {self.cut or 'all cuts'} {WAYS[self.way]}"


WAYS = {Way.CUT: "as of the cut", Way.DAY: "as of each launch"}


def asking_of(run: Run) -> Asking:
    """What a run was asked."""
    return Asking(run.protocol, run.cut, run.way)


@dataclass(frozen=True)
class Protocol:
    """How the groups are split and which negatives the right answer is ranked with.

    ``test`` is the share of the successful groups that is held out. ``validation`` is the share for validation; where
    it is None, the settings give the share of what is left. ``negatives``: 99 drawn ``uniform`` or by ``popularity``,
    or ``everyone`` for a full ranking. ``hidden`` is the share of users whose logs come only after training.
    """

    validation: Fraction | None
    test: Fraction
    negatives: Literal["uniform", "popularity", "everyone"] = "uniform"
    hidden: Fraction = Fraction(0)


PROTOCOLS: dict[str, Protocol] = {
    "sampled": Protocol(None, Fraction(1, 10)),
    "paper-split": Protocol(Fraction(3, 11), Fraction(1, 11)),
    "popular": Protocol(None, Fraction(1, 10), "popularity"),
    "full": Protocol(None, Fraction(1, 10), "everyone"),
    "newcomers": Protocol(None, Fraction(1, 10), hidden=Fraction(1, 20)),
}

# Test groups of a full ranking by default: some minutes at 30,000 items and 190,000 users. One --limit means that many
# for items and a tenth for participants, where a ranking takes ten times as long.
FULL_LIMITS: dict[Task, int] = {Task.ITEMS: 2000, Task.PARTICIPANTS: 500}
PARTICIPANTS_SHARE = 10


@dataclass(frozen=True)
class Holdout:
    """What systems may learn from, and what they then rank.

    ``known`` are the logs without the test groups, ``split`` their training and validation groups, ``lists`` the test
    lists. A full ranking has ``queries`` instead of lists. ``cold`` [n] marks the lists whose initiator has no training
    launch, failed launch or join, ``repeats`` [n] those of groups that repeat a known launch. Where users are hidden,
    ``later`` are the logs that hold theirs as well, and ``hidden`` [n] marks the lists about them: whose initiator
    (Task I) or right participant (Task II) is hidden.
    """

    known: Logs
    split: Split
    lists: dict[Task, CandidateLists]
    cold: dict[Task, NDArray[np.bool_]]
    repeats: dict[Task, NDArray[np.bool_]]
    test_groups: int
    queries: dict[Task, RankingQueries] = field(default_factory=dict)
    later: Logs | None = None
    hidden: dict[Task, NDArray[np.bool_]] = field(default_factory=dict)


def sharing_a_split(askings: Sequence[Asking]) -> list[list[Asking]]:
    """The askings in groups that split the logs alike, so that one training serves a whole group."""
    groups: dict[object, list[Asking]] = {}
    for asking in askings:
        rule = PROTOCOLS.get(asking.protocol)
        split = asking.cut if rule is None else (rule.validation, rule.test, rule.hidden)
        groups.setdefault(split, []).append(asking)
    return list(groups.values())


def hold_out(
    logs: Logs,
    protocol: str,
    config: ModelSettings,
    seed: int,
    limit: int = 0,
    full_limits: Mapping[Task, int] | None = None,
) -> Holdout:
    """The holdout of a protocol and seed.

    ``limit`` is the largest number of test groups to score; 0 scores all, or ``FULL_LIMITS`` in a full ranking, where
    ``full_limits`` by task go first. Negatives are drawn with all logs in view, since an item that the initiator
    launches in a test group is a right answer too. Raises SettingError for an unknown protocol, DataError where there
    are too few groups.
    """
    if protocol not in PROTOCOLS:
        raise SettingError(
            "train.benchmark.no_protocol", name=protocol, protocols=", ".join(PROTOCOLS)
        )
    rule = PROTOCOLS[protocol]
    parts = _shuffle_and_cut(logs, protocol, rule, config, seed)
    hidden_users = _draw_hidden_users(logs, rule, seed)
    known, split, later = _split_logs(logs, parts, config, hidden_users)
    seen = Graphs.from_logs(known, split.visible_groups(known), friendships=False)
    if rule.negatives == "everyone":
        return _full_ranking(logs, known, split, seen, parts, limit, full_limits or {})
    scored = np.sort(parts.test[:limit] if limit else parts.test)
    weights = _popularity(seen) if rule.negatives == "popularity" else None
    moment = Moment(parts.known_groups(logs), parts.test_cut)
    lists = draw_candidate_lists(logs, scored, seed, moment, split.question, weights)
    repeats = _repeats(logs, parts, lists)
    if later is None:
        return Holdout(known, split, lists, _cold(seen, lists), repeats, len(scored))
    cold = _cold(Graphs.from_logs(later, friendships=False), lists)
    hidden = {
        Task.ITEMS: hidden_users[lists[Task.ITEMS].initiator],
        Task.PARTICIPANTS: hidden_users[lists[Task.PARTICIPANTS].candidates[:, 0]],
    }
    return Holdout(known, split, lists, cold, repeats, len(scored), {}, later, hidden)


def _full_ranking(
    logs: Logs,
    known: Logs,
    split: Split,
    seen: Graphs,
    parts: "_Parts",
    limit: int,
    full_limits: Mapping[Task, int],
) -> Holdout:
    limits = FULL_LIMITS
    if limit:
        limits = {Task.ITEMS: limit, Task.PARTICIPANTS: max(1, limit // PARTICIPANTS_SHARE)}
    test = dict.fromkeys(Task, parts.test)
    if split.question is Question.NEW:
        test[Task.ITEMS] = parts.test[~is_repeat(logs, parts.test, parts.known_groups(logs))]
    groups = {
        task: np.sort(test[task][:most]) for task, most in (limits | dict(full_limits)).items()
    }
    queries = full_ranking_queries(logs, known, seen, groups, split.question)
    count = max(map(len, groups.values()))
    repeats = _repeats(logs, parts, queries)
    return Holdout(known, split, {}, _cold(seen, queries), repeats, count, queries)


@dataclass(frozen=True)
class _Parts:
    """The usable groups for testing, validation and training, in a random order; the cuts where they are by time."""

    test: NDArray[np.int64]
    validation: NDArray[np.int64]
    training: NDArray[np.int64]
    test_cut: np.datetime64 | None
    validation_cut: np.datetime64 | None

    def known_groups(self, logs: Logs) -> NDArray[np.bool_]:
        """The groups [G] that are known when the test groups are asked about."""
        known = np.ones(len(logs.group_item), bool)
        known[self.test] = False
        if self.test_cut is not None:
            known &= ~(logs.group_launched_at >= self.test_cut)
        return known


def _split_logs(
    logs: Logs, parts: _Parts, config: ModelSettings, hidden_users: NDArray[np.bool_]
) -> tuple[Logs, Split, Logs | None]:
    """The logs to learn from with their split, and the later logs where there are ``hidden_users`` [U]."""
    before_test = parts.known_groups(logs)
    kept = before_test & ~_groups_with(logs, hidden_users)
    known = _without_friendships(logs.with_groups(kept), hidden_users)
    # Groups that are left out move the positions of the others; positions of users and items stay.
    position = np.cumsum(kept) - 1
    validation, training = (part[kept[part]] for part in (parts.validation, parts.training))
    fold = np.zeros(len(training), np.int64)
    split = Split(
        np.sort(position[training]),
        fold,
        np.sort(position[validation]),
        asked_question(known, config.question),
        parts.validation_cut,
    )
    if not hidden_users.any():
        return known, split, None
    seen = before_test.copy()  # as in training, without validation
    seen[validation] = False
    if parts.validation_cut is not None:
        seen &= ~(logs.group_launched_at >= parts.validation_cut)
    return known, split, logs.with_groups(seen)


def _shuffle_and_cut(
    logs: Logs, protocol: str, rule: Protocol, config: ModelSettings, seed: int
) -> _Parts:
    usable = usable_groups(logs, config.min_groups)
    test, rest, test_cut = hold_out_groups(
        logs, usable, float(rule.test), generator(Purpose.TEST, seed)
    )
    of_rest = float(rule.validation / (1 - rule.test)) if rule.validation else config.validation
    if round(len(rest) * of_rest) >= len(rest):
        raise DataError("train.benchmark.too_few_groups", groups=len(usable), protocol=protocol)
    validation, training, cut = hold_out_groups(
        logs, rest, of_rest, generator(Purpose.VALIDATION, seed)
    )
    return _Parts(test, validation, training, test_cut, cut)


def _repeats(
    logs: Logs, parts: _Parts, ranked: Mapping[Task, CandidateLists | RankingQueries]
) -> dict[Task, NDArray[np.bool_]]:
    """Marks the lists of groups whose initiator is known to have launched the item before."""
    known = parts.known_groups(logs)
    return {task: is_repeat(logs, drawn.group, known) for task, drawn in ranked.items()}


def _cold(
    seen: Graphs, ranked: Mapping[Task, CandidateLists | RankingQueries]
) -> dict[Task, NDArray[np.bool_]]:
    """Marks the lists whose initiator did nothing at all in these graphs."""
    inactive = seen.user_counts.sum(1) == 0
    return {task: inactive[drawn.initiator] for task, drawn in ranked.items()}


def _popularity(seen: Graphs) -> dict[Task, NDArray[np.floating]]:
    """Weights to draw negatives by: training launches of items, joins of users, plus one so that all can be drawn."""
    return {
        Task.ITEMS: seen.item_counts[:-1, 0] + 1,
        Task.PARTICIPANTS: seen.user_counts[:-1, 2] + 1,
    }


def _draw_hidden_users(logs: Logs, rule: Protocol, seed: int) -> NDArray[np.bool_]:
    """Marks the users [U] who are hidden from training, drawn by seed."""
    users = len(logs.users)
    hidden = np.zeros(users, bool)
    order = generator(Purpose.HIDDEN_USERS, seed).permutation(users)
    if rule.hidden:
        hidden[order[: max(1, round(users * rule.hidden))]] = True
    return hidden


def _groups_with(logs: Logs, users: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marks the groups [G] that any of these users launched or joined."""
    theirs = users[logs.group_initiator]
    theirs[logs.join_group[users[logs.join_participant]]] = True
    return theirs


def _without_friendships(logs: Logs, users: NDArray[np.bool_]) -> Logs:
    """The logs without the friendships of these users."""
    return replace(logs, friendships=logs.friendships[~users[logs.friendships].any(1)])
