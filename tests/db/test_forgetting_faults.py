"""Whatever call fails or kills a forgetting: the person is there as before, or in no file after the next opening."""

import shutil
from pathlib import Path

import pytest
from faults import CALLS, FULL_DISK, KILL, Ending, every_fault
from forgetting import ID, participants, sizes, traces
from forgetting import models as models  # a fixture
from forgetting import shop as shop  # a fixture

from db.forget import forget_user
from db.store import Store

STEP_OF_WRITES = 30  # a forgetting writes many of SQLite's pages

pytestmark = pytest.mark.slow


def forget(url: str, models: str) -> None:
    store = Store.open(url)
    forget_user(store, ID, Path(models))
    store.close()


@pytest.mark.parametrize("effect", [FULL_DISK, KILL])
@pytest.mark.parametrize("call", [*CALLS, "rmdir"])
def test_any_call_of_a_forgetting_may_fail_or_kill_it(
    call: str, effect: str, shop: Store, models: Path, tmp_path: Path
) -> None:
    before, people = sizes(shop), participants(shop)
    shop.close()
    folder, kept = tmp_path / "shop", tmp_path / "kept"
    folder.rename(kept)
    url, arguments = f"sqlite:///{folder}/store.db", (f"sqlite:///{folder}/store.db", str(models))

    def fresh() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept, folder)

    def check(nth: int, ending: Ending) -> None:
        Store.open(url).close()  # whoever opens it next completes what was begun
        store = Store.open(url)
        assert sizes(store) == before
        left = traces(folder)
        if participants(store) == people:
            assert not ending.succeeded, nth
            forget_user(store, ID, models)
            left = traces(folder)
        assert participants(store) == {"G1": ["u3"], "G2": ["u1"]}, nth
        assert left == [], (nth, ending)
        store.close()

    step = STEP_OF_WRITES if call == "pwrite64" else 1
    for nth, ending in every_fault(call, effect, fresh, forget, *arguments, step=step):
        check(nth, ending)
