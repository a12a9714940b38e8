"""The items of the demo shop: which products there are, when they are on sale, and whom they suit."""

from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from db.demo import rates
from db.demo.product_lines import Line, Size, categories
from db.demo.sale_dates import NEVER, SaleDates, spread
from db.demo.words import BRANDS

_SIZES, _SIZE_SHARES = (1, 2, 3, 4, 5, 7, 9), (0.62, 0.19, 0.08, 0.03, 0.04, 0.03, 0.01)


@dataclass(frozen=True)
class Product:
    """A line by a brand; its sizes are the items. Days count from the first day of the logs."""

    category: int  # position in ``categories()``
    line: Line
    brand: int  # position in BRANDS
    begins: int  # the first day on sale
    ends: int  # the first day on which it is no longer on sale, NEVER if that is open
    hidden: bool = False  # from ``ends`` on it is hidden rather than off the shelf


@dataclass(frozen=True)
class Goods:
    """The catalogue: I items in the order in which they came to the shop."""

    products: list[Product]
    product: NDArray[np.int64]  # [I] positions in ``products``
    size: list[Size]  # [I]
    category: NDArray[np.int64]  # [I]
    brand: NDArray[np.int64]  # [I]
    price: NDArray[np.float64]  # [I] list price, yuan
    group_price: NDArray[np.float64]  # [I] without promotions
    participants: NDArray[np.int64]  # [I] needed besides the initiator
    appeal: NDArray[np.float64]  # [I] log weight
    fits: NDArray[
        np.float64
    ]  # [months, I] how well an item suits a child of an age, from rates.YOUNGEST on


def draw_goods(seed: int, first_day: np.datetime64) -> Goods:
    """A catalogue of ITEMS items, as of logs that begin on ``first_day``."""
    rng = np.random.default_rng([seed, 4])
    products = _draw_products(rng, first_day)
    pairs = [(number, size) for number, one in enumerate(products) for size in one.line.sizes]
    product = np.array([number for number, _ in pairs])
    size = [size for _, size in pairs]
    dearness = rng.uniform(0, 1, len(products))[product] + rng.normal(0, 0.1, len(pairs))
    low, high = np.array([one.line.price for one in products])[product].T
    price = np.round(low + (high - low) * np.clip(dearness, 0, 1)) - 0.1
    # Spread evenly, so that every month has its hit.
    ranks = len(products) * np.fromiter(islice(spread(rng), len(products)), float)
    appeal = -rates.APPEAL * np.log(ranks + 8.0)[product] + rng.normal(0, 0.25, len(pairs))
    return Goods(
        products=products,
        product=product,
        size=size,
        category=np.array([one.category for one in products])[product],
        brand=np.array([one.brand for one in products])[product],
        price=price,
        group_price=np.round(price * rng.uniform(0.62, 0.9, len(pairs)), 1),
        participants=rng.choice(_SIZES, len(pairs), p=_SIZE_SHARES),
        appeal=appeal,
        fits=_fits(size),
    )


def _draw_products(rng: np.random.Generator, first_day: np.datetime64) -> list[Product]:
    """Products in the order in which they come, with ITEMS sizes in sum."""
    makes = rng.random((len(categories()), len(BRANDS))) < 0.5
    wares = [
        (position, line, int(brand))
        for position, category in enumerate(categories())
        for line in category.lines
        for brand in np.flatnonzero(makes[position])
    ]
    weights = np.array([1.6 if line.cycle else 1.0 for _, line, _ in wares])
    order = iter(np.argsort(rng.exponential(1 / weights)))  # a draw without replacement
    products: list[Product] = []
    sale = SaleDates(rng, first_day)
    for count, days in (
        (rates.ITEMS - rates.ARRIVALS - rates.ANNOUNCED, None),
        (rates.ARRIVALS, (rates.DAYS - 4, rates.DAYS)),
        (rates.ANNOUNCED, (rates.DAYS + 2, rates.DAYS + 14)),
    ):
        left = count
        while left > 0:
            category, line, brand = wares[next(order)]
            if days is not None and line.season is not None:
                continue
            begins, ends = sale.draw(line) if days is None else (int(rng.integers(*days)), NEVER)
            line = replace(line, sizes=line.sizes[:left])
            products.append(Product(category, line, brand, begins, ends))
            left -= len(line.sizes)
    gone = [k for k, one in enumerate(products) if one.ends < rates.DAYS and not one.line.season]
    for number in rng.permutation(gone)[: rates.HIDDEN]:
        products[number] = replace(products[number], hidden=True)
    return sorted(products, key=lambda one: one.begins)


def _fits(sizes: list[Size]) -> NDArray[np.float64]:
    """[months, I] rates.FITS for the right age, and less the further away an age is for the width of the size."""
    months = np.arange(rates.YOUNGEST, rates.OLDEST)[:, None] + 0.5
    youngest, oldest = np.array([size.ages for size in sizes]).T
    distance = np.maximum(np.maximum(youngest - months, months - oldest), 0)
    return rates.FITS - rates.OUTGROWN * np.minimum(distance / (1 + 0.4 * (oldest - youngest)), 1)
