"""Who may do what: where sign-in by OIDC is configured, readers look and operators act.

Sign-in is Streamlit's own: a section ``[auth]`` in ``.streamlit/secrets.toml``. Who is an operator
is the setting ``operators``. Without either, everybody who reaches the server may do everything.
Pages leave out what a reader cannot do; the lock itself is ``operators_only`` on whatever acts.
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

# open: nobody signs in; shut: sign-in is wanted and cannot work; on: everybody signs in.
SignInMode = Literal["open", "shut", "on"]


class NotAllowedError(Exception):
    """Somebody who may only read asked for a change; nothing was done."""


def sign_in_mode() -> SignInMode:
    """Whether people have to sign in.

    A file of secrets that cannot be read, or operators without a sign-in by which to know them,
    shut the app: a lost file must not open it to everybody.
    """
    try:
        configured = "auth" in st.secrets
    except StreamlitSecretNotFoundError as error:
        if error.__cause__ is not None:  # a file is there and says something else than TOML
            return "shut"
        configured = False
    except OSError:
        return "shut"
    if configured or "is_logged_in" in identity_claims():
        return "on"
    return "shut" if configured_operators() else "open"


def can_sign_in() -> bool:
    """Whether the package that Streamlit signs in with is installed."""
    return importlib.util.find_spec("authlib") is not None


def identity_claims() -> Mapping[str, Any]:
    """What the identity provider says of whoever has this session; the one source of identity."""
    return dict(st.user.to_dict())


def is_signed_in() -> bool:
    """Whether this session's person is known."""
    return bool(identity_claims().get("is_logged_in"))


def configured_operators() -> list[str]:
    """The entries of the setting ``operators``."""
    return [entry.strip() for entry in settings().operators.split(",") if entry.strip()]


def is_operator(said: Mapping[str, Any], entries: list[str]) -> bool:
    """Whether claims match an entry: an e-mail address, or ``claim=value`` as in ``groups=leads``.

    An address that the provider calls unverified is nobody's. Of a claim with several values one
    is enough.
    """
    return any(_matches(said, entry) for entry in entries)


def _matches(said: Mapping[str, Any], entry: str) -> bool:
    claim, equals, value = entry.partition("=")
    if equals:
        has = said.get(claim.strip())
        values = has if isinstance(has, list | tuple) else [has]
        return value.strip() in [str(one) for one in values if one is not None]
    verified = said.get("email_verified", True) in (True, "true")
    return verified and str(said.get("email", "")).lower() == entry.lower()


def may_read() -> bool:
    """Whether this session may see the pages."""
    now = sign_in_mode()
    return now == "open" or (now == "on" and is_signed_in())


def may_operate() -> bool:
    """Whether this session may import, undo, train, cancel, promote, roll back and prune."""
    now = sign_in_mode()
    if now == "on":
        return is_signed_in() and is_operator(identity_claims(), configured_operators())
    return now == "open"


def operators_only(action: Callable[P, R]) -> Callable[P, R]:
    """The action, refused with ``NotAllowedError`` to whoever may only read.

    Put it on every function of the app that changes the store or the models.
    """

    @wraps(action)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not may_operate():
            raise NotAllowedError(f"{action.__name__} is for operators.")
        return action(*args, **kwargs)

    return guarded
