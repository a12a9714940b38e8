"""The speed of the pages in a real browser, and the server's memory with many sessions open.

Run from the repository root, on the store and the models that the settings name:

    python -m benchmarks.page_speed [--rounds N] [--sessions N] [--json]

"first" is the time from the click to the page's first content, "whole" to its last. The first visit of the process,
which opens the model, is printed separately. Then more browser sessions visit every page, each for another initiator,
and stay open; the server's memory is printed before and after.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.screenshots import ADDRESSES, PAGES
from db.queries import entities
from db.store import Store
from tests.app.browsing import PATIENCE, browser, chromium, served, settled

FIRST_CONTENT = 1.0  # seconds, the aim
COUNTING = 600_000  # ms; the first look at Gates counts a whole shop


def address(url: str, page: str, initiator: str) -> str:
    """The address of a page for one initiator."""
    return f"{url}/{ADDRESSES.get(page, page)}?{urlencode({'initiator': initiator, 'lang': 'en'})}"


def click_and_time(page: Page, name: str) -> tuple[float, float]:
    """Clicks a page's name in the navigation; seconds to its first content, and to its last."""
    link = page.get_by_test_id("stSidebarNavLink").nth(PAGES.index(name))
    title = page.locator("[data-testid='stMain'] h1")
    before = title.inner_text()
    began = time.perf_counter()
    link.click()
    page.wait_for_function(
        "before => { const title = document.querySelector('[data-testid=\"stMain\"] h1');"
        " return title && title.innerText !== before }",
        arg=before,
        timeout=PATIENCE,
        polling=10,
    )
    first = time.perf_counter() - began
    settled(page)
    return first, time.perf_counter() - began


def memory(server: psutil.Process) -> float:
    """MB of the server and its children."""
    return sum(p.memory_info().rss for p in [server, *server.children(recursive=True)]) / 2**20


def walk(opened: Browser, url: str, initiator: str) -> Page:
    """Opens a session and visits every page."""
    page = opened.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    for name in PAGES:
        page.goto(address(url, name, initiator))
        settled(page, COUNTING)
    return page


def main() -> int:
    """Measures and prints a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="clicks on each page (5)")
    parser.add_argument("--sessions", type=int, default=10, help="sessions that stay open (10)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()
    if chromium() is None:
        print("There is no chromium on the path. Install it, then run again.", file=sys.stderr)
        return 1
    people = [person.id for person in entities.random_initiators(Store.open(), 50, seed=3)]
    if not people:
        print("error: the store holds no groups to ask about.", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        served({}, Path(folder) / "log") as url,
        browser() as opened,
    ):
        server = next(
            process
            for process in psutil.Process().children()
            if "streamlit" in " ".join(process.cmdline())
        )
        began = time.perf_counter()
        page = walk(opened, url, people[0])
        found: dict[str, object] = {"first visit of all pages": time.perf_counter() - began}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
        for turn in range(options.rounds):
            page.goto(address(url, PAGES[-1], people[1 + turn % (len(people) - 1)]))
            settled(page)
            for name in PAGES:
                times[name].append(click_and_time(page, name))
        found["pages"] = {
            name: {
                "first": statistics.median(first for first, _ in pairs),
                "whole": statistics.median(whole for _, whole in pairs),
            }
            for name, pairs in times.items()
        }
        one = memory(server)
        for turn in range(options.sessions - 1):
            walk(opened, url, people[(7 + turn) % len(people)])
        found["memory_mb"] = {"1 session": one, f"{options.sessions} sessions": memory(server)}
    print(json.dumps(found) if options.json else _table(found))
    return 0


def _table(found: dict) -> str:
    lines = [f"first visit of all pages {found['first visit of all pages']:.1f} s"]
    lines.append(f"{'':<16}{'first':>9}{'whole':>9}   aim: first within {FIRST_CONTENT:.0f} s")
    for name, times in found["pages"].items():
        lines.append(f"{name:<16}{times['first']:>7.2f} s{times['whole']:>7.2f} s")
    lines += [f"memory with {name}: {mb:.0f} MB" for name, mb in found["memory_mb"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
