"""A real demo shop and a really trained demo model, made once through the commands."""

import os
import shutil

import pytest
from browsing import chromium
from whole_shop import ENTRY, shop_in

USERS = 300  # a small shop keeps the training of the fixture short


@pytest.fixture(scope="session")
def needs_chromium():
    """Asked for by whatever walks in a real browser: CI must have one, elsewhere the test says so."""
    if chromium() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no Chromium: install chromium.")
        pytest.skip("There is no Chromium on the path; install chromium to run this test.")


@pytest.fixture(scope="session")
def stocked(tmp_path_factory):
    """A demo shop without a model."""
    shop = shop_in(tmp_path_factory.mktemp("stocked"))
    shop.command("db", "demo", "--users", str(USERS))
    return shop


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A demo shop with a serving demo model; tests read it and leave it as it is."""
    shop = shop_in(tmp_path_factory.mktemp("trained"))
    shop.command("db", "demo", "--users", str(USERS))
    shop.command("train", "fit", "--preset", "demo", "--promote")
    return shop


@pytest.fixture
def copied(trained, tmp_path):
    """A trained shop of one's own, to change."""
    shutil.copytree(trained.models.parent, tmp_path / "copy")
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
