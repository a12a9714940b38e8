"""What a session has chosen: ids in the address and in the session, never row numbers.

The address wins where it says anything, so a link and the browser's back button reopen the view.
Moving between pages clears the address; the session then remembers, and the page writes the address
again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import streamlit as st


@dataclass(frozen=True)
class Selection:
    """The shop's own ids of what is looked at, and the model version that answers; ``None`` is
    not chosen yet. ``start`` is "item" where Recommend goes from an item to its initiators.
    """

    initiator: str | None = None
    item: str | None = None
    participant: str | None = None
    model: str | None = None
    start: str | None = None


def selection() -> Selection:
    """What this session looks at."""
    asked = {name: st.query_params.get(name) or None for name in asdict(Selection())}
    if any(asked.values()):
        st.session_state["selection"] = Selection(**asked)
    chosen: Selection = st.session_state.get("selection", Selection())
    return chosen


def _show(chosen: Selection) -> None:
    """Writes a selection into the address; what is not chosen leaves it."""
    for name, value in asdict(chosen).items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def _choose(chosen: Selection) -> None:
    st.session_state["selection"] = chosen
    _show(chosen)


def choose_initiator(initiator: str | None) -> None:
    """Looks at another initiator; the item and the participant belonged to the one before.

    The same initiator again changes nothing: a widget also reports what the app itself has set.
    """
    if initiator != selection().initiator:
        _choose(Selection(initiator=initiator, model=selection().model))


def choose_item(item: str | None) -> None:
    """Looks at another item for the same initiator; the participant belonged to the one before."""
    if item != selection().item:
        _choose(replace(selection(), item=item, participant=None))


def choose_participant(participant: str | None) -> None:
    """Looks at another participant for the same initiator and item."""
    _choose(replace(selection(), participant=participant))


def choose_start(start: str | None) -> None:
    """Goes from an item to initiators ("item"), or from an initiator to items (``None``)."""
    _choose(replace(selection(), start=start, participant=None))


def choose_launched_item(item: str | None) -> None:
    """Looks for the initiators of another item; no initiator is chosen for it yet."""
    if item != selection().item:
        _choose(Selection(item=item, model=selection().model, start="item"))


def open_recommendation(initiator: str) -> None:
    """Opens this initiator's own recommendations at the item that is looked at."""
    _choose(replace(selection(), initiator=initiator, participant=None, start=None))


def option_in_address(key: str, options: Sequence[int], default: int) -> None:
    """Sets the widget ``key`` to the option that the address names, or to the default, before it is drawn.

    Its ``on_change`` is ``keep_option``. Streamlit's own binding writes an option as it is labelled, which another
    language would not understand.
    """
    asked = {str(option): option for option in options}
    st.session_state[key] = asked.get(st.query_params.get(key, ""), default)


def keep_option(key: str, default: int) -> None:
    """Writes what was chosen in the widget ``key`` into the address, where it is not the default."""
    if st.session_state[key] == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = str(st.session_state[key])


def choose_model(model: str | None) -> None:
    """Lets another model version answer; ``None`` follows the one that serves."""
    _choose(replace(selection(), model=model))


def in_address() -> dict[str, str]:
    """The selection as the address writes it, for a link to another page that shows the same."""
    chosen = {name: value for name, value in asdict(selection()).items() if value is not None}
    return chosen | {key: st.query_params[key] for key in ("lang",) if key in st.query_params}


def keep_in_address(model: str) -> Selection:
    """The selection, written into the address together with the model version that answers."""
    chosen = replace(selection(), model=model)
    _choose(chosen)
    return chosen
