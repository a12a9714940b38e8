"""What ``streamlit run app`` serves: the pages (``workbench.py``), behind the door that turns other sites away."""

import sys
from collections.abc import Collection

import streamlit as st
from starlette.middleware import Middleware

from app.server.browser import open_browser
from app.server.door import Door, content_security_policy, known_hosts
from app.server.inline_scripts import script_hashes
from app.server.uploads import keep_uploads_in_memory
from db.errors import UserFacingError
from db.settings import settings


def _hosts() -> Collection[str]:
    """The names that the server goes by; ends the start with a sentence where a setting is wrong."""
    try:
        return known_hosts(settings().hosts)
    except UserFacingError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def _show_failure(error: Exception) -> bool:
    """Draws an error that nothing else has handled; imported late, because pages need a running server."""
    from app.frame.failures import show_failure

    return show_failure(error)


keep_uploads_in_memory()
app = st.App(
    "workbench.py",
    middleware=[
        Middleware(
            Door,
            hosts=_hosts(),
            policy=content_security_policy(script_hashes()),
        )
    ],
    lifespan=open_browser,
    on_script_error=_show_failure,
)
