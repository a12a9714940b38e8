"""A shop with a person who will be forgotten, and where traces of them are left."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.schema import (
    group_members,
    groups,
    users,
)
from db.store import Store

ID, NAME = "user-Zq77x", "欧阳晓蝶"


_FORMS = [
    form.encode(encoding)
    for word in (ID, NAME, "ouyangxiaodie")
    for form in (word, json.dumps(word)[1:-1])
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
]


ORDERS = f"""团号,用户id,用户昵称,角色,商品id,拼团状态,订单状态,下单时间,成团人数
G1,u1,晨,团长,p1,拼团成功,已支付,2026-05-01 10:00:00,3
G1,{ID},{NAME},团员,p1,拼团成功,已支付,2026-05-01 11:00:00,3
G1,u3,朋,团员,p1,拼团成功,已支付,2026-05-01 12:00:00,3
G2,{ID},{NAME},团长,p1,拼团成功,已支付,2026-05-02 10:00:00,3
G2,u1,晨,团员,p1,拼团成功,已支付,2026-05-02 11:00:00,3
G3,u1,晨,团长,p1,拼团失败,已支付,2026-05-03 10:00:00,3
G3,{ID},{NAME},团员,p1,拼团失败,已退款,2026-05-03 10:00:00,3
G4,{ID},{NAME},团长,p1,怪,已支付,2026-05-03 10:00:00,3
"""


FRIENDS = f"user_id,friend_id\nu1,{ID}\nu1,u3\n"


PEOPLE = f"用户ID,用户昵称,城市,可联系\n{ID},{NAME},杭州,是\nu3,朋,上海,是\n"


_SEARCH = """
import sys
from pathlib import Path

folder, *forms = sys.argv[1:]
for path in sorted(Path(folder).rglob("*")):
    if path.is_file() and any(bytes.fromhex(form) in path.read_bytes() for form in forms):
        print(path.relative_to(folder))
"""


def traces(folder: Path) -> list[str]:
    """The files that hold the id or the name, in any encoding.

    A process of its own reads them: closing the database's file would take SQLite's locks from this one.
    """
    forms = [form.hex() for form in dict.fromkeys(_FORMS)]
    command = [sys.executable, "-c", _SEARCH, str(folder), *forms]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return found.stdout.splitlines()


@pytest.fixture
def shop(tmp_path: Path, sqlite_template: Path) -> Iterator[Store]:
    """A store in a folder of its own, with orders, friendships, refused rows and an import that was undone."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "store.db").write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{folder}/store.db", busy_seconds=0.5)
    files = {"orders.csv": ORDERS, "friends.csv": FRIENDS, f"of-{ID}.csv": PEOPLE}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    again = tmp_path / "again.csv"
    again.write_text(ORDERS.replace("p1", "p2"))
    import_files(store, [tmp_path / "orders.csv", tmp_path / f"of-{ID}.csv"], remember=True)
    import_files(store, [], friendships=[tmp_path / "friends.csv"])
    undo_import(store, import_files(store, [again])[0].id or 0)
    yield store
    store.close()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two trained versions, as far as their user lists go, and one that is not finished."""
    from db.atomic import write_atomically
    from engine.bundle.files import Fingerprint

    for name, ids in (("v1", ["u1", ID, "u3"]), ("v2", ["u1", "u3"])):
        folder = tmp_path / "shop" / "models" / name
        write_atomically(folder / "users.json", json.dumps(ids))
        entry = Fingerprint.of(folder / "users.json").model_dump()
        manifest = {
            "version": name,
            "id_maps": {"users": "users.json", "items": "items.json"},
            "files": {"users.json": entry},
        }
        write_atomically(folder / "manifest.json", json.dumps(manifest))
    return tmp_path / "shop" / "models"


def participants(store: Store) -> dict[str, list[str]]:
    """Group -> who joined it, of the current groups."""
    query = (
        select(groups.c.external_id, users.c.external_id)
        .select_from(group_members.join(groups).join(users, users.c.id == group_members.c.user_id))
        .where(groups.c.current)
        .order_by(groups.c.external_id, users.c.external_id)
    )
    found: dict[str, list[str]] = {}
    with store.read() as connection:
        for group, user in connection.execute(query):
            found.setdefault(group, []).append(user)
    return found


def sizes(store: Store) -> dict[str, tuple[int, int]]:
    """Group -> its people and seats besides the initiator, and its state."""
    query = select(groups.c.id, groups.c.external_id, groups.c.seats, groups.c.status)
    joined = participants(store)
    with store.read() as connection:
        rows = connection.execute(query.where(groups.c.current)).all()
    return {
        row.external_id: (row.seats + len(joined.get(row.external_id, [])), row.status)
        for row in rows
    }
