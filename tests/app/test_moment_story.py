"""A day picked in the sidebar, and the way back, in a real browser."""

import re

import pytest
from browsing import PATIENCE, browser, served, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


def test_a_day_that_was_given_up_does_not_come_back_with_the_next_click(
    needs_chromium, trained, results, tmp_path
):
    environment = trained.environment | {"MAMGBR_BENCHMARKS": str(results)}
    with served(environment, tmp_path / "log") as url, browser() as opened:
        page = opened.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}/?lang=en")
        settled(page)
        page.get_by_role("button", name=re.compile("As of the end of the logs")).click()
        page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
        page.keyboard.type("20250610", delay=50)
        page.get_by_text("Recommend", exact=True).last.click()  # outside: the day is picked
        expect(page).to_have_url(re.compile("as_of=2025-06-10"))
        expect(page.get_by_text("These lists look back")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Back to the end of the logs").last.click()
        expect(page).not_to_have_url(re.compile("as_of"))
        settled(page)
        page.get_by_text("By item", exact=True).click()
        expect(page.get_by_text("Pick an item to see who should launch it")).to_be_visible()
        settled(page)
        expect(page).not_to_have_url(re.compile("as_of"))
        expect(page.get_by_text("Lists are as of the end of the logs")).to_be_visible()
