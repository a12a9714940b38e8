"""A trial: the logs parted into what may be known and what is asked, once for all systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from db.errors import DataError, SettingError
from db.logs import Logs, Task
from engine.evidence.graphs import Graphs
from engine.model_settings import ModelSettings
from train.evaluate.full_ranking import RankingQueries, full_ranking_queries
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.prepare.splits import Split, usable_groups


@dataclass(frozen=True)
class Protocol:
    """How the groups are parted and what is asked of the test groups.

    ``test`` is the share of the successful groups that is tested on, ``validation`` the share for validation; where it
    is None, the settings say which share of the rest. ``against`` are the wrong answers: 99 drawn ``uniform`` or by
    ``popularity``, or ``everyone``. ``hidden`` is the share of users of whom nothing is learned: their logs come later.
    """

    validation: Fraction | None
    test: Fraction
    against: Literal["uniform", "popularity", "everyone"] = "uniform"
    hidden: Fraction = Fraction(0)


PROTOCOLS: dict[str, Protocol] = {
    "sampled": Protocol(None, Fraction(1, 10)),
    "paper-split": Protocol(Fraction(3, 11), Fraction(1, 11)),
    "popular": Protocol(None, Fraction(1, 10), "popularity"),
    "full": Protocol(None, Fraction(1, 10), "everyone"),
    "newcomers": Protocol(None, Fraction(1, 10), hidden=Fraction(1, 20)),
}

# The test groups that everyone is ranked for where nobody says how many: some minutes at 30,000 items and 190,000
# users. A limit is that many of Task I and a tenth as many of Task II, where a ranking takes ten times as long.
FULLY_RANKED = {Task.ITEMS: 2000, Task.PARTICIPANTS: 500}
TENTH = 10


@dataclass(frozen=True)
class Trial:
    """``known`` are the logs without the test groups, ``parts`` their split, ``lists`` the test lists by task.

    ``cold`` [n] by task tells the lists whose initiator has no training launch, failed launch or join. Where everyone
    is ranked there are ``queries`` in place of lists. Where users are hidden, ``later`` are the logs that hold theirs
    as well, and ``hidden`` [n] by task tells the lists that ask about them: whose initiator (Task I) or right
    participant (Task II) is one.
    """

    known: Logs
    parts: Split
    lists: dict[Task, CandidateLists]
    cold: dict[Task, NDArray[np.bool_]]
    test_groups: int
    queries: dict[Task, RankingQueries] = field(default_factory=dict)
    later: Logs | None = None
    hidden: dict[Task, NDArray[np.bool_]] = field(default_factory=dict)


def learned_once(protocols: Sequence[str]) -> list[list[str]]:
    """The protocols in groups that part the logs alike, so that one learning serves the whole group."""
    groups: dict[tuple[Fraction | None, Fraction, Fraction], list[str]] = {}
    for protocol in protocols:
        rule = PROTOCOLS[protocol]
        groups.setdefault((rule.validation, rule.test, rule.hidden), []).append(protocol)
    return list(groups.values())


def part_trial(
    logs: Logs,
    protocol: str,
    config: ModelSettings,
    seed: int,
    limit: int = 0,
    fully: Mapping[Task, int] | None = None,
) -> Trial:
    """The trial of this seed. ``limit`` scores at most so many test groups (0: all, or ``FULLY_RANKED``).

    ``fully`` are limits by task where everyone is ranked, in place of those that come from ``limit``.

    The candidates are drawn from all logs, since an item that she launches in the test is no wrong answer.
    """
    if protocol not in PROTOCOLS:
        raise SettingError(
            f"There is no protocol {protocol!r}. Choose one of {', '.join(PROTOCOLS)}."
        )
    rule = PROTOCOLS[protocol]
    test, validation, training = _cut(logs, protocol, rule, config, seed)
    newcomers = _newcomers(logs, rule, seed)
    known, parts, later = _parted(logs, test, validation, training, newcomers)
    seen = Graphs.from_logs(known, parts.seen(known), friendships=False)
    if rule.against == "everyone":
        most = FULLY_RANKED
        if limit:
            most = {Task.ITEMS: limit, Task.PARTICIPANTS: max(1, limit // TENTH)}
        most = most | dict(fully or {})
        groups = {task: np.sort(test[:count]) for task, count in most.items()}
        queries = full_ranking_queries(logs, known, seen, groups)
        count = max(map(len, groups.values()))
        return Trial(known, parts, {}, _cold(seen, queries), count, queries)
    asked = np.sort(test[:limit] if limit else test)
    lists = draw_candidate_lists(
        logs, asked, seed, _fame(seen) if rule.against == "popularity" else None
    )
    if later is None:
        return Trial(known, parts, lists, _cold(seen, lists), len(asked))
    cold = _cold(Graphs.from_logs(later, friendships=False), lists)
    hidden = {
        Task.ITEMS: newcomers[lists[Task.ITEMS].initiator],
        Task.PARTICIPANTS: newcomers[lists[Task.PARTICIPANTS].candidates[:, 0]],
    }
    return Trial(known, parts, lists, cold, len(asked), {}, later, hidden)


def _parted(
    logs: Logs,
    test: NDArray[np.int64],
    validation: NDArray[np.int64],
    training: NDArray[np.int64],
    newcomers: NDArray[np.bool_],
) -> tuple[Logs, Split, Logs | None]:
    """The logs to learn from with their split, and those that come later, where there are ``newcomers`` [U]."""
    tested = np.zeros(len(logs.group_item), bool)
    tested[test] = True
    kept = ~tested & ~_groups_of(logs, newcomers)
    known = _strangers_to(logs.with_groups(kept), newcomers)
    # Positions of groups change where some are left out; those of users and items never do.
    place = np.cumsum(kept) - 1
    validation, training = validation[kept[validation]], training[kept[training]]
    fold = np.zeros(len(training), np.int64)
    parts = Split(np.sort(place[training]), fold, np.sort(place[validation]))
    if not newcomers.any():
        return known, parts, None
    unseen = tested
    unseen[validation] = (
        True  # the validation groups of the others stay unseen, as they were in training
    )
    return known, parts, logs.with_groups(~unseen)


def _cut(
    logs: Logs, protocol: str, rule: Protocol, config: ModelSettings, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The usable groups for testing, validation and training, in an order by seed."""
    usable = usable_groups(logs, config.min_groups)
    order = np.random.default_rng(seed).permutation(usable)
    count = max(1, round(len(order) * rule.test))
    test, rest = order[:count], order[count:]
    share = (
        len(order) * rule.validation if rule.validation else len(rest) * Fraction(config.validation)
    )
    held = max(1, round(share))
    if held >= len(rest):
        raise DataError(
            f"{len(order)} successful groups are too few for the protocol {protocol}. Import more "
            f"logs, or set a smaller validation."
        )
    return test, rest[:held], rest[held:]


def _cold(
    seen: Graphs, asked: Mapping[Task, CandidateLists | RankingQueries]
) -> dict[Task, NDArray[np.bool_]]:
    """By task, whose initiator did nothing at all in these graphs."""
    nothing = seen.user_counts.sum(1) == 0
    return {task: nothing[drawn.initiator] for task, drawn in asked.items()}


def _fame(seen: Graphs) -> dict[Task, NDArray[np.floating]]:
    """How likely each item and participant is drawn: launches and joins in training, and one so that all can be."""
    return {
        Task.ITEMS: seen.item_counts[:-1, 0] + 1,
        Task.PARTICIPANTS: seen.user_counts[:-1, 2] + 1,
    }


def _newcomers(logs: Logs, rule: Protocol, seed: int) -> NDArray[np.bool_]:
    """The users [U] who are hidden from training, by seed."""
    users = len(logs.users)
    hidden = np.zeros(users, bool)
    chosen = np.random.default_rng((seed, users)).permutation(users)
    if rule.hidden:
        hidden[chosen[: max(1, round(users * rule.hidden))]] = True
    return hidden


def _groups_of(logs: Logs, users: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The groups [G] that any of these users launched or joined."""
    theirs = users[logs.group_initiator]
    theirs[logs.join_group[users[logs.join_participant]]] = True
    return theirs


def _strangers_to(logs: Logs, users: NDArray[np.bool_]) -> Logs:
    """The logs without the friendships of these users."""
    return replace(logs, friendships=logs.friendships[~users[logs.friendships].any(1)])
