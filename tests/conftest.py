"""For all tests: settings of their own, one demo shop with one trained model, and what a machine must have."""

import os
import shutil
from collections.abc import Iterator

import pytest
from required import LEFT_OUT, left_out
from whole_shop import Shop, shop_in

pytest_plugins = ["stores"]  # fixtures of stores, for all packages
USERS = 600  # small enough to train in seconds, large enough that rankings mean something


def pytest_report_header() -> str | None:
    """Says at the top what the run does without."""
    return f"{LEFT_OUT}: {', '.join(sorted(left_out()))}" if left_out() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever drives a browser is slow."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stands in for the default store and models, in this process and in those that it starts."""
    folder = tmp_path_factory.mktemp("places")
    environment = {"MAMGBR_DB": f"sqlite:///{folder / 'shop.db'}", "MAMGBR_MODELS": str(folder)}
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A demo shop without a model, made through the commands; tests leave it as it is."""
    shop = shop_in(tmp_path_factory.mktemp("stocked"))
    shop.command("db", "demo", "--users", str(USERS))
    return shop


@pytest.fixture(scope="session")
def trained(stocked: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The demo shop with a serving demo model, trained through the commands; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("trained")
    shutil.copytree(stocked.folder, folder, dirs_exist_ok=True)
    shop = shop_in(folder)
    shop.command("train", "fit", "--preset", "demo", "--promote")
    return shop
