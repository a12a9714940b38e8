"""Pages are accessible: labels, headings in order, contrast, as checked by axe-core; and they keep to their policy."""

from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import PATIENCE, browser, kept_from_leaving, served, settled

from db.queries import entities
from db.store import Store
from engine.recommender import Recommender

pytestmark = pytest.mark.browser

PAGES = ("", "open_groups", "campaign", "why", "gates", "data", "retrain", "evaluation", "about")
RULES = ["wcag2a", "wcag2aa", "best-practice"]
# How Streamlit builds its own navigation and uploader, which the app cannot change.
STREAMLITS_OWN = ("list", "listitem", "presentation-role-conflict")


@pytest.fixture(scope="module")
def opened(needs_chromium, trained, tmp_path_factory):
    """A page in the light theme, the app's address, a selection that fills the pages, and what is kept from them.

    The dark theme's one accent has to stand out beneath white letters and above a dark ground alike, and no colour
    reaches 4.5 to 1 against both; it has 3.9 to either side.
    """
    store = Store.open(trained.db)
    initiator = entities.recent_initiators(store, 1)[0].id
    item = Recommender.open(store, models=trained.models).rank_items(initiator, top=1).results[0].id
    store.close()
    folder = tmp_path_factory.mktemp("accessible")
    home = folder / "home"
    home.mkdir()
    environment = trained.environment | {"HOME": str(home)}
    with served(environment, folder / "log") as url, browser() as chromium:
        context = chromium.new_context(
            viewport={"width": 1440, "height": 1000}, color_scheme="light", locale="en-GB"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        kept = kept_from_leaving(page, url)
        yield page, url, urlencode({"initiator": initiator, "item": item, "lang": "en"}), kept
        assert list(home.rglob("*")) == []  # no library has left anything there


@pytest.mark.parametrize("name", PAGES)
def test_a_page_breaks_no_rule_of_accessibility_nor_of_its_content_policy(opened, name):
    page, url, query, kept = opened
    page.goto(f"{url}/{name}?{query}")
    settled(page)
    assert kept == []  # the content policy forbids nothing that the page needs
    options = {
        "runOnly": RULES,
        "rules": {rule: {"enabled": False} for rule in STREAMLITS_OWN},
        "resultTypes": ["violations"],
    }
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()
