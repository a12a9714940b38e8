"""What a page looks at and how it is set, kept in the address and in the session.

The address wins where it holds anything usable, so a link and the browser's back button reopen the view. Moving to
another page clears the address; the session then remembers, and the page writes the address again.

The address holds the shop's own ids and plain values, never row numbers or translated labels: a link must open
in the other language too. That is why choices are not bound by Streamlit itself, which writes their labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

import streamlit as st

from app.text import language


@dataclass(frozen=True)
class Selection:
    """The ids that a session looks at and the model version that answers; ``None`` is not chosen yet.

    ``start`` is "item" where Recommend goes from an item to its initiators.
    """

    initiator: str | None = None
    item: str | None = None
    participant: str | None = None
    model: str | None = None
    start: str | None = None


def selection() -> Selection:
    """What this session looks at."""
    in_link = {name: st.query_params.get(name) or None for name in asdict(Selection())}
    if any(in_link.values()):
        st.session_state["selection"] = Selection(**in_link)
    current: Selection = st.session_state.get("selection", Selection())
    return current


def _select(new: Selection) -> None:
    st.session_state["selection"] = new
    for name, value in asdict(new).items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def choose_initiator(initiator: str | None) -> None:
    """Selects another initiator and drops the item and the participant, which belonged to the previous one.

    Choosing the same initiator again changes nothing: a widget also reports values that the app itself has set.
    """
    if initiator != selection().initiator:
        _select(Selection(initiator=initiator, model=selection().model))


def choose_item(item: str | None) -> None:
    """Selects another item for the same initiator and drops the participant."""
    if item != selection().item:
        _select(replace(selection(), item=item, participant=None))


def choose_participant(participant: str | None) -> None:
    """Selects another participant for the same initiator and item."""
    _select(replace(selection(), participant=participant))


def choose_start(start: str | None) -> None:
    """Starts Recommend from an item ("item") or from an initiator (``None``)."""
    _select(replace(selection(), start=start, participant=None))


def choose_item_to_launch(item: str | None) -> None:
    """Selects an item whose initiators are to be ranked; none of them is chosen yet."""
    if item != selection().item:
        _select(Selection(item=item, model=selection().model, start="item"))


def open_recommendation(initiator: str) -> None:
    """Opens this initiator's recommendations at the selected item."""
    _select(replace(selection(), initiator=initiator, participant=None, start=None))


def choose_model(model: str | None) -> None:
    """Selects the model version that answers; ``None`` follows the serving one."""
    _select(replace(selection(), model=model))


def pin_model(model: str) -> Selection:
    """Writes the selection into the address together with the model version that answers, and returns it."""
    pinned = replace(selection(), model=model)
    _select(pinned)
    return pinned


def selection_query() -> dict[str, str]:
    """The selection as query parameters, for a link to another page that shows the same."""
    chosen = {name: value for name, value in asdict(selection()).items() if value is not None}
    return chosen | {key: st.query_params[key] for key in ("lang", AS_OF) if key in st.query_params}


AS_OF = "as_of"


def picked_as_of() -> str | None:
    """What the address says of the moment as of which to rank, else the session; ``None`` is the current one."""
    in_link = st.query_params.get(AS_OF)
    if in_link:
        st.session_state["kept-as_of"] = in_link
    kept: str | None = st.session_state.get("kept-as_of")
    if kept and not in_link:
        st.query_params[AS_OF] = kept  # the user has been to another page
    return kept


def pick_as_of(text: str | None) -> None:
    """Ranks as of another moment; ``None`` returns to the current one."""
    st.session_state["kept-as_of"] = text
    if text is None:
        st.query_params.pop(AS_OF, None)
    else:
        st.query_params[AS_OF] = text


Value = TypeVar("Value", str, int)
Parse = Callable[[str], Value | None]


def one_of(options: Sequence[Value]) -> Parse[Value]:
    """A parser for one of ``options``; it returns ``None`` for any other text."""
    return {str(option): option for option in options}.get


def whole_number(least: int, most: int) -> Parse[int]:
    """A parser for an integer in [``least``, ``most``]; it returns ``None`` for any other text."""

    def parse(text: str) -> int | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        return number if number is not None and least <= number <= most else None

    return parse


def show_in_widget(key: str, value: object, words: str = "") -> None:
    """Makes the widget ``key``, which is drawn next, show ``value``.

    Only where it shows another: a value that is set again is sent to the browser again and takes the place of what
    somebody chooses there meanwhile. The browser knows a choice by its ``words``, so other words, or another language,
    are another value.
    """
    shown = (value, words, language())
    kept = st.session_state.get(f"shown-{key}")
    if key not in st.session_state or st.session_state[key] != value or kept != shown:
        st.session_state[key] = value
    st.session_state[f"shown-{key}"] = shown


def restore_setting(key: str, default: Value | None, parse: Parse[Value]) -> None:
    """Sets the widget ``key``, which is drawn next, to the value in the address or the session.

    Args:
        key: The widget's key, also its name in the address.
        default: Its value where neither holds one.
        parse: Converts the address's text; ``None`` where it is not usable.

    """
    in_link = parse(st.query_params.get(key, ""))
    if in_link is not None:
        st.session_state[f"kept-{key}"] = in_link
    kept = st.session_state.get(f"kept-{key}")
    if kept is not None and parse(str(kept)) is None:
        kept = None  # no longer possible, such as a page beyond the last
    if kept is not None and in_link is None:
        st.query_params[key] = str(kept)  # the user has been to another page
    show_in_widget(key, default if kept is None else kept)


def reset_setting(key: str) -> None:
    """Returns the widget ``key`` to its default."""
    st.session_state.pop(f"kept-{key}", None)
    st.query_params.pop(key, None)


def save_setting(key: str, page: str | None = None) -> None:
    """Keeps the value of the widget ``key`` in the address and the session; its ``on_change`` callback.

    ``page`` is the key of a pagination that returns to its first page.
    """
    if page is not None:
        reset_setting(page)
    value = st.session_state[key]
    st.session_state[f"kept-{key}"] = value
    if value is None:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = str(value)
