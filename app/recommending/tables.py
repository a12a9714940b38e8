"""Rankings as tables: filters and columns. Pure functions of the engine's results and the frame of items."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from db.queries.entities import UserCard
from engine.results import Ranked, RankedInitiator, Ranking, Reason
from engine.track_record import TrackRecords

ReasonText = Callable[[Reason], str]


@dataclass(frozen=True)
class Filters:
    """Filters of the ranked items; the defaults let everything pass."""

    categories: tuple[str, ...] = ()  # empty means all
    price: tuple[float, float] | None = (
        None  # inclusive, in yuan; None means any, unknown prices too
    )
    minimum_probability: float = 0.0
    leave_out_launched: bool = True  # applied by the engine, which knows every launch

    def narrows(self) -> bool:
        """Whether any filter may drop an item that the engine has ranked."""
        return bool(self.categories) or self.price is not None or self.minimum_probability > 0

    def permitted_ids(self, items: pd.DataFrame) -> frozenset[str] | None:
        """The ids that pass by category and price; ``None`` where all do.

        An item whose category or price is unknown does not pass a filter by it.
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
    """What a participant pays, by item: the group price, else the price; missing where neither is known."""
    return items["group_price"].fillna(items["price"])


def rank_filtered(
    rank: Callable[[int], Ranking], filters: Filters, items: pd.DataFrame, want: int
) -> tuple[Ranking, list[Ranked]]:
    """The best ``want`` items that pass the filters, from longer rankings only as needed.

    Args:
        rank: Returns the ranking cut at a length.
        filters: What may be shown.
        items: All items by id.
        want: The number of items to show.

    Returns:
        The last ranking, and those of its results that pass, in its order.

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


def marked_name(result: Ranked, badge: str) -> str:
    """The name, with ``badge`` behind it where the model has not learned about the candidate."""
    return f"{result.name} · {badge}" if result.newcomer else result.name


def reasons_text(reasons: Iterable[Reason], reason_text: ReasonText) -> str:
    """All reasons as one cell of a table."""
    return "; ".join(reason_text(reason) for reason in reasons)


def invitation_row(person: Ranked, reason_text: ReasonText) -> dict[str, str | float]:
    """The columns of a table of invitations that are about the person invited."""
    return {
        "invited": person.id,
        "invited_name": person.name,
        "spot_share": person.probability,
        "reasons": reasons_text(person.reasons, reason_text),
    }


def items_table(
    results: Sequence[Ranked],
    items: pd.DataFrame,
    records: TrackRecords,
    reason_text: ReasonText,
    badge: str,
) -> pd.DataFrame:
    """One row per item in ranked order: rank, name, category, launch_share, group_price, price, successes, closed,
    track_record, reasons.

    ``closed`` counts the successful and the failed groups. Columns without any value are left out, so that a shop of
    bare ids has no empty columns.
    """
    facts = items.reindex([result.id for result in results])
    known = [records.of(result.id) for result in results]
    table = pd.DataFrame(
        {
            "rank": [result.rank for result in results],
            "name": [marked_name(result, badge) for result in results],
            "category": facts["category"].to_numpy(),
            "launch_share": [result.probability for result in results],
            "group_price": facts["group_price"].to_numpy(),
            "price": facts["price"].to_numpy(),
            "successes": facts["successes"].fillna(0).astype(int).to_numpy(),
            "closed": [None if record is None else record.closed for record in known],
            "track_record": [None if record is None else record.rate for record in known],
            "reasons": [reasons_text(result.reasons, reason_text) for result in results],
        }
    )
    optional = ("category", "group_price", "price", "closed", "track_record")
    return table.drop(columns=[name for name in optional if table[name].isna().all()])


def participants_table(
    results: Sequence[Ranked], ties: Mapping[str, str], reason_text: ReasonText, badge: str
) -> pd.DataFrame:
    """One row per participant in ranked order: rank, name, spot_share, tie (in words), reasons."""
    return pd.DataFrame(
        {
            "rank": [result.rank for result in results],
            "name": [marked_name(result, badge) for result in results],
            "spot_share": [result.probability for result in results],
            "tie": [ties.get(result.id, "") for result in results],
            "reasons": [reasons_text(result.reasons, reason_text) for result in results],
        }
    )


def initiators_table(
    results: Sequence[RankedInitiator],
    cards: Mapping[str, UserCard | None],
    reason_text: ReasonText,
    badge: str,
    day: Callable[[pd.Timestamp | None], str],
) -> pd.DataFrame:
    """One row per initiator in ranked order: rank, name, launch_share, launches, success_rate, circle, joins,
    last_launch, reasons. Values that a card lacks are missing.
    """
    known = [cards.get(result.id) for result in results]
    closed = [None if card is None else card.successes + card.failures for card in known]
    return pd.DataFrame(
        {
            "rank": [result.rank for result in results],
            "name": [marked_name(result, badge) for result in results],
            "launch_share": [result.probability for result in results],
            "launches": [result.launches for result in results],
            "success_rate": [
                card.successes / total if card is not None and total else None
                for card, total in zip(known, closed, strict=True)
            ],
            "circle": [None if card is None else card.circle for card in known],
            "joins": [None if card is None else card.joins for card in known],
            "last_launch": [day(None if card is None else card.last_launch) for card in known],
            "reasons": [reasons_text(result.reasons, reason_text) for result in results],
        }
    )
