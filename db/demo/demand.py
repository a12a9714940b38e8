"""What the demo shop's items are worth on each day: life cycles, seasons, trends, promotions, sell-outs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.demo import rates
from db.demo.goods import Goods


@dataclass(frozen=True)
class Demand:
    """D = rates.DAYS days of I items."""

    weight: NDArray[
        np.float64
    ]  # [D, I] logarithm, whoever launches; -inf where the item cannot be had
    promoted: NDArray[np.bool_]  # [D, I] on promotion: the group price is lower
    sold_out: NDArray[np.bool_]  # [D, I]


def draw_demand(seed: int, goods: Goods, first_day: np.datetime64) -> Demand:
    """The days of this catalogue, of which the first is ``first_day``."""
    rng = np.random.default_rng([seed, 5])
    products, of = goods.products, goods.product
    day = np.arange(rates.DAYS)[:, None]
    begins = np.array([one.begins for one in products])
    ends = np.array([one.ends for one in products])
    on_shelf = (day >= begins) & (day < ends) & (begins < rates.DAYS - 4)  # [D, products]
    promoted = _spells(rng, on_shelf, rates.PROMOTIONS, (rates.PROMOTION_DAYS,) * 2)
    sold_out = _spells(rng, on_shelf[:, of], rates.SELL_OUTS, rates.SOLD_OUT_DAYS)
    weight = (
        _standing(goods)
        + _novelty(rng, goods, day - begins)
        + _seasons(goods, first_day)
        + _trends(rng, len(products))
        + rates.PROMOTED * promoted
    )[:, of] + goods.appeal
    weight[~on_shelf[:, of] | sold_out] = -np.inf
    return Demand(weight, promoted[:, of], sold_out)


def _standing(goods: Goods) -> NDArray[np.float64]:
    """[products] what is lasting is known to everybody, and what runs out is needed."""
    lines = [one.line for one in goods.products]
    lasting = np.array([line.lasting for line in lines])
    needed = np.array([line.cycle is not None for line in lines])
    return np.where(needed, rates.NEEDED, rates.STANDING * lasting)


def _novelty(rng: np.random.Generator, goods: Goods, age: NDArray[np.int64]) -> NDArray[np.float64]:
    """[D, products] power * (age / peak) exp(1 - age / peak): an item comes, peaks and is forgotten."""
    seasonal = np.array([one.line.season is not None for one in goods.products])
    lasting = np.array([one.line.lasting for one in goods.products])
    fashion = ~seasonal & ~lasting
    power = np.where(fashion, rates.FASHION, np.where(lasting, rates.ARRIVAL, 0))
    peak = np.where(fashion, rng.uniform(*rates.FASHION_PEAKS, len(fashion)), rates.ARRIVAL_PEAK)
    share = np.maximum(age, 0) / peak
    return np.asarray(power * share * np.exp(1 - share))


def _seasons(goods: Goods, first_day: np.datetime64) -> NDArray[np.float64]:
    """[D, products] highest on the day of the year around which a line sells, lowest half a year later."""
    days = first_day + np.arange(rates.DAYS)
    of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(float)
    heights = [one.line.height for one in goods.products]
    height = np.array([np.nan if one is None else one for one in heights])
    away = 1 - np.cos(2 * np.pi * (of_year[:, None] - height) / 365.25)  # 0 to 2
    return np.nan_to_num(rates.SEASON - rates.OFF_SEASON / 2 * away)


def _trends(rng: np.random.Generator, products: int) -> NDArray[np.float64]:
    """[D, products] an Ornstein-Uhlenbeck process each: what people talk about changes slowly."""
    stays = np.exp(-1 / rates.TREND_DAYS)
    trend = rng.normal(0, rates.TREND, (rates.DAYS, products))
    for day in range(1, rates.DAYS):
        trend[day] = stays * trend[day - 1] + np.sqrt(1 - stays**2) * trend[day]
    return trend


def _spells(
    rng: np.random.Generator, on_shelf: NDArray[np.bool_], rate: float, length: tuple[int, int]
) -> NDArray[np.bool_]:
    """[D, n] spells that begin at a rate while something is on the shelf, and last ``length`` days."""
    found = np.zeros_like(on_shelf)
    days, columns = np.nonzero(on_shelf & (rng.random(on_shelf.shape) < rate))
    lengths = rng.integers(length[0], length[1] + 1, len(days))
    for day, column, lasts in zip(days, columns, lengths, strict=True):
        found[day : day + lasts, column] = True
    return found & on_shelf
