"""Rankings as tables: filters, columns and downloads. Pure functions of the engine's records and
the items' frame.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from db.queries.entities import UserCard
from engine.results import Ranked, RankedInitiator, Ranking, Reason

Say = Callable[[Reason], str]


@dataclass(frozen=True)
class Filters:
    """What a merchandiser wants to see of the ranked items; the defaults let everything pass."""

    categories: tuple[str, ...] = ()  # none chosen means all
    price: tuple[float, float] | None = None  # inclusive, in yuan; None means any, also unknown
    minimum_probability: float = 0.0
    leave_out_launched: bool = True  # asked of the engine, which knows every launch

    def narrows(self) -> bool:
        """Whether they may refuse an item that the engine ranks."""
        return bool(self.categories) or self.price is not None or self.minimum_probability > 0

    def permitted_ids(self, items: pd.DataFrame) -> frozenset[str] | None:
        """The ids that category and price let pass, ``None`` where all do.

        An item of unknown category or price passes only where that is not asked for.
        """
        if not self.categories and self.price is None:
            return None
        passes = pd.Series(True, index=items.index)
        if self.categories:
            passes &= items["category"].isin(self.categories)
        if self.price is not None:
            passes &= price_to_pay(items).between(*self.price)
        return frozenset(items.index[passes])


def price_to_pay(items: pd.DataFrame) -> pd.Series:
    """What a member of a group pays, by item: the group price, else the price, else missing."""
    return items["group_price"].fillna(items["price"])


def rank_filtered(
    rank: Callable[[int], Ranking], filters: Filters, items: pd.DataFrame, want: int
) -> tuple[Ranking, list[Ranked]]:
    """The best ``want`` items that pass the filters, asking for longer lists only as needed.

    Args:
        rank: Gives the ranking cut at a length.
        filters: What may be shown.
        items: All items by id.
        want: How many to show.

    Returns:
        The ranking that was asked for last, and what of it is shown, in its order.

    """
    permitted = filters.permitted_ids(items)
    lengths = [want, 8 * want, max(len(items), 1)] if filters.narrows() else [want]
    for length in lengths:
        ranking = rank(length)
        kept = [
            result
            for result in ranking.results
            if result.probability >= filters.minimum_probability
            and (permitted is None or result.id in permitted)
        ]
        if len(kept) >= want or len(ranking.results) < length:
            break
    return ranking, kept[:want]


def marked_name(result: Ranked, newcomer: str) -> str:
    """The name, and the newcomer's mark where the model has never seen this entity."""
    return f"{result.name} · {newcomer}" if result.newcomer else result.name


def reasons_text(reasons: Iterable[Reason], say: Say) -> str:
    """All reasons in one cell."""
    return "; ".join(say(reason) for reason in reasons)


def items_table(
    results: Sequence[Ranked], items: pd.DataFrame, say: Say, newcomer: str
) -> pd.DataFrame:
    """One row an item in ranked order: rank, name, category, probability, price, group_price,
    launches, reasons.

    Columns of which the store knows nothing are left out, so that a shop of bare ids shows no empty
    columns.
    """
    facts = items.reindex([result.id for result in results])
    table = pd.DataFrame(
        {
            "rank": [result.rank for result in results],
            "name": [marked_name(result, newcomer) for result in results],
            "category": facts["category"].to_numpy(),
            "probability": [result.probability for result in results],
            "group_price": facts["group_price"].to_numpy(),
            "price": facts["price"].to_numpy(),
            "successes": facts["successes"].fillna(0).astype(int).to_numpy(),
            "reasons": [reasons_text(result.reasons, say) for result in results],
        }
    )
    empty = [name for name in ("category", "group_price", "price") if table[name].isna().all()]
    return table.drop(columns=empty)


def participants_table(
    results: Sequence[Ranked], ties: Mapping[str, str], say: Say, newcomer: str
) -> pd.DataFrame:
    """One row a participant in ranked order: rank, name, probability, tie (words), reasons."""
    return pd.DataFrame(
        {
            "rank": [result.rank for result in results],
            "name": [marked_name(result, newcomer) for result in results],
            "probability": [result.probability for result in results],
            "tie": [ties.get(result.id, "") for result in results],
            "reasons": [reasons_text(result.reasons, say) for result in results],
        }
    )


def initiators_table(
    results: Sequence[RankedInitiator],
    cards: Mapping[str, UserCard | None],
    fills: Sequence[float],
    say: Say,
    newcomer: str,
    day: Callable[[pd.Timestamp | None], str],
) -> pd.DataFrame:
    """One row an initiator in ranked order: rank, name, probability, fill (the chance that her group fills), launches,
    success_rate, circle, joins, last_launch, reasons. What a card does not say is missing.
    """
    known = [cards.get(result.id) for result in results]
    closed = [None if card is None else card.successes + card.failures for card in known]
    return pd.DataFrame(
        {
            "rank": [result.rank for result in results],
            "name": [marked_name(result, newcomer) for result in results],
            "probability": [result.probability for result in results],
            "fill": list(fills),
            "launches": [result.launches for result in results],
            "success_rate": [
                card.successes / total if card is not None and total else None
                for card, total in zip(known, closed, strict=True)
            ],
            "circle": [None if card is None else card.circle for card in known],
            "joins": [None if card is None else card.joins for card in known],
            "last_launch": [day(None if card is None else card.last_launch) for card in known],
            "reasons": [reasons_text(result.reasons, say) for result in results],
        }
    )
