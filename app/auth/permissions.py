"""Permissions: where sign-in by OIDC is configured, readers may look and operators may act.

Sign-in is Streamlit's own: a section ``[auth]`` in ``.streamlit/secrets.toml``. The setting ``operators`` names the
operators. Without either, everybody who reaches the server may do everything. Pages hide what a reader cannot do;
``operators_only`` on every action enforces it.
"""

import importlib.util
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from db.settings import settings

P = ParamSpec("P")
R = TypeVar("R")

# open: nobody signs in; required: everybody does; locked: sign-in is configured but cannot work.
SignInMode = Literal["open", "required", "locked"]


class NotAllowedError(Exception):
    """A reader asked for a change; nothing was done."""


def sign_in_mode() -> SignInMode:
    """Whether people have to sign in.

    A secrets file that cannot be read, or operators without a sign-in to identify them, lock the app: a lost file
    must not open it to everybody.
    """
    try:
        configured = "auth" in st.secrets
    except StreamlitSecretNotFoundError as error:
        if error.__cause__ is not None:  # the file exists and is not valid TOML
            return "locked"
        configured = False
    except OSError:
        return "locked"
    if configured or "is_logged_in" in identity_claims():
        return "required"
    return "locked" if configured_operators() else "open"


def can_sign_in() -> bool:
    """Whether Authlib, which Streamlit signs in with, is installed."""
    return importlib.util.find_spec("authlib") is not None


def identity_claims() -> Mapping[str, Any]:
    """What the identity provider says about this session's user; the only source of identity."""
    return dict(st.user.to_dict())


def is_signed_in() -> bool:
    """Whether this session's user has signed in."""
    return bool(identity_claims().get("is_logged_in"))


def configured_operators() -> list[str]:
    """The entries of the setting ``operators``."""
    return [entry.strip() for entry in settings().operators.split(",") if entry.strip()]


def is_operator(claims: Mapping[str, Any], entries: list[str]) -> bool:
    """Whether claims match an entry: an e-mail address, or ``claim=value`` such as ``groups=leads``.

    An address matches only where the identity provider says that it is verified: whoever may type any address into
    their profile would be an operator otherwise. Of a claim with several values, one that matches is enough.
    """
    return any(_matches(claims, entry) for entry in entries)


def _matches(claims: Mapping[str, Any], entry: str) -> bool:
    claim, equals, value = (part.strip() for part in entry.partition("="))
    if not equals or claim == "email":
        verified = claims.get("email_verified") in (True, "true")
        return verified and str(claims.get("email", "")).lower() == (value or entry).lower()
    given = claims.get(claim)
    values = given if isinstance(given, list | tuple) else [given]
    return value in [str(one) for one in values if one is not None]


def may_read() -> bool:
    """Whether this session may see the pages."""
    mode = sign_in_mode()
    return mode == "open" or (mode == "required" and is_signed_in())


def may_operate() -> bool:
    """Whether this session may import, undo, train, cancel, promote, roll back and prune."""
    mode = sign_in_mode()
    if mode == "required":
        return is_signed_in() and is_operator(identity_claims(), configured_operators())
    return mode == "open"


def operators_only(action: Callable[P, R]) -> Callable[P, R]:
    """Decorates an action so that it raises ``NotAllowedError`` for readers.

    It belongs on every function of the app that changes the store or the models.
    """

    @wraps(action)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not may_operate():
            raise NotAllowedError(f"{action.__name__} is for operators.")
        return action(*args, **kwargs)

    return guarded
