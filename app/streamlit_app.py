"""What ``streamlit run app`` serves: the pages (``workbench.py``), behind the door that turns other sites away."""

import streamlit as st
from starlette.middleware import Middleware

from app.server.browser import open_browser
from app.server.door import Door, content_security_policy, known_hosts
from app.server.inline_scripts import script_hashes
from app.server.uploads import keep_uploads_in_memory
from db.settings import settings


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
            hosts=known_hosts(settings().hosts),
            policy=content_security_policy(script_hashes()),
        )
    ],
    lifespan=open_browser,
    on_script_error=_show_failure,
)
