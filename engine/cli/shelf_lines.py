"""What the commands say of the moment, of what cannot be had, and of whom they do not name."""

from collections.abc import Mapping

from engine.moment import Moment
from engine.results import Explanation, InitiatorRanking, Ranking

# The reasons of ``db.queries.shelf.why_not`` in a list of counts.
_WORDS = {
    "sold_out": "sold out",
    "off": "off the shelf",
    "hidden": "hidden",
    "not_yet": "not on sale yet",
    "no_longer": "no longer on sale",
    "not_in_store": "not in the store yet",
    "dormant": "not launched for over 15 months",
}
_REFUSING = "not_contactable"


def as_of(moment: Moment | None) -> str | None:
    """A moment in ISO 8601, for JSON."""
    return None if moment is None else str(moment.at)


def availability_lines(ranking: Ranking | InitiatorRanking, shown: bool = False) -> list[str]:
    """As of when a list was ranked, and whom and what it leaves out, or shows although it cannot be had."""
    lines = []
    if ranking.moment is not None:
        lines.append(f"Ranked as of {ranking.moment}.")
    if ranking.item_unavailable is not None:
        lines.append(f"Item {ranking.item} cannot be had: {_lower(str(ranking.item_unavailable))}")
    items = {reason: n for reason, n in ranking.left_out.items() if reason != _REFUSING}
    if items:
        lines.append(_items_line(items, shown))
    if people := ranking.left_out.get(_REFUSING, 0):
        who = "1 person does" if people == 1 else f"{people:,} people do"
        lines.append(f"{who} not want to be asked and {'is' if people == 1 else 'are'} left out.")
    return ["", *lines] if lines else []


def explanation_lines(explanation: Explanation) -> list[str]:
    """As of when something was explained, and whether it can be had at all."""
    lines = [] if explanation.moment is None else [f"As of {explanation.moment}."]
    if explanation.item_unavailable is not None:
        said = _lower(str(explanation.item_unavailable))
        lines.append(f"Item {explanation.item} cannot be had: {said}")
    if explanation.participant_unasked is not None:
        said = _lower(str(explanation.participant_unasked))
        lines.append(f"No list names {explanation.participant}: {said}")
    return lines


def _items_line(items: Mapping[str, int], shown: bool) -> str:
    count = sum(items.values())
    reasons = ", ".join(f"{n:,} {_WORDS[reason]}" for reason, n in items.items())
    what = "1 item" if count == 1 else f"{count:,} items"
    if shown:
        return f"{what} cannot be had: {reasons}."
    left_out = "is left out" if count == 1 else "are left out"
    it = "it" if count == 1 else "them"
    return f"{what} cannot be had and {left_out}: {reasons}. --show-all lists {it}, too."


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
