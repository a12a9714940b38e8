"""For all tests: no store and no model of whoever runs them is ever touched."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stands in for the default store and models, in this process and in those that it starts."""
    folder = tmp_path_factory.mktemp("places")
    places = {"MAMGBR_DB": f"sqlite:///{folder / 'shop.db'}", "MAMGBR_MODELS": str(folder)}
    before = {name: os.environ.get(name) for name in places}
    os.environ.update(places)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
