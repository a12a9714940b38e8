"""A shop small enough to count by hand, and the demo model."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shops import TinyShop
from tiny_bundle import Tiny, record, write_tiny
from whole_shop import Shop

from db.importing.pipeline import import_files
from db.logs import Logs
from db.models import registry
from db.read_logs import read_logs
from db.store import Store
from engine.recommender import Recommender

# ann and cai know bea; dan and eve know each other; ann and dan are declared friends.
GROUPS = """group_id,initiator,initiator_name,item,item_name,participants,status,launched_at
G1,ann,Ann,milk,Milk powder,bea,successful,2025-06-01 10:00:00
G2,ann,Ann,book,,"bea,cai",successful,2025-06-02 10:00:00
G3,cai,,wipes,Wipes,bea,successful,2025-06-03 10:00:00
G4,dan,,milk,Milk powder,eve,successful,2025-06-04 10:00:00
G5,dan,,wipes,Wipes,eve,successful,2025-06-05 10:00:00
G6,ann,Ann,wipes,Wipes,,failed,2025-06-06 10:00:00
G7,ann,Ann,toys,Toys,cai,open,2025-06-07 10:00:00
G8,eve,,toys,Toys,,failed,2025-06-08 10:00:00
"""
FRIENDS = "user,friend\nann,dan\n"
LATER = """group_id,initiator,item,participants,status,launched_at
G9,zoe,cups,yan,successful,2025-07-01 10:00:00
"""


@pytest.fixture(scope="session")
def tiny_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Logs]:
    """The folder of the tiny shop and its model, to be copied: making it takes the most time."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "groups.csv").write_text(GROUPS)
    (folder / "friends.csv").write_text(FRIENDS)
    store = Store.open(f"sqlite:///{folder / 'shop.db'}")
    import_files(store, [folder / "groups.csv"], [], [folder / "friends.csv"])
    logs = read_logs(store)
    tiny = weightless(logs)
    write_tiny(tiny, folder / "models")
    record(tiny, store)
    registry.promote(store, tiny.version)
    store.close()
    return folder, logs


def weightless(logs: Logs) -> Tiny:
    """A model that goes by the evidence alone."""
    return Tiny(
        logs,
        {
            "items": np.zeros(len(logs.items) + 1, np.float32),
            "participants": np.zeros(len(logs.users) + 1, np.float32),
        },
    )


@pytest.fixture
def tiny_shop(tiny_template: tuple[Path, Logs], tmp_path: Path) -> TinyShop:
    template, logs = tiny_template
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    tiny = weightless(logs)
    models = tmp_path / "models"
    store = Store.open(f"sqlite:///{tmp_path / 'shop.db'}")
    return TinyShop(store, models, tiny, models / tiny.version)


@pytest.fixture
def import_later(tmp_path: Path) -> Callable[[Store], None]:
    """Brings a user and an item that the tiny model was made without."""

    def bring(store: Store) -> None:
        (tmp_path / "later.csv").write_text(LATER)
        import_files(store, [tmp_path / "later.csv"])

    return bring


@pytest.fixture(scope="session")
def recommender(trained: Shop) -> Recommender:
    """The demo model."""
    return Recommender.open(trained.store(), models=trained.models)
