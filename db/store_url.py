"""The URL of a store: which databases it may name, and how it is shown without its password."""

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from db.errors import StoreError

_HIDDEN = "***"
_BACKENDS = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}
# URLs that say these stay as they are: the folders of a server's jobs are named by the URL.
_INSTALLED = ("sqlite", "postgresql", "postgresql+psycopg")
# In a text that is no URL: what stands between // and the last @, and what a parameter of this name has.
_LOGIN = re.compile(r"^([\w+]*:?//)?.*@", re.DOTALL)
_PARAMETER = re.compile(r"(pass\w*\s*=)[^&\s]*", re.IGNORECASE)


def parse_store_url(text: str) -> URL:
    """The URL with a driver that is installed; raises StoreError for what names no store.

    ``postgresql+psycopg2://`` and ``postgres://`` are the same database, so they simply work.
    """
    try:
        url = make_url(text)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # Without its cause, which would show the URL again.
        raise StoreError("db.store.bad_url", url=(without_password(text),)) from _without_text(
            error
        )
    backend = url.drivername.partition("+")[0]
    if backend not in _BACKENDS:
        raise StoreError("db.store.backend", backend=backend)
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError("db.store.no_path", url=(without_password(text),))
    return url if url.drivername in _INSTALLED else url.set(drivername=_BACKENDS[backend])


def shown_url(url: URL) -> str:
    """The URL without its password."""
    hidden = {name: _HIDDEN for name in url.query if "pass" in name.lower()}
    plain = url.set(drivername=url.get_backend_name()).update_query_dict(hidden)
    return plain.render_as_string(hide_password=True)


def secrets_of(url: URL) -> tuple[str, ...]:
    """What must not be shown: the password, as the user or as a parameter of the URL."""
    found = [url.password, *(value for name, value in url.query.items() if "pass" in name.lower())]
    texts = [
        one for value in found if value for one in ([value] if isinstance(value, str) else value)
    ]
    return tuple(filter(None, texts))


def without_password(text: str) -> str:
    """A text that somebody meant as a URL, without what may be a password."""
    return _PARAMETER.sub(rf"\1{_HIDDEN}", _LOGIN.sub(rf"\1{_HIDDEN}@", text))


def _without_text(error: Exception) -> Exception:
    return type(error)()
