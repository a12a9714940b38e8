"""Many initiators, or many items, chosen for a campaign: kept as ids in the address and the session.

As with everything that is chosen (``app.state``), the address wins where it says anything.
"""

from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.logs.uploads import on_disk
from app.stores import open_store
from db.errors import InputError
from db.id_lists import IdList, in_file, in_text, look_up, look_up_columns

Kind = Literal["initiators", "items"]
Entity = Literal["users", "items"]
ENTITIES: dict[Kind, Entity] = {"initiators": "users", "items": "items"}
MOST = 200  # of a kind, so that the address stays one that can be sent


def chosen(kind: Kind) -> IdList:
    """What is chosen, and which ids of a link are not in the store."""
    asked = st.query_params.get_all(kind)
    if asked:
        st.session_state[f"chosen-{kind}"] = list(dict.fromkeys(asked))[:MOST]
    ids: list[str] = st.session_state.get(f"chosen-{kind}", [])
    found = look_up(open_store(), ENTITIES[kind], ids)
    if ids and not asked:
        st.query_params[kind] = ids  # another page was looked at in between
    return IdList([id for id in ids if id in set(found.known)], found.unknown)


def keep(kind: Kind, ids: list[str]) -> None:
    """Chooses these and no others."""
    kept = list(dict.fromkeys(ids))[:MOST]
    st.session_state[f"chosen-{kind}"] = kept
    if kept:
        st.query_params[kind] = kept
    else:
        st.query_params.pop(kind, None)


def add(kind: Kind, ids: list[str]) -> None:
    """Chooses these as well."""
    keep(kind, [*st.session_state.get(f"chosen-{kind}", []), *ids])


def add_list(kind: Kind, text: str, files: list[UploadedFile]) -> None:
    """Chooses the ids of a pasted list and of files as well; what is unknown is kept to be named."""
    store, entity = open_store(), ENTITIES[kind]
    found = [look_up(store, entity, in_text(text))]
    refused = []
    for file in files:
        try:
            with on_disk(file) as path:
                found.append(look_up_columns(store, entity, in_file(path, file.name)))
        except InputError as error:
            refused.append(str(error))
    add(kind, [id for part in found for id in part.known])
    unknown = list(dict.fromkeys(id for part in found for id in part.unknown))
    st.session_state[f"unknown-{kind}"] = unknown
    st.session_state[f"refused-{kind}"] = refused


def unknown_lately(kind: Kind) -> list[str]:
    """The ids of the last list that are not in the store."""
    named: list[str] = st.session_state.get(f"unknown-{kind}", [])
    return named


def refused_lately(kind: Kind) -> list[str]:
    """What was wrong with the last files."""
    said: list[str] = st.session_state.get(f"refused-{kind}", [])
    return said
