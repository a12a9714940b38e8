"""What the demo shop says of its items on the last day of the logs."""

import numpy as np

from db.demo import rates
from db.demo.demand import Demand
from db.demo.goods import Goods, Product
from db.demo.product_lines import categories
from db.demo.sale_dates import NEVER
from db.demo.words import BRANDS, Language
from db.importing.staged import ItemAttributes


def shelf_facts(
    seed: int, goods: Goods, demand: Demand, first_day: np.datetime64, language: Language
) -> list[ItemAttributes]:
    """[I] the attributes of all items; the group price is that of the promotion, where there is one."""
    rng = np.random.default_rng([seed, 8])
    stock = 5 + rng.lognormal(4.2, 0.9, len(goods.product)).astype(int)
    ended = np.array([one.ends for one in goods.products])[goods.product] < rates.DAYS
    stock[ended] //= 10  # sold off
    stock[demand.sold_out[-1]] = 0
    drop = np.where(demand.promoted[-1], rng.uniform(*rates.PRICE_DROP, len(stock)), 0)
    reduced = np.round(goods.group_price * (1 - drop), 1)
    facts = []
    for item, number in enumerate(goods.product):
        product = goods.products[number]
        status = _status(product)
        ends = NEVER if status == "hidden" else product.ends
        facts.append(
            ItemAttributes(
                name=_name(product, goods.size[item].name.said(language), language),
                category=categories()[product.category].category.said(language),
                price=round(float(goods.price[item]), 2),
                group_price=round(float(reduced[item]), 1),
                min_participants=int(goods.participants[item]),
                brand=BRANDS[product.brand].said(language),
                on_sale_from=_second(first_day, product.begins),
                on_sale_until=None if ends == NEVER else _second(first_day, ends),
                stock=int(stock[item]),
                status=status,
            )
        )
    return facts


def _status(product: Product) -> str:
    if product.ends >= rates.DAYS:
        return "on"
    return "hidden" if product.hidden else "off"


def _name(product: Product, size: str, language: Language) -> str:
    words = f"{BRANDS[product.brand].said(language)} {product.line.name.said(language)}"
    return f"{words}, {size}" if language == "en" else f"{words} {size}"


def _second(first_day: np.datetime64, day: int) -> int:
    return int((first_day + day).astype("datetime64[s]").astype(np.int64))
