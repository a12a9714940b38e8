"""Lists of products that a household is asked about, and what decayed counts make of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.complete_journey_log import SEPARATOR, read_products
from engine.evidence.timed.event_counts import EventCounts
from train.evaluate.metrics import rank_range, reciprocal_rank

OTHERS = 99
# Days; with infinity nothing is ever forgotten.
HALF_LIVES = (2.0, 7.0, 30.0, 90.0, 365.0, np.inf)
# Of popularity and of both levels of the category, beside the household's own launches of the product.
POPULARITY_WEIGHTS = (1e-3, 1e-2)
CATEGORY_WEIGHTS = (0.0, 1e-3, 1e-2, 1e-1)


class Asked(StrEnum):
    """Which launches are asked about."""

    ALL = "all launches"
    FIRST = "first times"  # the household had never bought the product, nor any other candidate


@dataclass(frozen=True)
class Purchases:
    """N purchases in the order of time, with positions instead of ids."""

    frame: pd.DataFrame  # as ``read_purchases`` returns it
    household: NDArray[np.int64]  # [N]
    product: NDArray[np.int64]  # [N]
    moment: NDArray[np.datetime64]  # [N]
    first: NDArray[np.bool_]  # [N] the household had never bought the product
    products: pd.Index  # ids by position, P of them
    levels: tuple[
        NDArray[np.int64], NDArray[np.int64]
    ]  # [P] each product's upper and lower category

    @classmethod
    def of(cls, frame: pd.DataFrame, categories: pd.Series | None = None) -> "Purchases":
        """The purchases of ``frame``; ``categories`` by product id, from the package by default."""
        household, _ = pd.factorize(frame["household"])
        position, ids = pd.factorize(frame["product"])
        named = read_products(ids)["category"] if categories is None else categories.reindex(ids)
        lower, _ = pd.factorize(named)
        upper, _ = pd.factorize(named.str.partition(SEPARATOR)[0])
        moment = frame["at"].to_numpy("datetime64[s]")
        return cls(
            frame, household, position, moment, frame["first"].to_numpy(), ids, (upper, lower)
        )

    def on_the_shelf(self, end: np.datetime64) -> pd.DataFrame:
        """The purchases before ``end``, whose products are on the shelf."""
        return self.frame[self.moment < end]


@dataclass(frozen=True)
class Lists:
    """n lists of 1 + OTHERS candidates; the product that was bought is in column 0."""

    purchase: NDArray[np.int64]  # [n] positions in the purchases
    candidates: NDArray[np.int64]  # [n, 1 + OTHERS] positions of products


def draw_lists(
    purchases: Purchases,
    since: np.datetime64,
    until: np.datetime64,
    asked: Asked,
    most: int,
    rng: np.random.Generator,
) -> Lists:
    """At most ``most`` lists of purchases in [since, until).

    The others are drawn uniformly from the products that sold before ``until``: a new product stands among new ones
    too. First times are asked among products that the household had not bought before that moment.
    """
    inside = (purchases.moment >= since) & (purchases.moment < until)
    of_interest = np.flatnonzero(inside & (purchases.first | (asked is Asked.ALL)))
    chosen = np.sort(rng.choice(of_interest, min(most, len(of_interest)), replace=False))
    shelf = np.unique(purchases.product[purchases.moment < until])
    rows = []
    for at in chosen:
        barred = {purchases.product[at]}
        if asked is Asked.FIRST:
            earlier = slice(0, np.searchsorted(purchases.moment, purchases.moment[at]))
            own = purchases.household[earlier] == purchases.household[at]
            barred |= set(purchases.product[earlier][own])
        others = [item for item in rng.permutation(shelf) if item not in barred][:OTHERS]
        rows.append([purchases.product[at], *others])
    return Lists(chosen, np.array(rows))


@dataclass(frozen=True)
class Weights:
    """How counts are added up: the half-life in days, and the weights beside the household's own launches."""

    half_life: float
    popularity: float
    upper: float
    lower: float

    def __str__(self) -> str:
        """As the tables show it."""
        return f"{in_days(self.half_life)}, {self.popularity:g}/{self.upper:g}/{self.lower:g}"


class DecayedCounts:
    """Counts of all purchases, asked as of any moments."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases
        household, bought, at = purchases.household, purchases.product, purchases.moment
        first = purchases.first
        self._launches = EventCounts(bought, at, HALF_LIVES)
        self._first_times = EventCounts(bought[first], at[first], HALF_LIVES)
        self._own = EventCounts(household * len(purchases.products) + bought, at, HALF_LIVES)
        self._kinds = [
            EventCounts(household * len(level) + level[bought], at, HALF_LIVES)
            for level in purchases.levels
        ]

    def tables(self, lists: Lists, at: NDArray[np.datetime64]) -> "CountTables":
        """What had been counted before the moment ``at`` [n] of each list."""
        household = self._purchases.household[lists.purchase][:, None]
        bought, moment = lists.candidates, at[:, None]
        own = household * len(self._purchases.products) + bought
        kinds = [
            counts.at(household * len(level) + level[bought], moment).decayed
            for counts, level in zip(self._kinds, self._purchases.levels, strict=True)
        ]
        return CountTables(
            launches=self._launches.at(bought, moment).decayed,
            first_times=self._first_times.at(bought, moment).decayed,
            own=self._own.at(own, moment).decayed,
            upper=kinds[0],
            lower=kinds[1],
        )


@dataclass(frozen=True)
class CountTables:
    """Decayed counts [n, 1 + OTHERS, H] of the candidates, by half-life.

    Of the product: launches, and households that bought it for the first time; of the household: launches of the
    product, of its upper and of its lower category.
    """

    launches: NDArray[np.float32]
    first_times: NDArray[np.float32]
    own: NDArray[np.float32]
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]

    def score(self, weights: Weights) -> NDArray[np.float32]:
        """The weighted sum [n, 1 + OTHERS]."""
        at = HALF_LIVES.index(weights.half_life)
        return (
            self.own[..., at]
            + weights.popularity * self.launches[..., at]
            + weights.upper * self.upper[..., at]
            + weights.lower * self.lower[..., at]
        )


def in_days(half_life: float) -> str:
    """A half-life as the tables show it."""
    return "none" if np.isinf(half_life) else f"{half_life:g} d"


def weight_grid() -> Iterator[Weights]:
    """All weights that are tried."""
    for half_life, popularity, upper, lower in product(
        HALF_LIVES, POPULARITY_WEIGHTS, CATEGORY_WEIGHTS, CATEGORY_WEIGHTS
    ):
        yield Weights(half_life, popularity, upper, lower)


def reciprocal_ranks(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Of the first candidate of each list [n]; ties share the mean of their ranks."""
    return reciprocal_rank(*rank_range(scores), scores.shape[1])
