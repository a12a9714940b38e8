"""The users and the items of the demo shop, drawn from a seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.demo.words import BRANDS, CATEGORIES, GIVEN, MOODS, PET_NAMES, RELATIONS, STAGES, SURNAMES
from db.importing.staged import ItemAttributes

ITEMS = 400
_SIZES, _SIZE_SHARES = (1, 2, 3, 4, 5, 7, 9), (0.62, 0.19, 0.08, 0.03, 0.04, 0.03, 0.01)


@dataclass(frozen=True)
class People:
    """N users in clusters of friends, who share a stage of the child and much of their taste."""

    names: list[str]
    cluster: NDArray[np.int64]  # [N]
    stage: NDArray[np.int64]  # [N] positions in STAGES
    taste: NDArray[np.float64]  # [N, categories], rows sum to 1
    brands: NDArray[np.float64]  # [N, brands] preference, mean 0
    friends: list[NDArray[np.int64]]  # of each user, in ascending order
    ties: NDArray[np.int64]  # [F, 2], each pair once


@dataclass(frozen=True)
class Goods:
    """The catalogue of the demo shop."""

    facts: list[ItemAttributes]
    category: NDArray[np.int64]  # [items]
    brand: NDArray[np.int64]  # [items]
    fits: NDArray[np.float64]  # [stages, items] how well an item suits a stage of the child
    popularity: NDArray[np.float64]  # [items] log weight


def draw_people(rng: np.random.Generator, count: int) -> People:
    """``count`` users in clusters of 4 to 24."""
    sizes: list[int] = []
    while sum(sizes) < count:
        sizes.append(int(np.clip(rng.geometric(0.11) + 3, 4, 24)))
    cluster = np.repeat(np.arange(len(sizes)), sizes)[:count]
    cluster_stage = rng.choice(len(STAGES), len(sizes), p=(0.12, 0.2, 0.23, 0.27, 0.18))
    cluster_taste = rng.dirichlet(np.full(len(CATEGORIES), 0.35), len(sizes))
    own_stage = rng.choice(len(STAGES), count)
    own_taste = rng.dirichlet(np.full(len(CATEGORIES), 0.35), count)
    ties = _draw_ties(rng, cluster)
    return People(
        names=_draw_names(rng, count),
        cluster=cluster,
        stage=np.where(rng.random(count) < 0.8, cluster_stage[cluster], own_stage),
        taste=0.6 * cluster_taste[cluster] + 0.4 * own_taste,
        brands=rng.normal(0, 0.8, (count, len(BRANDS))),
        friends=_neighbours(ties, count),
        ties=ties,
    )


def draw_goods(rng: np.random.Generator) -> Goods:
    """A catalogue of ITEMS items: lines of products, each by several brands."""
    lines = [
        (position, name, line)
        for position, (name, category) in enumerate(CATEGORIES.items())
        for line in category
    ]
    wares = [
        (position, name, line, brand, size)
        for position, name, line in lines
        for brand in range(len(BRANDS))
        for size in line.sizes
    ]
    chosen = [wares[k] for k in sorted(rng.choice(len(wares), ITEMS, replace=False))]
    facts = []
    for _, category_name, line, brand, size in chosen:
        price = round(float(rng.uniform(line.low, line.high))) - 0.1
        facts.append(
            ItemAttributes(
                name=f"{BRANDS[brand]} {line.product} {size}",
                category=category_name,
                price=round(price, 2),
                group_price=round(price * float(rng.uniform(0.62, 0.9)), 1),
                min_participants=int(rng.choice(_SIZES, p=_SIZE_SHARES)),
            )
        )
    stages = np.arange(len(STAGES))[:, None]
    distance = np.array(
        [[min(abs(int(s) - k) for k in ware[2].stages) for ware in chosen] for s in stages[:, 0]]
    )  # [stages, items]
    ranks = rng.permutation(ITEMS) + 1
    return Goods(
        facts=facts,
        category=np.array([ware[0] for ware in chosen]),
        brand=np.array([ware[3] for ware in chosen]),
        fits=np.choose(np.minimum(distance, 2), (1.6, -0.6, -2.6)),
        popularity=-0.75 * np.log(ranks + 4.0),
    )


def liking(people: People, goods: Goods, user: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """[users, items] or [items]: how much users like items, regardless of popularity."""
    taste = np.log(people.taste[user][..., goods.category] + 0.004)
    return taste + goods.fits[people.stage[user]] + people.brands[user][..., goods.brand]


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


def _draw_names(rng: np.random.Generator, count: int) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    while len(names) < count:
        if rng.random() < 0.7:
            name = str(rng.choice(PET_NAMES)) + str(rng.choice(RELATIONS))
            if rng.random() < 0.3:
                name = str(rng.choice(MOODS)) + name
        else:
            name = str(rng.choice(SURNAMES)) + str(rng.choice(GIVEN))
        if name in taken:
            name += str(rng.integers(10, 10_000))
        if name not in taken:
            taken.add(name)
            names.append(name)
    return names
