"""Settings of a page that the address keeps, so that a link reopens the view.

Streamlit binds widgets to the address itself, but writes what an option is called in the session's
language; a link must open in the other language, too. As everywhere (``app.state.selection``), the address
wins where it says anything usable, then what the session chose before.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

Value = TypeVar("Value", str, int)
Read = Callable[[str], Value | None]


def one_of(options: Sequence[Value]) -> Read[Value]:
    """Reads one of the options; anything else is nothing."""
    return {str(option): option for option in options}.get


def whole_number(least: int, most: int) -> Read[int]:
    """Reads a whole number between two; anything else is nothing."""

    def read(text: str) -> int | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        return number if number is not None and least <= number <= most else None

    return read


def restore_setting(key: str, usual: Value | None, read: Read[Value]) -> None:
    """Sets the widget ``key``, which is drawn next, to what the address or the session has chosen.

    Args:
        key: The widget, and its name in the address.
        usual: What holds where nobody has chosen.
        read: Makes a value of the address's text, ``None`` where it is not usable.

    """
    asked = read(st.query_params.get(key, ""))
    if asked is not None:
        st.session_state[f"kept-{key}"] = asked
    kept = st.session_state.get(f"kept-{key}")
    if kept is not None and read(str(kept)) is None:
        kept = None  # was possible under other settings
    if kept is not None and asked is None:
        st.query_params[key] = str(kept)  # another page was looked at in between
    st.session_state[key] = usual if kept is None else kept


def reset_setting(key: str) -> None:
    """Lets what is usual hold again for the widget ``key``."""
    st.session_state.pop(f"kept-{key}", None)
    st.query_params.pop(key, None)


def save_setting(key: str, page: str | None = None) -> None:
    """Keeps what the widget ``key`` was set to; its callback.

    A list that is put into another order begins again at its first ``page``.
    """
    if page is not None:
        reset_setting(page)
    value = st.session_state[key]
    st.session_state[f"kept-{key}"] = value
    if value is None:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = str(value)
