"""Screenshots of every page in both themes and languages, wide and narrow.

Run from the repository root, on the store and the models that the settings name:

    python -m benchmarks.screenshots --out pictures [--pages recommend why] [--widths 1440 820]
"""

import argparse
import itertools
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser

from db.queries import entities
from db.store import Store
from engine.recommender import Recommender
from tests.app.browsing import browser, chromium, served, settled

PAGES = (
    "recommend",
    "open_groups",
    "campaign",
    "why",
    "gates",
    "data",
    "retrain",
    "evaluation",
    "about",
)
ADDRESSES = {"recommend": ""}  # the default page has no path
HEIGHT, TALLEST = 1000, 5000  # pixels
COUNTING = 600_000  # ms; the first look at Gates counts a whole shop


def view(store: Store) -> dict[str, str]:
    """A recent initiator, their first recommended item and its first participant."""
    recent = entities.recent_initiators(store, 1)
    if not recent:
        return {}
    recommender = Recommender.open(store)
    initiator = recent[0].id
    item = recommender.rank_items(initiator, top=1).results[0].id
    participant = recommender.rank_participants(initiator, item, top=1).results[0].id
    return {"initiator": initiator, "item": item, "participant": participant}


def picture(
    opened: Browser, url: str, path: Path, width: int, theme: str, query: dict[str, str]
) -> None:
    """Takes a picture of one page from top to bottom."""
    context = opened.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{url}?{urlencode(query)}")
    settled(page, COUNTING)
    tall = page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(HEIGHT, min(int(tall), TALLEST))})
    settled(page)
    # Charts and tables redraw after the page has grown; two frames later they are done.
    page.evaluate(
        "() => new Promise(done => requestIdleCallback(() =>"
        " requestAnimationFrame(() => requestAnimationFrame(done)), {timeout: 2000}))"
    )
    page.screenshot(path=str(path))
    context.close()


def shrink(path: Path, width: int) -> None:
    """Makes a picture small enough to be kept in the repository."""
    with Image.open(path) as full:
        height = round(full.height * width / full.width)
        small = full.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    small.quantize(64).save(path, optimize=True)


def main() -> int:
    """Takes the pictures and prints where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=PAGES)
    parser.add_argument("--widths", nargs="+", type=int, default=[1440, 820])
    parser.add_argument("--themes", nargs="+", choices=("light", "dark"), default=["light", "dark"])
    parser.add_argument("--languages", nargs="+", choices=("en", "zh"), default=["en", "zh"])
    parser.add_argument(
        "--small",
        type=int,
        metavar="WIDTH",
        help="shrink the pictures to this width and 64 colours, for the README",
    )
    options = parser.parse_args()
    if chromium() is None:
        print("There is no chromium on the path. Install it, then run again.", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    query = view(Store.open())
    with (
        tempfile.TemporaryDirectory() as folder,
        served({}, Path(folder) / "log") as url,
        browser() as opened,
    ):
        for name, width, theme, language in itertools.product(
            options.pages, options.widths, options.themes, options.languages
        ):
            path = options.out / f"{name}-{width}-{theme}-{language}.png"
            address = f"{url}/{ADDRESSES.get(name, name)}"
            picture(opened, address, path, width, theme, query | {"lang": language})
            if options.small:
                shrink(path, options.small)
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
