"""Counts over past groups the slow and plain way, to hold the reasons against."""

import itertools
from collections import Counter, defaultdict

import numpy as np

from db.logs import FAILED, SUCCESSFUL, Logs
from engine.results import Reason

_OF_SHOP = (
    "in_season",
    "launched_lately",
    "first_lately",
    "rising",
    "new_item",
    "not_launched_yet",
)


class Recount:
    """Plain dictionaries of what users did, by id. Open groups do not count, but for the days of launches."""

    def __init__(self, logs: Logs, moment: np.datetime64) -> None:
        """``moment``: the one as of which reasons were asked."""
        self.moment = moment
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
        self.opened: dict[tuple[str, str], list[np.datetime64]] = defaultdict(list)
        self.came: dict[tuple[str, str], list[np.datetime64]] = defaultdict(list)
        self.met_at: dict[tuple[str, str], list[np.datetime64]] = defaultdict(list)
        for g in range(len(logs.group_item)):
            pair = users[logs.group_initiator[g]], items[logs.group_item[g]]
            self.opened[pair].append(logs.group_launched_at[g])
        for k, (g, p) in enumerate(zip(logs.join_group, logs.join_participant, strict=True)):
            self.came[users[p], items[logs.group_item[g]]].append(logs.joined_at[k])
            self.met_at[users[logs.group_initiator[g]], users[p]].append(logs.joined_at[k])
        self.category = dict(zip(items, logs.items["category"], strict=True))
        self.brand = dict(zip(items, logs.items["brand"], strict=True))
        self.price = dict(
            zip(items, logs.items["group_price"].fillna(logs.items["price"]), strict=True)
        )
        self.city = dict(zip(users, logs.users["city"], strict=True))
        self.tied = {u: {a if b == u else b for a, b in self.met_at if u in (a, b)} for u in users}
        saved = 1 - logs.items["group_price"] / logs.items["price"]
        self.discount = dict(zip(items, saved, strict=True))
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
        count = next(iter(reason.values.values()), 0)
        if kind == "popular":
            filled = sum(n for (_, i), n in self.launched.items() if i == item)
            every = filled + sum(n for (_, i), n in self.failed.items() if i == item)
            return reason.values == {"times": every, "filled": round(100 * filled / every)}
        if "_by_" in kind:
            return self._by_others(u, item, kind, count)
        if kind.endswith("_before"):
            return count == getattr(self, kind.removesuffix("_before"))[u, item]
        if kind in ("launched_last", "joined_last"):
            times = (self.opened if kind == "launched_last" else self.came)[u, item]
            return self._last(times, count, reason)
        if kind in ("own_category", "own_brand"):
            value = self.category if kind == "own_category" else self.brand
            own = [t for (v, i), t in self.opened.items() if v == u and value[i] == value[item]]
            return reason.values["value"] == value[item] and count == sum(map(len, own))
        if kind in _OF_SHOP:
            return self._of_shop(item, kind, reason)
        if kind in ("usual_price", "category_price", "discount"):
            saved = round(100 * self.discount[item]) if kind == "discount" else 0
            return bool(self.price[item] > 0) and count == saved
        if kind in ("follows", "like_launched"):
            return self._follows(u, item, reason)
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
        if kind == "same_city":
            return self.city[u] == self.city[p]
        if kind == "met_by_ties":  # at most ten people
            return bool(0 < count <= min(10, len(self.tied[u] & self.tied[p])))
        if kind.startswith("near_"):
            role = kind.removeprefix("near_")
            return any(
                count == self.both(item, anchor, p) and self._did(p, anchor, role)
                for anchor in self.ids(reason.values["item"])
            )
        if kind in ("joined_initiators_last", "initiator_joined_last"):
            pair = (u, p) if kind == "joined_initiators_last" else (p, u)
            return self._last(self.met_at[pair], count, reason)
        if kind in ("joined_last", "launched_last"):
            times = (self.opened if kind == "launched_last" else self.came)[p, item]
            return self._last(times, count, reason)
        if kind == "joined_category":
            there = [
                len(t)
                for (q, i), t in self.came.items()
                if q == p and self.category[i] == self.category[item]
            ]
            return reason.values["category"] == self.category[item] and count == sum(there)
        if kind == "active_lately":
            every = [at for (q, _), times in self.came.items() if q == p for at in times]
            return count == self._within(every, 30)
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

    def _by_others(self, u: str, item: str, kind: str, count: int) -> bool:
        if kind == "launched_by_city":
            there = [v for v, city in self.city.items() if city == self.city[u]]
            return count == sum(self._within(self.opened[v, item], 30) for v in there)
        if kind == "launched_by_ties":  # at most ten people
            return 0 < count <= min(10, sum(bool(self.opened[v, item]) for v in self.tied[u]))
        done = self.joined if kind.startswith("joined") else self.launched
        return count == sum(done[friend, item] > 0 for friend in self.circle[u])

    def _did(self, user: str, item: str, role: str) -> bool:
        done = {"launched": self.launched, "joined": self.joined, "tried": self.failed}[role]
        return done[user, item] > 0

    def _last(self, times: list[np.datetime64], count: object, reason: Reason) -> bool:
        return count == len(times) and reason.values.get("day") == str(max(times))[:10]

    def _within(self, times: list[np.datetime64], days: int, until: int = 0) -> int:
        first, last = (self.moment - np.timedelta64(n, "D") for n in (days, until))
        return sum(first <= at < last for at in times)

    def _of_shop(self, item: str, kind: str, reason: Reason) -> bool:
        times = [at for (_, i), opened in self.opened.items() if i == item for at in opened]
        if kind == "not_launched_yet":
            return not times
        if kind == "new_item":
            new = min(times) >= self.moment - np.timedelta64(14, "D")
            return new and reason.values == {"day": str(min(times))[:10]}
        if kind == "rising":
            return reason.values == {
                "week": self._within(times, 7),
                "before": self._within(times, 14, 7),
            }
        if kind == "first_lately":
            firsts = [min(opened) for (_, i), opened in self.opened.items() if i == item and opened]
            return reason.values["people"] == self._within(firsts, 30)
        days, until = (365, 335) if kind == "in_season" else (30, 0)
        return reason.values["times"] == self._within(times, days, until)

    def _follows(self, u: str, item: str, reason: Reason) -> bool:
        mine = [(at, i) for (v, i), times in self.opened.items() if v == u for at in times]
        if reason.kind == "like_launched":
            return bool({i for _, i in mine} & set(self.ids(reason.values["item"])))
        anchors = {i for at, i in mine if at == max(mine)[0]}
        if not anchors & set(self.ids(reason.values["item"])):
            return False
        nexts: Counter[tuple[str, str]] = Counter()
        by_user: dict[str, list[tuple[np.datetime64, str]]] = defaultdict(list)
        for (v, i), times in self.opened.items():
            by_user[v] += [(at, i) for at in times]
        for launches in by_user.values():
            order = [i for _, i in sorted(launches)]
            nexts.update(itertools.pairwise(order))
        return any(reason.values["times"] == nexts[anchor, item] for anchor in anchors)
