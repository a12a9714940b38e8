"""Files of items and of people go in, lists follow on the page and by command, an undo brings all back."""

import json
from datetime import timedelta

import pytest
from browsing import PATIENCE, browser, served, settled
from playwright.sync_api import expect

from db.importing.history import import_history
from db.queries.entities import recent_initiators
from db.shop_clock import shop_now
from engine.cli.command import main as engine

# What follows "item-" or "participant-" in the keys of the lists' buttons.
KEYS = """kind => [...document.querySelectorAll(`[class*='st-key-${kind}-']`)].map(one =>
    [...one.classList].find(name => name.startsWith(`st-key-${kind}-`)).slice(8 + kind.length))"""

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def listed(copied, monkeypatch, capsys):
    """``listed("rank-items", ...)``: the ids that the command lists on the shop, in order."""
    copied.enter(monkeypatch)

    def ids(*words):
        capsys.readouterr()
        assert engine([*words, "--json"]) == 0
        return [result["id"] for result in json.loads(capsys.readouterr().out)["results"]]

    return ids


@pytest.fixture
def page(needs_chromium, copied, results, tmp_path):
    """A browser on the shop's pages."""
    environment = copied.environment | {"MAMGBR_BENCHMARKS": str(results)}
    with served(environment, tmp_path / "log") as url, browser() as opened:
        context = opened.new_context(
            viewport={"width": 1280, "height": 1000}, locale="en-GB", base_url=url
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page


def upload(page, **files):
    page.goto("/data?lang=en")
    settled(page)
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        [
            {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": content.encode()}
            for name, content in files.items()
        ]
    )
    for shape in ("One item per row", "One person per row"):
        expect(page.get_by_text(shape)).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Import", exact=True).click()
    for name in files:
        expect(page.get_by_text(f"{name}.csv:")).to_be_visible()
    expect(page.get_by_text("rows imported, 0 rejected")).to_have_count(len(files))


def undo_latest(page, number):
    page.goto("/data?lang=en")
    settled(page)
    page.get_by_role("tab", name="Import history").click()
    page.get_by_role("button", name="Undo import").click()
    page.get_by_label(f"Type {number} to confirm").fill(str(number))
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text(f"Import {number} was undone.")).to_be_visible()


def shown(page, **address):
    """The ids of the items and of the participants that Recommend lists, in order."""
    query = "&".join(f"{name}={value}" for name, value in address.items())
    page.goto(f"/?lang=en&{query}")
    settled(page)
    expect(page.get_by_role("heading", name="Who would join for")).to_be_visible()
    settled(page)
    return [page.evaluate(KEYS, kind) for kind in ("item", "participant")]


def test_files_of_the_shelf_and_of_wishes_change_every_list_and_an_undo_brings_them_back(
    page, copied, listed
):
    store = copied.store()
    initiator = recent_initiators(store, 1)[0].id
    items = ("rank-items", "--initiator", initiator, "--top", "100000")
    before = listed(*items)
    kept, sold_out, off, coming = before[:4]
    people = ("rank-participants", "--initiator", initiator, "--item", kept)
    person = listed(*people)[0]
    next_week = shop_now(store) + timedelta(days=7)
    upload(
        page,
        items="商品编号,商品名称,库存,状态,上架时间\n"
        f"new-1,New here,9,上架,\n{sold_out},,0,上架,\n{off},,7,下架,\n{coming},,7,上架,{next_week:%Y-%m-%d}\n",
        people=f"user id,contactable\n{person},no\n",
    )

    gone = {sold_out, off, coming}
    now = listed(*items)
    assert [item for item in now if item != "new-1"] == [one for one in before if one not in gone]
    assert "new-1" in now
    assert person not in listed(*people)
    on_page, asked = shown(page, initiator=initiator, item=kept)
    assert on_page == now[: len(on_page)]
    assert person not in asked
    assert not gone & set(on_page)

    undo_latest(page, 3)
    undo_latest(page, 2)
    assert [entry.undone for entry in import_history(store)] == [False, True, True]
    assert listed(*items) == before
    assert listed(*people)[0] == person
    on_page, asked = shown(page, initiator=initiator, item=kept)
    assert on_page == before[: len(on_page)]
    assert asked[0] == person
    assert page.get_by_test_id("stException").count() == 0
