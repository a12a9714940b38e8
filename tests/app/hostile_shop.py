"""A shop whose every name, id, category and file is hostile: Markdown, HTML, links, icons, formulas."""

import csv
import io
from contextlib import closing

import numpy as np
from tiny_bundle import Tiny, record, write_tiny
from whole_shop import Shop

from db.importing.pipeline import import_files
from db.models import registry
from db.read_logs import read_logs

BAIT = "EVIL"  # begins every hostile text; what follows it is a mark that must not count
SIGNS = "![x](http://evil.example/x.png) <b>b</b> __s__ `c` $e^x$ :material/delete: :red[r] a@evil.example->"


def hostile(what: str) -> str:
    """A hostile text; ``what`` tells it from others."""
    return f"{BAIT}{SIGNS} {what}"


def _table(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _group(number: int, who: str, item: str, joined: str, status: str) -> dict[str, str]:
    return {
        "group_id": hostile(f"g{number}"),
        "initiator": hostile(who),
        "item": hostile(item),
        "participants": joined and hostile(joined),
        "status": status,
        "target_size": "3",
        "launched_at": f"2025-06-{number + 1:02} 10:00:00",
        "expires_at": f"2025-07-{number + 1:02} 10:00:00",
    }


GROUPS = [
    _group(0, "ann", "milk", "bea", "successful"),
    _group(1, "ann", "book", "bea", "successful"),
    _group(2, "cai", "wipes", "bea", "successful"),
    _group(3, "dan", "milk", "eve", "successful"),
    _group(4, "dan", "wipes", "eve", "successful"),
    _group(5, "ann", "wipes", "", "failed"),
    _group(6, "ann", "toys", "cai", "open"),
    _group(7, "eve", "toys", "", "failed"),
]
ITEMS = [
    {
        "item": hostile(item),
        "name": hostile(f"name of {item}"),
        "category": hostile(f"kind {number % 2}"),
        "brand": hostile("brand"),
        "stock": "0" if item == "book" else "5",
    }
    for number, item in enumerate(("milk", "book", "wipes", "toys", "pens"))
]
USERS = [
    {
        "user": hostile(user),
        "name": hostile(f"name of {user}"),
        "city": hostile("city"),
        "contactable": "no" if user == "eve" else "yes",
    }
    for user in ("ann", "bea", "cai", "dan", "eve")
]


def make_hostile(shop: Shop) -> None:
    """Imports the logs, the items and the people, and lets a model serve that goes by the evidence."""
    shop.folder.mkdir(parents=True, exist_ok=True)
    with closing(shop.store()) as store:
        for name, rows in (("groups", GROUPS), ("items", ITEMS), ("users", USERS)):
            path = shop.folder / f"{BAIT}[{name}](x).csv"
            path.write_text(_table(rows))
            import_files(store, [path])
        logs = read_logs(store)
        weights = {
            "items": np.zeros(len(logs.items) + 1, np.float32),
            "participants": np.zeros(len(logs.users) + 1, np.float32),
        }
        tiny = Tiny(logs, weights)
        write_tiny(tiny, shop.models)
        record(tiny, store)
        registry.promote(store, tiny.version)
