"""A real server and a real Chromium, for the tests and for the pictures of the pages."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 60_000  # milliseconds to wait for something on a page; a training is given more


def chromium() -> str | None:
    """The browser's executable, ``None`` where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    return None


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:  # noqa: S310
            return bool(answer.read() == b"ok")
    except (URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def served(
    environment: dict[str, str], log: Path, *more: str, app: Path = Path("app")
) -> Iterator[str]:
    """``streamlit run app`` with these settings and options, by its URL; stopped at the end."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    options = ["--server.headless", "true", "--server.port", str(port), *more]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command + options,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            url = f"http://localhost:{port}"
            while not _answers(url):
                if server.poll() is not None:
                    raise RuntimeError(f"The server ended:\n{log.read_text()}")
                time.sleep(0.05)  # asking takes the server's processor
            yield url
        finally:
            server.terminate()
            server.wait()


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield opened
        finally:
            opened.close()


def settled(page: Page, patience: int = PATIENCE) -> None:
    """Waits ``patience`` ms at most until the script has run and nothing is a placeholder any more."""
    page.wait_for_selector("[data-testid='stMain'] h1", timeout=PATIENCE)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=\"stApp\"]')"
        ".getAttribute('data-test-script-state') === 'notRunning'"
        " && !document.querySelector('[data-testid=\"stSkeleton\"]')",
        timeout=patience,
    )


def kept_from_leaving(page: Page, url: str) -> list[str]:
    """A list that fills with what the page's content policy forbids it, and what it asks of other servers."""
    found: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            found.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            found.append(request.url)

    page.on("console", heard)
    page.on("request", asked)
    return found
