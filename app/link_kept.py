"""A link that is opened before signing in: kept by the browser's tab, since the way back leads to the first page.

The identity provider sends people back to one fixed address. What they had opened is remembered in the tab's own
session storage, which survives the way there and back, is seen by no other tab, and ends with it.
"""

import streamlit as st

_KEY = "mamgbr.opened"
_KEEP = f"<script>sessionStorage.setItem('{_KEY}', location.pathname + location.search)</script>"
# Taken out before it is followed, so that a link that fails is not followed again and again.
_FOLLOW = f"""<script>
const opened = sessionStorage.getItem('{_KEY}')
sessionStorage.removeItem('{_KEY}')
if (opened && opened !== location.pathname + location.search) location.replace(opened)
</script>"""


def keep_link() -> None:
    """Has the tab remember its address; for the page that asks to sign in."""
    st.html(_KEEP, unsafe_allow_javascript=True)


def follow_link() -> None:
    """Once a session, sends a tab that has just signed in to the address that it had opened."""
    if not st.session_state.get("link_followed"):
        st.session_state["link_followed"] = True
        st.html(_FOLLOW, unsafe_allow_javascript=True)
