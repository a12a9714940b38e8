"""Everything the app says, in English and Chinese: one catalogue a language, one function.

The engine gives its reasons as English sentences; ``reasons.zh.json`` has them in Chinese.
"""

import json
from functools import cache
from importlib.resources import files
from string import Formatter

import streamlit as st

LANGUAGES = {"en": "English", "zh": "中文"}


@cache
def catalogue(name: str) -> dict[str, str]:
    """The sentences of the file ``name``.json by key: "en", "zh", or "reasons.zh"."""
    text = (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
    sentences: dict[str, str] = json.loads(text)
    return sentences


def blanks(sentence: str) -> set[str]:
    """Names of the blanks ``{name}`` in a sentence."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def preferred_language(locale: str | None) -> str:
    """The catalogue for a browser's locale: Chinese for any ``zh``, English for the rest."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"


def language() -> str:
    """The language of this session: what the person chose, else what the address or the browser
    asks for.
    """
    asked = st.query_params.get("lang")
    fallback = asked if asked in LANGUAGES else preferred_language(st.context.locale)
    chosen: str = st.session_state.get("language") or fallback
    return chosen


def t(key: str, **values: object) -> str:
    """The sentence ``key`` in the session's language, its blanks filled with ``values``.

    Raises:
        KeyError: The catalogue has no such sentence, or a blank has no value.

    """
    return catalogue(language())[key].format(**values)


def known(key: str) -> bool:
    """Whether the catalogue has the sentence ``key``; for names that an engine may add before the
    app knows them.
    """
    return key in catalogue(language())
