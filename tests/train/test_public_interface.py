"""The public interface in memory: its docstrings are true, and it leaves nothing behind."""

import doctest
import subprocess
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import db.logs
import train.api
from db.errors import InputError
from db.logs import FAILED, OPEN, SUCCESSFUL, Logs


@pytest.mark.parametrize("module", [db.logs, train.api], ids=lambda module: module.__name__)
def test_docstrings_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_importing_the_interface_does_not_import_torch() -> None:
    code = "import sys, train.api; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def frames(**columns: list[object]) -> Logs:
    groups = pd.DataFrame({"initiator": ["ann", "bea"], "item": ["milk", "book"]} | columns)
    members = pd.DataFrame({"group": [1, 0, 1], "participant": ["dan", "bea", "cai"]})
    friends = pd.DataFrame({"user": ["bea", "ann", "ann"], "friend": ["ann", "bea", "eve"]})
    items = pd.DataFrame({"name": ["Milk powder"]}, index=["milk"])
    return Logs.from_frames(groups, members, friends, items=items)


def test_frames_become_positions_in_the_order_of_first_sight() -> None:
    logs = frames()
    assert list(logs.users.index) == ["ann", "bea", "dan", "cai", "eve"]
    assert list(logs.items.index) == ["milk", "book"]
    assert logs.items["name"].tolist()[0] == "Milk powder"
    assert logs.items["name"].isna().tolist() == [False, True]
    assert logs.group_initiator.tolist() == [0, 1]
    assert logs.join_group.tolist() == [0, 1, 1]
    assert logs.join_participant.tolist() == [1, 2, 3]
    assert logs.friendships.tolist() == [[0, 1], [0, 4]]  # each pair once
    assert logs.version == frames().version != frames(status=["open", "open"]).version


def test_a_failed_group_has_no_joins() -> None:
    logs = frames(status=["failed", "open"])
    assert logs.group_status.tolist() == [FAILED, OPEN]
    assert logs.join_group.tolist() == [1, 1]
    assert frames().group_status.tolist() == [SUCCESSFUL, SUCCESSFUL]


def test_launch_times_are_kept() -> None:
    logs = frames(launched_at=["2026-03-01 10:00", None])
    assert logs.group_launched_at[0] == np.datetime64("2026-03-01T10:00:00")
    assert np.isnat(logs.group_launched_at[1])


def test_what_is_wrong_with_a_frame_is_said() -> None:
    groups = pd.DataFrame({"initiator": ["ann"], "item": ["milk"]})
    nobody = pd.DataFrame({"group": [], "participant": []})
    with pytest.raises(InputError, match="'item' is missing"):
        Logs.from_frames(groups[["initiator"]], nobody)
    with pytest.raises(InputError, match="'done' is not the status of a group"):
        Logs.from_frames(groups.assign(status="done"), nobody)
    with pytest.raises(InputError, match="'7', which is not among the groups"):
        Logs.from_frames(groups, pd.DataFrame({"group": [7], "participant": ["bea"]}))
