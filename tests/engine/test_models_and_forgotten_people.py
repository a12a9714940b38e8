"""A trained model goes on without the id of a person who was forgotten, and a kill leaves it whole."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from shops import TinyShop

from db.forget import forget_user
from db.forgetting.people import UNNAMED
from engine.loading import load_bundle

LAUNCHED, JOINED = "ann", "bea"  # what they did in the tiny shop


def lists(folder: Path) -> list[str]:
    """The names of the files with the ids of users."""
    return [path.name for path in folder.glob("users*")]


def test_the_model_still_verifies_and_scores_by_position(tiny_shop: TinyShop) -> None:
    before = load_bundle(tiny_shop.folder, 1)
    place = before.users.position(LAUNCHED)
    report = forget_user(tiny_shop.store, LAUNCHED, tiny_shop.models)
    assert report.models.rewritten == (tiny_shop.folder.name,)
    after = load_bundle(tiny_shop.folder, 1)
    assert after.users.ids[place].startswith(UNNAMED)
    assert [id for id in after.users.ids if id not in before.users.ids] == [after.users.ids[place]]
    assert after.manifest.canaries == before.manifest.canaries
    assert len(lists(tiny_shop.folder)) == 1
    for path in tiny_shop.folder.iterdir():
        assert f'"{LAUNCHED}"'.encode() not in path.read_bytes()


@pytest.mark.parametrize("id", [LAUNCHED, JOINED])
def test_a_forgotten_person_is_in_no_list(tiny_shop: TinyShop, id: str) -> None:
    forget_user(tiny_shop.store, id, tiny_shop.models)
    recommender = tiny_shop.open()
    for initiator in ("cai", "dan"):
        ranked = recommender.rank_participants(initiator, "milk", 100)
        people = {one.id for one in ranked.results}
        assert id not in people
        assert not any(one.startswith(UNNAMED) for one in people)


_KILLED = """
import os, signal, sys
from pathlib import Path
import db.models.bundle_ids as ids
from db.forget import forget_user
from db.store import Store

left = [int(sys.argv[3])]

def counted(call):
    def run(*args, **kwargs):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return call(*args, **kwargs)
    return run

ids.write_atomically = counted(ids.write_atomically)
Path.unlink = counted(Path.unlink)
forget_user(Store.open(sys.argv[1]), sys.argv[4], Path(sys.argv[2]))
"""


@pytest.mark.parametrize("steps", [1, 2])
def test_a_kill_leaves_a_whole_model(tiny_shop: TinyShop, steps: int) -> None:
    url = tiny_shop.store.url.render_as_string()
    arguments = [url, str(tiny_shop.models), str(steps), LAUNCHED]
    done = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    load_bundle(tiny_shop.folder, 1)
    type(tiny_shop.store).open(url).close()  # completes what was begun
    users = load_bundle(tiny_shop.folder, 1).users.ids
    assert LAUNCHED not in users
    assert lists(tiny_shop.folder) == [
        json.loads((tiny_shop.folder / "manifest.json").read_text())["id_maps"]["users"]
    ]
