"""A visitor with logs, no model and a real browser: from the first training to the heatmap."""

import re
from contextlib import closing

import pytest
from browsing import PATIENCE, browser, served, settled
from playwright.sync_api import expect
from whole_shop import shop_in

from db.demo.generate import load_demo

TRAINING = 600_000  # milliseconds that the first model may take on a slow machine

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)  # a busy machine draws late


@pytest.fixture(scope="module")
def page(needs_chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    shop = shop_in(folder)
    with closing(shop.store()) as store:
        load_demo(store, 100)
    with served(shop.environment, folder / "log") as url, browser() as opened:
        page = opened.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        yield page


def test_logs_become_recommendations_that_are_explained(page):
    # The first visit: a first training to its end, without a reload.
    page.get_by_role("button", name="Start training").first.click()
    page.get_by_role("button", name="Cancel training").wait_for(timeout=PATIENCE)
    search = page.get_by_placeholder("Name, pinyin or id")
    search.wait_for(timeout=TRAINING)
    settled(page)  # or the last button so far is not a name yet

    # Search: one of those who launched lately, by the name that the page itself offers.
    offered = page.get_by_test_id("stButtonGroup").get_by_role("radio")
    name = offered.last.inner_text().strip()
    search.fill(name)
    page.get_by_role("radio", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name="Items to launch")).to_be_visible()
    settled(page)  # on a busy machine a click into a page that is still being drawn may be lost

    # Select an item: its participants appear, and the address says what is shown.
    page.get_by_role(
        "button", name=re.compile(r"^\W*(radio_button_unchecked)?\s*2\. ")
    ).first.click()
    expect(page.get_by_role("heading", name="Who would join for")).to_be_visible()
    expect(page).to_have_url(re.compile("initiator=.*item=|item=.*initiator="))
    link = page.url

    # Why: the sentence, gates and the heatmap, drawn.
    page.get_by_role("button", name="Why?").click()
    expect(page.get_by_role("heading", name="Past groups behind it")).to_be_visible()
    heatmap = page.locator(
        ".js-plotly-plot .heatmaplayer image, .js-plotly-plot .heatmaplayer path"
    )
    expect(heatmap.first).to_be_visible()
    expect(page.get_by_text("How not to read attention").first).to_be_visible()

    # Back, by the browser and by the link: the same view.
    page.go_back()
    expect(page.get_by_role("heading", name="Who would join for")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="Who would join for")).to_be_visible()


@pytest.mark.parametrize("name", ["why", "gates", "data", "retrain", "evaluation"])
def test_every_page_opens_by_its_address_in_chinese_without_an_error(page, name):
    page.goto(f"{page.url.split('?')[0].rsplit('/', 1)[0]}/{name}?lang=zh")
    settled(page)
    assert page.get_by_test_id("stException").count() == 0
    assert re.search("[\u4e00-\u9fff]", page.locator("h1").inner_text())


def test_the_widgets_own_words_are_chinese_too(page):
    page.goto(f"{page.url.split('?')[0].rsplit('/', 1)[0]}/data?lang=zh")
    settled(page)
    words = (
        page.get_by_test_id("stFileUploaderDropzone")
        .locator("button p")
        .evaluate("p => [getComputedStyle(p).fontSize, getComputedStyle(p, '::after').content]")
    )
    assert words == ["0px", '"选择文件"']
    expect(page.get_by_test_id("stFileUploaderDropzoneInstructions")).to_be_hidden()
