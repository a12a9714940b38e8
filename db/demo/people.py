"""The users of the demo shop: circles of friends in one city, whose children grow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.demo import rates
from db.demo.words import BRANDS, CITIES, TAGS, Language, draw_names
from db.importing.staged import UserAttributes


@dataclass(frozen=True)
class People:
    """N users in clusters of friends, who share the age of the child and much of their taste.

    Days count from the first day of the logs; they may be negative, or come after the logs.
    """

    facts: list[UserAttributes]  # [N]
    born: NDArray[np.float64]  # [N] the day on which the child is born
    came: NDArray[np.float64]  # [N] the day on which they come to the shop
    left: NDArray[np.float64]  # [N] the day from which they launch nothing any more
    activity: NDArray[np.float64]  # [N] how often they launch; 0 for those who only join
    taste: NDArray[np.float64]  # [N, categories], rows sum to 1
    brands: NDArray[np.float64]  # [N, brands] preference, mean 0
    friends: list[NDArray[np.int64]]  # of each user, in ascending order
    ties: NDArray[np.int64]  # [F, 2], each pair once

    def ages(
        self, users: NDArray[np.int64] | int, days: NDArray[np.float64] | float
    ) -> NDArray[np.int64]:
        """The age of the users' children on ``days``, in months since YOUNGEST: the rows of ``Goods.fits``."""
        months = (days - self.born[users]) / rates.MONTH - rates.YOUNGEST
        return np.asarray(months % (rates.OLDEST - rates.YOUNGEST), np.int64)


def draw_people(seed: int, count: int, categories: int, language: Language) -> People:
    """``count`` users in clusters of 4 to 24."""
    rng = np.random.default_rng([seed, 1])
    sizes: list[int] = []
    while sum(sizes) < count:
        sizes.append(int(np.clip(rng.geometric(0.11) + 3, 4, 24)))
    came_together = np.sort(_arrivals(rng, len(sizes)))
    cluster = np.repeat(np.arange(len(sizes)), sizes)[:count]
    came = came_together[cluster] + rng.exponential(15, count)
    born = rng.permutation(_births(rng, came_together))[cluster] + rng.normal(0, 60, count)
    same_age = rng.random(count) < rates.SAME_AGE
    stays = np.where(rng.random(count) < rates.LEAVE, rng.exponential(rates.STAY_DAYS, count), 1e9)
    cluster_taste = rng.dirichlet(np.full(categories, 0.4), len(sizes))
    own_taste = rng.dirichlet(np.full(categories, 0.4), count)
    ties = _draw_ties(rng, cluster)
    return People(
        facts=_draw_facts(seed, cluster, language),
        born=np.where(same_age, born, _births(rng, came)),
        came=came,
        left=np.maximum(came, 0) + stays,
        activity=rng.lognormal(0, 1.1, count) * (rng.random(count) < rates.LAUNCHERS),
        taste=0.6 * cluster_taste[cluster] + 0.4 * own_taste,
        brands=rng.normal(0, 0.8, (count, len(BRANDS))),
        friends=_neighbours(ties, count),
        ties=ties,
    )


def _arrivals(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """The days on which ``count`` circles come to the shop."""
    later = rng.random(count) >= rates.THERE_BEFORE
    return np.where(later, rng.uniform(0, rates.DAYS - 20, count), -20.0)


def _births(rng: np.random.Generator, came: NDArray[np.float64]) -> NDArray[np.float64]:
    """The days on which the children are born whose families come on the days ``came``."""
    ages = list(rates.AGES_AT_FIRST)
    low, high = np.array(ages)[
        rng.choice(len(ages), len(came), p=list(rates.AGES_AT_FIRST.values()))
    ].T
    return came - rng.uniform(low, high) * rates.MONTH


def _draw_facts(seed: int, cluster: NDArray[np.int64], language: Language) -> list[UserAttributes]:
    """Names are drawn apart from all else: the other facts are the same in every language."""
    rng, count = np.random.default_rng([seed, 2]), len(cluster)
    names = draw_names(np.random.default_rng([seed, 3]), count, language)
    shares = 1 / np.arange(2, len(CITIES) + 2)
    cities = rng.choice(len(CITIES), (2, count), p=shares / shares.sum())
    city = np.where(rng.random(count) < rates.SAME_CITY, cities[0, cluster], cities[1])
    refuse = np.zeros(count, bool)
    refuse[rng.permutation(count)[: max(2, round(rates.NOT_CONTACTABLE * count))]] = True
    tagged = rng.random((count, len(TAGS))) < rates.TAGGED / np.arange(1, len(TAGS) + 1)
    return [
        UserAttributes(
            name=name,
            city=CITIES[city[user]].said(language),
            contactable=not refuse[user],
            tags="\n".join(TAGS[k].said(language) for k in np.flatnonzero(tagged[user])) or None,
        )
        for user, name in enumerate(names)
    ]


def _draw_ties(rng: np.random.Generator, cluster: NDArray[np.int64]) -> NDArray[np.int64]:
    pairs = []
    starts = np.flatnonzero(np.diff(cluster, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(cluster)], strict=True):
        low, high = np.triu_indices(end - start, 1)
        kept = rng.random(len(low)) < min(0.6, 7 / max(end - start, 1))
        pairs.append(np.stack([low[kept] + start, high[kept] + start], axis=1))
    # Acquaintances across clusters, one per two users on average.
    far = np.sort(rng.integers(0, len(cluster), (len(cluster) // 2, 2)), axis=1)
    pairs.append(far[far[:, 0] < far[:, 1]])
    return np.unique(np.concatenate(pairs), axis=0)


def _neighbours(ties: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    both = np.concatenate([ties, ties[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    bounds = np.searchsorted(both[:, 0], np.arange(count + 1))
    return [both[bounds[k] : bounds[k + 1], 1] for k in range(count)]
