"""The inline scripts that pages may run: the two of the sign-in, and Streamlit's own. No other one runs.

The identity provider sends people back to one fixed address. The address that they had opened is kept in the tab's
session storage, which survives the way there and back, is invisible to other tabs, and ends with the tab.
"""

import base64
import hashlib
import re
from pathlib import Path

import streamlit

_KEY = "mamgbr.opened"
KEEP_ADDRESS = f"sessionStorage.setItem('{_KEY}', location.pathname + location.search)"
# Removed before it is followed, so that an address that fails is not opened again and again.
FOLLOW_ADDRESS = f"""
const opened = sessionStorage.getItem('{_KEY}')
sessionStorage.removeItem('{_KEY}')
if (opened && opened !== location.pathname + location.search) location.replace(opened)
"""
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def script_hashes() -> list[str]:
    """Their hashes, as a Content-Security-Policy names them."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    streamlits_own = _INLINE.findall(page.read_text(encoding="utf-8"))
    return [_hash(script) for script in (*streamlits_own, KEEP_ADDRESS, FOLLOW_ADDRESS)]


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
