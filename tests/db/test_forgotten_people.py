"""A forgotten person leaves no trace in any file of the store, and a later file does not bring them back."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from db.command import main
from db.errors import InputError
from db.file_lock import FileLock
from db.forget import forget_user
from db.importing.answers import Answers
from db.importing.background import Upload, start
from db.importing.history import rejected_rows, undo_import
from db.importing.pipeline import import_files
from db.importing.report import ImportReport
from db.logs import SUCCESSFUL
from db.queries.shelf import not_contactable, shelf_version
from db.read_logs import data_version, read_logs
from db.schema import (
    declined_invitations,
    group_members,
    groups,
    import_answers,
    imports,
    users,
)
from db.store import Store

Import = Callable[..., ImportReport]

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


def test_no_file_of_the_store_holds_the_id_or_the_name(
    shop: Store, models: Path, tmp_path: Path
) -> None:
    folder = start(
        shop, [Upload(tmp_path / "orders.csv", f"{ID}.csv")], dry=True, strict=False, force=True
    )
    while folder.alive():
        time.sleep(0.01)
    assert traces(tmp_path / "shop")
    report = forget_user(shop, ID, models)
    assert traces(tmp_path / "shop") == []
    assert ID not in str(report.message)
    assert NAME not in str(report.message)
    assert (report.rows.seats, report.rows.launches, report.rows.friendships) == (1, 1, 1)
    assert report.rows.refused_rows == 2  # one of an import that was undone
    assert report.models.rewritten == ("v1",)


def test_groups_keep_their_sizes_and_states(shop: Store, models: Path) -> None:
    before, versions = sizes(shop), (data_version(shop), shelf_version(shop))
    forget_user(shop, ID, models)
    assert sizes(shop) == before
    assert data_version(shop) != versions[0]
    assert shelf_version(shop) != versions[1]
    assert participants(shop) == {"G1": ["u3"], "G2": ["u1"]}
    with shop.read() as connection:
        assert connection.execute(select(declined_invitations)).all() == []


def test_who_launched_is_an_unnamed_person_who_is_never_asked(shop: Store, models: Path) -> None:
    forget_user(shop, ID, models)
    logs = read_logs(shop)
    launchers = set(logs.users.index[logs.group_initiator]) - {"u1"}
    assert len(launchers) == 1
    assert launchers == not_contactable(shop)
    assert logs.users.loc[list(launchers), ["name", "city", "tags"]].isna().all(axis=None)
    assert next(iter(launchers)).startswith("forgotten-")


def test_a_refused_row_says_why_its_text_is_gone(shop: Store, models: Path) -> None:
    forget_user(shop, ID, models)
    row = rejected_rows(shop, 1).iloc[0]
    assert (row["value"], row["row"], row["problem"].key) == ("", "", "db.forget.row")


def test_a_later_file_brings_nobody_back(
    shop: Store, models: Path, importing: Import, tmp_path: Path
) -> None:
    before = sizes(shop)
    forget_user(shop, ID, models)
    bought = (
        "G9,u1,晨,团长,p1,拼团成功,已支付,2026-06-01 10:00:00,2\n"
        f"G9,{ID},{NAME},团员,p1,拼团成功,已支付,2026-06-01 11:00:00,2\n"
    )
    report = importing(shop, "later.csv", ORDERS + bought)
    assert "db.note.forgotten_people" in {note.key for note in report.notes}
    assert report.errors[0].row == ""
    assert sizes(shop) == before | {"G9": (1, SUCCESSFUL)}
    importing(shop, "people.csv", PEOPLE + "u8,新,北京,是\n", force=True)
    import_files(shop, [], friendships=[tmp_path / "friends.csv"], force=True)
    assert traces(tmp_path / "shop") == []
    undo_import(shop, report.id or 0)
    assert sizes(shop) == before


def test_undoing_a_later_file_does_not_make_the_unnamed_person_one_to_ask(
    shop: Store, models: Path, importing: Import
) -> None:
    forget_user(shop, ID, models)
    later = importing(shop, "later.csv", ORDERS.replace("2026-05-0", "2026-06-0"))
    undo_import(shop, later.id or 0)
    logs = read_logs(shop)
    assert set(logs.users.index[logs.group_initiator]) - {"u1"} <= not_contactable(shop)


def test_words_that_others_share_or_that_mean_anything_stay(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    rows = (
        "团号,用户id,用户昵称,角色,商品id,状态\n"
        "G1,1,微信用户,团长,p1,已核\nG1,2,微信用户,团员,p1,已核\n微信用户,3,,团员,p1,新\n"
    )
    states = {"已核": "paid", "1": "successful", "微信用户": "void"}
    importing(sqlite_store, "微信用户-1.csv", rows, answers=Answers(states=states), remember=True)
    forget_user(sqlite_store, "1", tmp_path / "models")
    with sqlite_store.read() as connection:
        assert connection.execute(select(imports.c.file)).scalar() == "微信用户-1.csv"
        kept = connection.execute(select(import_answers.c.answers)).scalars().all()
    assert all(one["states"] == states for one in kept)


def test_what_was_said_about_files_and_their_names_lose_the_person(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    states = {f"{NAME}退": "void", "已核": "paid"}
    name = f"{NAME} {ID}.csv"
    importing(sqlite_store, name, ORDERS, answers=Answers(states=states), remember=True)
    forget_user(sqlite_store, ID, tmp_path / "models")
    with sqlite_store.read() as connection:
        assert connection.execute(select(imports.c.file)).scalar() == "… ….csv"
        kept = connection.execute(select(import_answers.c.answers)).scalars().all()
    assert all(one["states"]["已核"] == "paid" for one in kept)
    assert not any(NAME in str(one) for one in kept)


def test_a_launch_of_theirs_is_the_same_launch_in_a_later_file(
    shop: Store, models: Path, importing: Import
) -> None:
    forget_user(shop, ID, models)
    launches = [line for line in ORDERS.splitlines()[1:] if line.startswith("G2")]
    more = "G2,u9,九,团员,p1,拼团成功,已支付,2026-05-02 12:00:00,3"
    heading = ORDERS.splitlines()[0]
    importing(shop, "more.csv", "\n".join([heading, *launches, more]))
    assert participants(shop)["G2"] == ["u1", "u9"]
    logs = read_logs(shop)
    assert len(set(logs.users.index[logs.group_initiator]) - {"u1"}) == 1


def test_two_people_of_different_files_leave_two_seats(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    may = (
        "团号,用户id,角色,商品id,支付时间,成团人数\n"
        "G1,u1,团长,p1,2026-05-31 23:00:00,3\nG1,u2,团员,p1,2026-05-31 23:30:00,3\n"
    )
    june = "团号,用户id,商品id,支付时间,成团人数\nG1,u3,p1,2026-06-01 00:10:00,3\n"
    importing(sqlite_store, "may.csv", may)
    importing(sqlite_store, "june.csv", june)
    before = sizes(sqlite_store)
    assert before == {"G1": (2, SUCCESSFUL)}
    forget_user(sqlite_store, "u2", tmp_path / "models")
    forget_user(sqlite_store, "u3", tmp_path / "models")
    assert (sizes(sqlite_store), participants(sqlite_store)) == (before, {})
    importing(sqlite_store, "again.csv", may.replace("23:30", "23:31"))
    assert (sizes(sqlite_store), participants(sqlite_store)) == (before, {})


def test_somebody_whom_the_store_does_not_know_is_a_clear_error(shop: Store, models: Path) -> None:
    with pytest.raises(InputError, match="'nobody'"):
        forget_user(shop, "nobody", models)


def test_it_works_on_either_database(store: Store, importing: Import, tmp_path: Path) -> None:
    importing(store, "orders.csv", ORDERS)
    before = sizes(store)
    report = forget_user(store, ID, tmp_path / "models")
    assert sizes(store) == before
    assert report.on_server == (store.path is None)
    with store.read() as connection:
        for table in ("users", "user_facts", "import_errors", "declined_invitations", "imports"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert ID not in str(rows)
            assert NAME not in str(rows)


def test_while_somebody_reads_the_store_as_it_was_the_sentence_says_so(
    shop: Store, models: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "shop" / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM users").fetchone()[0] > 0
        report = forget_user(shop, ID, models)
        assert report.still_read
        assert "db.forget.still_read" in report.message.to_json()
    shop.close()
    Store.open(f"sqlite:///{tmp_path}/shop/store.db").close()
    assert traces(tmp_path / "shop") == []


def test_a_second_time_it_looks_for_traces_again(shop: Store, models: Path, tmp_path: Path) -> None:
    forget_user(shop, ID, models)
    (tmp_path / "shop" / "store.jobs" / "training" / "1").mkdir(parents=True)
    (tmp_path / "shop" / "store.jobs" / "training" / "1" / "log.txt").write_text(f"user {ID}")
    assert forget_user(shop, ID, models).again
    assert traces(tmp_path / "shop") == []


def test_it_waits_for_no_job_that_may_have_read_the_person(shop: Store, models: Path) -> None:
    assert shop.path is not None
    folder = shop.path.with_suffix(".jobs") / "import" / "1"
    folder.mkdir(parents=True)
    lock = FileLock.exclusive(folder / "lock", create=True)
    assert lock is not None
    with pytest.raises(InputError, match="under way"):
        forget_user(shop, ID, models)
    lock.release()
    forget_user(shop, ID, models)


_STEPS = ("write_forgotten", "remove_ended_imports", "rewrite_file", "empty_log")
_KILLED = """
import os, signal, sys
from pathlib import Path
import db.forget as forget
from db.store import Store

def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(forget, sys.argv[3], killed)
forget.forget_user(Store.open(sys.argv[1]), sys.argv[2], Path(sys.argv[4]))
"""


@pytest.mark.parametrize("step", _STEPS)
def test_a_kill_leaves_the_person_as_they_were_or_forgotten(
    shop: Store, models: Path, tmp_path: Path, step: str
) -> None:
    before, people = sizes(shop), participants(shop)
    url = f"sqlite:///{tmp_path}/shop/store.db"
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, url, ID, step, str(models)], check=False, env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    shop.close()
    store = Store.open(url)
    assert sizes(store) == before
    if step == "write_forgotten":
        assert participants(store) == people
        forget_user(store, ID, models)
    assert participants(store) == {"G1": ["u3"], "G2": ["u1"]}
    assert traces(tmp_path / "shop") == []
    store.close()


def test_the_command_names_backups_and_asks_nothing_without_a_terminal(
    shop: Store, models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.path is not None
    (shop.path.parent / "store.before-0010.db").write_bytes(b"")
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{shop.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(models))
    assert main(["forget-user", "nobody"]) == 2
    assert main(["forget-user", ID]) == 0
    said = capsys.readouterr()
    assert "store.before-0010.db" in said.out
    assert "'nobody'" in said.err
    assert main(["forget-user", ID]) == 0
    assert "forgotten before" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "left"), [("no\n", True), ("yes\n", False)])
def test_at_a_terminal_the_command_asks_first(
    shop: Store, models: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: bool
) -> None:
    class Terminal:
        """A person at a keyboard."""

        def isatty(self) -> bool:
            """It is one."""
            return True

        def readline(self) -> str:
            """What they type."""
            return answer

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{shop.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(models))
    assert main(["forget-user", ID]) == 0
    assert (ID in read_logs(shop).users.index) == left
