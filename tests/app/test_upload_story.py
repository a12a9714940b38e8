"""A file that the product cannot read alone, from the upload to the report, in a real browser."""

import re
from contextlib import suppress

import pytest
from browsing import PATIENCE, browser, served, settled
from playwright.sync_api import TimeoutError, expect

from db.queries.entities import store_counts

ODD = "who,what,with\na,P1,b;c\nd,P2,\n"

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def page(needs_chromium, bare, results, tmp_path):
    """The Data page of an empty store in a browser."""
    environment = bare.environment | {"MAMGBR_BENCHMARKS": str(results)}
    with served(environment, tmp_path / "log") as url, browser() as opened:
        page = opened.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}/data?lang=en")
        settled(page)
        yield page


def upload(page, name, content):
    files = [{"name": name, "mimeType": "text/csv", "buffer": content.encode()}]
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text(name, exact=True)).to_be_visible()
    settled(page)


def answer(page, question, option):
    box = page.get_by_role("combobox", name=question, exact=True)
    choice = page.get_by_role("option", name=option, exact=True)
    for _ in range(10):
        box.fill("")
        box.fill(option[:-1])  # a long list holds only some of its options
        # A page that moves or is drawn again closes the list, also between the look and the click.
        with suppress(TimeoutError, AssertionError):
            choice.click(timeout=3_000)
            expect(box).to_have_value(option, timeout=3_000)
            break
    else:
        raise AssertionError(f"{question!r} was never answered with {option!r}")
    settled(page)


def test_answers_outlast_a_visit_to_another_page_and_serve_the_next_file_at_one_click(page, bare):
    upload(page, "june.csv", ODD)
    expect(page.get_by_text("Please answer (2 open)")).to_be_visible()
    answer(page, "Which column holds the initiator?", "who (e.g. a)")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", name="About", exact=True)).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Data").click()
    initiator = page.get_by_role("combobox", name="Which column holds the initiator?")
    expect(initiator).to_have_value("who (e.g. a)")
    answer(page, "Which column holds the item?", "what (e.g. P1)")
    # Without participants, what became of the groups is in question; with them it is not.
    expect(page.get_by_text("What became of them?")).to_be_visible()
    settled(page)
    page.get_by_text("Change how the file is read").click()
    expect(page.get_by_text("What each column holds")).to_be_visible()
    answer(page, "with", "participants")
    expect(page.get_by_text("All questions are answered")).to_be_visible()
    settled(page)  # until then the buttons stand there twice, where they were and where they are
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_text("2 rows can be imported, 0 cannot")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("june.csv: 2 rows imported, 0 rejected")).to_be_visible()

    upload(page, "july.csv", ODD.replace("a,", "e,"))
    expect(page.get_by_text(re.compile("who → initiator")).first).to_be_visible()
    page.get_by_role("button", name="Import like last time").click()
    expect(page.get_by_text("july.csv: 2 rows imported, 0 rejected")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert store_counts(bare.store()).joins == 4
