"""A shop to count by hand, and who may be asked in any."""

from dataclasses import dataclass
from pathlib import Path

from tiny_bundle import Tiny

from db.logs import Logs
from db.store import Store
from engine.recommender import Recommender


@dataclass(frozen=True)
class TinyShop:
    """The shop to count by hand, with a model that can be worked out by hand."""

    store: Store
    models: Path
    tiny: Tiny
    folder: Path  # of the serving bundle

    def open(self) -> Recommender:
        return Recommender.open(self.store, models=self.models)


def askable(logs: Logs) -> list[str]:
    """The ids of all users but those who do not want to be asked, whom no list names."""
    return list(logs.users.index[logs.users["contactable"].fillna(True)])
