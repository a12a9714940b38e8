"""What users do, from the first click to the last, in a real browser against a real server."""

import csv
import io
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from benchmark_files import run, write
from browsing import PATIENCE, browser, served, settled
from playwright.sync_api import expect
from whole_shop import shop_in

from db.models import registry

TRAINING = 300_000  # milliseconds that a demo training may take on a busy machine

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def shop(needs_chromium, trained, tmp_path_factory):
    """A trained shop with results of a benchmark, its server and a browser: shop and ``open(page)``.

    The stories share it, one after another as on a day.
    """
    folder = tmp_path_factory.mktemp("stories")
    shutil.copytree(trained.folder, folder, dirs_exist_ok=True)
    copied, results = shop_in(folder), folder / "benchmarks"
    write(results / "results.json", [*run("mamgbr", 0.65), *run("cosine", 0.62)])
    environment = copied.environment | {"MAMGBR_BENCHMARKS": str(results)}
    with served(environment, folder / "log") as url, browser() as opened:

        def session(name):
            """A session of its own, on this page."""
            context = opened.new_context(
                viewport={"width": 1440, "height": 1000}, locale="en-GB", accept_downloads=True
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(f"{url}/{name}?lang=en")
            settled(page)
            return page

        yield copied, session


def taken_away(page):
    """The last list of the page as its CSV, rows by heading; it comes as a workbook with as many rows too."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="(Excel)").last.click()
    book = openpyxl.load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).last.click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert book.active.max_row == len(rows) + 1
    return rows


def test_recommend_and_take_away(shop):
    _, session = shop
    page = session("")
    page.get_by_test_id("stButtonGroup").get_by_role("radio").last.click()
    expect(page.get_by_role("heading", name="Items to launch")).to_be_visible()
    settled(page)
    page.get_by_role("button", name=re.compile(r"^\W*\w*\s*1\. ")).first.click()
    expect(page.get_by_role("heading", name="Who would join for")).to_be_visible()
    rows = taken_away(page)
    assert len(rows) == 20
    assert [row["#"] for row in rows] == [str(rank) for rank in range(1, 21)]

    # The other way round: who else should launch this very item.
    page.get_by_role("button", name="Who else should launch it?").click()
    expect(page).to_have_url(re.compile("start=item"))
    expect(page.get_by_role("button", name=re.compile(r"^\W*\w*\s*1\. ")).first).to_be_visible()
    link = page.url
    other = session("")
    other.goto(link)
    settled(other)
    expect(other.get_by_role("button", name=re.compile(r"^\W*\w*\s*1\. ")).first).to_be_visible()


def test_upload_retrain_and_promote_while_somebody_else_works(shop, tmp_path):
    copied, session = shop
    before = registry.serving(copied.store()).version
    merchandiser = session("")
    operator = session("data")

    # Upload: looked at first, then imported, and counted.
    file = tmp_path / "july.csv"
    file.write_text("initiator,item,participants\nnewcomer-1,P2001,newcomer-2\n", encoding="utf-8")
    operator.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(str(file))
    operator.get_by_role("button", name="Import", exact=True).click()
    expect(operator.get_by_text("1 rows imported, 0 rejected")).to_be_visible()

    # Retrain, while the other session goes on.
    operator.get_by_role("main").get_by_role("link", name="Retrain").click()
    operator.get_by_role("radiogroup").get_by_text("Quick", exact=True).click()
    operator.get_by_text("Advanced settings").click()
    operator.get_by_role("tab", name="Training", exact=True).click()
    for setting, value in (("Minimum steps", "20"), ("Maximum test groups", "100")):
        operator.get_by_role("spinbutton", name=setting).fill(value)
        operator.keyboard.press("Enter")
        expect(operator.get_by_text(f"{setting} {value}")).to_be_visible()
        settled(operator)
    operator.get_by_role("button", name="Start training").click()
    operator.get_by_role("button", name="Cancel training").wait_for()
    merchandiser.get_by_test_id("stButtonGroup").get_by_role("radio").last.click()
    expect(merchandiser.get_by_role("heading", name="Items to launch")).to_be_visible()
    done = operator.get_by_test_id("stAlert").get_by_text(re.compile(r"The model .* is ready"))
    expect(done).to_be_visible(timeout=TRAINING)

    # Promote: the newest version is offered first; a worse one asks.
    operator.get_by_role("tab", name="Versions").click()
    worse = operator.get_by_text("Promote it anyway")
    promote = operator.get_by_role("button", name=re.compile(r"Promote$"))
    promote.wait_for()
    if worse.count():
        expect(promote).to_be_disabled()
        worse.click()
    promote.click()
    expect(operator.get_by_text("is now in use")).to_be_visible()
    after = registry.serving(copied.store()).version
    assert after != before

    # The other session is told, switches, and answers from the new model.
    merchandiser.get_by_role("button", name="Switch to it").click()
    expect(merchandiser.get_by_text(f"Model {after}")).to_be_visible()
    expect(merchandiser.get_by_role("heading", name="Items to launch")).to_be_visible()


def test_evaluate_and_browse_gates(shop):
    _, session = shop
    page = session("evaluation")
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Gates").click()
    expect(page.get_by_role("heading", name="Groups behind these figures")).to_be_visible()
    page.get_by_role("radio", name="Category").click()
    settled(page)
    assert page.locator(".js-plotly-plot").count() >= 4
    assert page.get_by_test_id("stException").count() == 0
