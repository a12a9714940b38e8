"""Opens the app in a browser at the start, which Streamlit does not do for an ``st.App``."""

import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import streamlit as st


@asynccontextmanager
async def open_browser(_app: st.App) -> AsyncIterator[None]:
    """Opens the browser, unless the server runs without a screen (``server.headless``)."""
    if not st.get_option("server.headless"):
        scheme = "https" if st.get_option("server.sslCertFile") else "http"
        host, port = st.get_option("browser.serverAddress"), st.get_option("server.port")
        url = f"{scheme}://{host}:{port}/{st.get_option('server.baseUrlPath').strip('/')}"
        Thread(
            target=webbrowser.open, args=(url,), daemon=True
        ).start()  # it may wait for the browser
    yield
