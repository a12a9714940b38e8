"""Where the server keeps an upload until a page takes it: in memory.

Streamlit has the whole file in memory at the end, but Starlette would write it to a temporary file on the way there. On
a full disk that fails before any of our pages hears of it, and the person reads of a status code.
"""

import streamlit as st
from starlette.formparsers import MultiPartParser

FRAME = 1024 * 1024  # bytes around the file in a request


def keep_uploads_in_memory() -> None:
    """Lets no upload that the server takes go through a temporary file."""
    MultiPartParser.spool_max_size = (
        int(st.get_option("server.maxUploadSize")) * 1024 * 1024 + FRAME
    )
