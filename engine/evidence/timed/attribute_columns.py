"""What the shop and the initiator did with items of the same category and brand, and people of the same city."""

from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.columns import EVERY, FEW, LONG
from engine.evidence.timed.event_counts import Tally
from engine.evidence.timed.seasons import season
from engine.evidence.timed.shop_events import AttributeEvents, ShopEvents
from engine.evidence.timed.values import Columns, Floats, of_family, share_of


def attribute_columns(
    events: ShopEvents,
    u: Positions,
    c: Candidates,
    at: Moments,
    launches: Tally,
    my_launches: Tally,
) -> Columns:
    """The columns of items [B, K] for initiators [B].

    ``launches`` [B, K] are those of the items by everybody, ``my_launches`` [B, 1] all of the initiators'.
    """
    in_category, own_category = _launches(events.category, u, c, at)
    in_subcategory, own_subcategory = _launches(events.subcategory, u, c, at)
    of_brand, own_brand = _launches(events.brand, u, c, at)
    of_both, own_both = _launches(events.category_brand, u, c, at)
    return {
        **_levels("category", in_category, own_category, my_launches),
        **of_family("own_category_joins", _joins(events.category, u, c, at), FEW),
        "category_season": _season(events.category, c, at),
        **_levels("subcategory", in_subcategory, own_subcategory, my_launches),
        **of_family("own_subcategory_joins", _joins(events.subcategory, u, c, at), FEW),
        **of_family("brand_launches", of_brand, FEW),
        **of_family("own_brand_launches", own_brand, FEW),
        "own_brand_share": share_of(own_brand, my_launches, "365d"),
        "category_brand_share": share_of(of_both, in_category, "365d"),
        **of_family("own_category_brand_launches", own_both, FEW),
        "own_category_brand_share": share_of(own_both, own_category, "365d"),
        **events.cities.item_columns(u, c, at, launches, in_category),
    }


def _launches(
    values: AttributeEvents, u: Positions, c: Candidates, at: Moments
) -> tuple[Tally, Tally]:
    """Launches of items with the same value, by everybody and by the initiators."""
    attribute = values.attribute
    codes = attribute.of_items(c)
    everybody, own = values.all_launches.at(codes, at), values.launches.at(u, codes, at)
    return attribute.spread(everybody, c), attribute.spread(own, c)


def _joins(values: AttributeEvents, u: Positions, c: Candidates, at: Moments) -> Tally:
    """Joins by the initiators of groups for items with the same value."""
    attribute = values.attribute
    return attribute.spread(values.joins.at(u, attribute.of_items(c), at), c)


def _season(values: AttributeEvents, c: Candidates, at: Moments) -> Floats:
    """The season of launches of items with the same value; even where it is not known."""
    found = season(values.all_launches, values.attribute.of_items(c), at)
    return found if c is not None else found[:, values.attribute.codes]


def _levels(name: str, everybody: Tally, own: Tally, my_launches: Tally) -> Columns:
    """The columns of launches in a level of the category."""
    return {
        **of_family(f"{name}_launches", everybody, EVERY),
        **of_family(f"own_{name}_launches", own, EVERY),
        **{f"own_{name}_share_{kept}": share_of(own, my_launches, kept) for kept in LONG},
    }
