"""The app in a browser and in Streamlit's test harness, over the demo shop."""

import shutil
import sys

import pytest
from browsing import chromium
from required import require
from whole_shop import ENTRY, shop_in

from db.queries import entities
from engine.recommender import Recommender


@pytest.fixture(autouse=True)
def same_main_module(monkeypatch):
    """Puts ``__main__`` back, which Streamlit's test harness replaces by the app.

    Processes that later tests spawn would run the whole app first, and end where a page stops.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def needs_chromium():
    """Requested by every test that drives a real browser."""
    require("chromium", installed=chromium() is not None)


@pytest.fixture(scope="session")
def trained_store(trained):
    """The store of the trained shop."""
    opened = trained.store()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def model(trained, trained_store):
    """Its serving model, opened once: the pages must say the same."""
    return Recommender.open(trained_store, models=trained.models)


@pytest.fixture(scope="session")
def initiator(trained_store):
    """Who launched last, as a card."""
    return entities.recent_initiators(trained_store, 1)[0]


@pytest.fixture
def copied(trained, tmp_path):
    """A trained shop of one's own, to change."""
    shutil.copytree(trained.folder, tmp_path / "copy")
    return shop_in(tmp_path / "copy")


@pytest.fixture
def bare(tmp_path):
    """An empty store."""
    return shop_in(tmp_path)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """The folder whose benchmark results the app shows; empty until a test writes some."""
    folder = tmp_path / "benchmarks"
    monkeypatch.setenv("MAMGBR_BENCHMARKS", str(folder))
    return folder


@pytest.fixture
def visit(monkeypatch, results):
    """Opens the app in Streamlit's own test harness: ``visit(shop, "why", item="P1")``."""
    from streamlit.testing.v1 import AppTest

    def opened(shop, page="recommend", user=None, **address):
        for name, value in shop.environment.items():
            monkeypatch.setenv(name, value)
        test = AppTest.from_file(ENTRY, default_timeout=60)
        if user is not None:
            test.user = user
        for name, value in address.items():
            test.query_params[name] = value
        test.run()
        if page != "recommend":
            test.switch_page(f"views/{page}.py")
            for name, value in address.items():
                test.query_params[name] = value
            test.run()
        return test

    return opened
