"""Counts over past groups the slow and plain way, to hold the reasons against."""

from collections import Counter, defaultdict

from db.logs import FAILED, SUCCESSFUL, Logs
from engine.results import Reason


class Recount:
    """Plain dictionaries of what users did, by id. Open groups do not count."""

    def __init__(self, logs: Logs) -> None:
        users, items = list(logs.users.index), list(logs.items.index)
        self.named = dict(
            zip(items, logs.items["name"].fillna(logs.items.index.to_series()), strict=True)
        )
        self.launched: Counter[tuple[str, str]] = Counter()
        self.failed: Counter[tuple[str, str]] = Counter()
        self.joined: Counter[tuple[str, str]] = Counter()
        self.met: Counter[tuple[str, str]] = Counter()
        for g in range(len(logs.group_item)):
            pair = users[logs.group_initiator[g]], items[logs.group_item[g]]
            self.launched[pair] += int(logs.group_status[g] == SUCCESSFUL)
            self.failed[pair] += int(logs.group_status[g] == FAILED)
        for g, p in zip(logs.join_group, logs.join_participant, strict=True):
            if logs.group_status[g] == SUCCESSFUL:
                self.joined[users[p], items[logs.group_item[g]]] += 1
                self.met[users[logs.group_initiator[g]], users[p]] += 1
        self.friends = {(users[a], users[b]) for a, b in logs.friendships}
        self.friends |= {(b, a) for a, b in self.friends}
        self.chose: dict[str, set[str]] = defaultdict(set)
        for counts in (self.launched, self.failed, self.joined):
            for (user, item), count in counts.items():
                if count:
                    self.chose[user].add(item)
        self.circle: dict[str, set[str]] = defaultdict(set)
        for a, b in [pair for pair, count in self.met.items() if count] + list(self.friends):
            self.circle[a].add(b)
            self.circle[b].add(a)

    def both(self, one: str, other: str, but: str) -> int:
        """How many people but ``but`` chose both items."""
        return sum({one, other} <= chosen for user, chosen in self.chose.items() if user != but)

    def ids(self, name: object) -> list[str]:
        return [id for id, known in self.named.items() if known == name]

    def of_items(self, u: str, item: str, reason: Reason) -> bool:
        """Whether a reason for ``item`` and the initiator ``u`` is true."""
        kind = reason.kind.removesuffix("_one")
        count = next(iter(reason.values.values()))
        if kind == "popular":
            filled = sum(n for (_, i), n in self.launched.items() if i == item)
            every = filled + sum(n for (_, i), n in self.failed.items() if i == item)
            return reason.values == {"times": every, "filled": round(100 * filled / every)}
        if kind.endswith("_by_circle"):
            done = self.joined if kind.startswith("joined") else self.launched
            return count == sum(done[friend, item] > 0 for friend in self.circle[u])
        if kind.endswith("_before"):
            return count == getattr(self, kind.removesuffix("_before"))[u, item]
        anchors = self.ids(reason.values["item"])
        if kind == "goes_with_circle":
            return any(
                count == self.both(item, anchor, "")
                and reason.values["circle"] == sum(anchor in self.chose[f] for f in self.circle[u])
                for anchor in anchors
            )
        role = kind.removeprefix("goes_with_")
        return any(
            count == self.both(item, anchor, u) and self._did(u, anchor, role) for anchor in anchors
        )

    def of_participants(self, u: str, item: str, p: str, reason: Reason) -> bool:
        """Whether a reason for ``p`` to join ``u`` for ``item`` is true."""
        kind = reason.kind.removesuffix("_one")
        count = next(iter(reason.values.values()), 0)
        if kind == "friend":
            return (u, p) in self.friends
        if kind.startswith("near_"):
            role = kind.removeprefix("near_")
            return any(
                count == self.both(item, anchor, p) and self._did(p, anchor, role)
                for anchor in self.ids(reason.values["item"])
            )
        counted = {
            "joined_initiators_groups": self.met[u, p],
            "initiator_joined_theirs": self.met[p, u],
            "joined_item": self.joined[p, item],
            "launched_item": self.launched[p, item],
            "failed_item": self.failed[p, item],
            "circle_chose": sum(item in self.chose[friend] for friend in self.circle[p]),
            "common_circle": len(self.circle[u] & self.circle[p]),
            "shared_items": len(self.chose[u] & self.chose[p]),
            "active": sum(n for (user, _), n in self.joined.items() if user == p),
        }
        return count == counted[kind]

    def _did(self, user: str, item: str, role: str) -> bool:
        done = {"launched": self.launched, "joined": self.joined, "tried": self.failed}[role]
        return done[user, item] > 0
