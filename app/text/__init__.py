"""The words of the pages in English and Chinese: one catalogue per language, looked up with ``t``.

``reasons.zh.json`` has the Chinese of the engine's reasons, ``messages.*.json`` the messages of errors and notes
(`app.text.messages`).
"""

import json
from functools import cache
from importlib.resources import files
from string import Formatter

import streamlit as st

LANGUAGES = {"en": "English", "zh": "中文"}


@cache
def catalogue(name: str) -> dict[str, str]:
    """The sentences of the file ``name``.json by key: ``"en"``, ``"zh"`` or ``"reasons.zh"``."""
    text = (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
    sentences: dict[str, str] = json.loads(text)
    return sentences


def blanks(sentence: str) -> set[str]:
    """The names of the blanks ``{name}`` in a sentence."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def preferred_language(locale: str | None) -> str:
    """The language for a browser's locale: Chinese for any ``zh``, otherwise English."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"


def language() -> str:
    """The language of this session: the one chosen on the page, else the address's, else the browser's."""
    from_address = st.query_params.get("lang")
    fallback = from_address if from_address in LANGUAGES else preferred_language(st.context.locale)
    chosen: str = st.session_state.get("language") or fallback
    return chosen


def t(key: str, **values: object) -> str:
    """The sentence ``key`` in the session's language, its blanks filled with ``values``.

    Raises KeyError if the catalogue has no such sentence or a blank has no value.
    """
    return catalogue(language())[key].format(**values)


def sentences(*said: str) -> str:
    """Sentences one after another, as the session's language writes them."""
    return ("" if language() == "zh" else " ").join(said)


def known(key: str) -> bool:
    """Whether the catalogue has the sentence ``key``, for names that the engine may know and the app not yet."""
    return key in catalogue(language())
