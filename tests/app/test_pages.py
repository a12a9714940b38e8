"""What the pages show and do, on a real shop with a really trained model."""

import shutil
from pathlib import Path

import pytest
from engine.recommender import Recommender

from db import directory


def said(test):
    """Everything that a page says in words."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "success")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(test, kind))


def button(test, label):
    return next(entry for entry in test.button if entry.label == label)


def plots(test):
    return test.get("plotly_chart")


def mark(test, table, row):
    """Marks a row of a table as a click does."""
    frame = test.dataframe[table]
    test.session_state[frame.key] = {"selection": {"rows": [row]}}
    return test


@pytest.fixture(scope="module")
def model(trained):
    return Recommender.open(trained.store())


@pytest.fixture(scope="module")
def initiator(trained):
    return directory.recent_initiators(trained.store(), 1)[0]


@pytest.fixture
def copied(trained, tmp_path):
    """A trained shop of one's own, to change."""
    source = Path(trained.models).parent
    shutil.copytree(source, tmp_path / "shop")
    return type(trained)(
        f"sqlite:///{tmp_path / 'shop' / 'shop.db'}", str(tmp_path / "shop" / "models")
    )
