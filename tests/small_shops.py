"""Logs small enough to count by hand, or to train on in a second."""

from dataclasses import replace

import numpy as np
import pandas as pd

from db.logs import FAILED, OPEN, SUCCESSFUL, Logs
from engine.model_settings import ModelSettings
from engine.presets import preset

# Names for the five-group shop.
ANN, BEA, CAI, DAN = range(4)
MILK, BOOK, WIPES = range(3)

# Settings that learn in a second; they fit the default preset and the demo's.
QUICK = (
    "epochs=1",
    "least_steps=1",
    "negatives=3",
    "folds=2",
    "taste_rank=8",
    "leaning_rank=8",
    "dim=8",
    "width=8",
    "heads=2",
    "hidden=8",
    "out=8",
    "batch=32",
    "validation=0.2",
    "validation_cap=40",
    "min_groups=1",
    "question=new",
)


def quick(*changes: str) -> ModelSettings:
    """A configuration that learns in a second."""
    return preset("default", [*QUICK, *changes])


def logs_of(
    users: int,
    items: int,
    groups: list[tuple[int, int, int, list[int]]],
    friends: list[tuple[int, int]] | None = None,
) -> Logs:
    """Logs of groups (initiator, item, status, participants)."""
    initiator, item, status, members = zip(*groups, strict=True)
    owner = np.repeat(np.arange(len(groups)), [len(joined) for joined in members])
    untimed = np.full(len(groups), "NaT", "datetime64[s]")
    return Logs(
        users=pd.DataFrame({"name": None}, index=[f"u{k}" for k in range(users)]),
        items=pd.DataFrame({"name": None}, index=[f"i{k}" for k in range(items)]),
        group_initiator=np.array(initiator, np.int32),
        group_item=np.array(item, np.int32),
        group_status=np.array(status, np.int8),
        group_launched_at=untimed,
        group_filled_at=untimed,
        group_expires_at=untimed,
        join_group=owner.astype(np.int32),
        join_participant=np.array([user for joined in members for user in joined], np.int32),
        join_at=np.full(len(owner), "NaT", "datetime64[s]"),
        friendships=np.array(friends or [], np.int32).reshape(-1, 2),
        version="small",
    )


def five_groups() -> Logs:
    """Ann launches milk twice and book, Bea joins all three, Cai one; Cai fails with wipes; Dan has wipes open.

    Ann and Dan are declared friends.
    """
    return logs_of(
        4,
        3,
        [
            (ANN, MILK, SUCCESSFUL, [BEA]),
            (ANN, MILK, SUCCESSFUL, [BEA, CAI]),
            (ANN, BOOK, SUCCESSFUL, [BEA]),
            (CAI, WIPES, FAILED, []),
            (DAN, WIPES, OPEN, [BEA]),
        ],
        [(ANN, DAN)],
    )


def random_shop(
    seed: int = 0, users: int = 60, items: int = 40, groups: int = 260, repeat: bool = True
) -> Logs:
    """Two crowds with a taste each: launches and joins follow the crowd, now and then not."""
    rng = np.random.default_rng(seed)
    weight = 1 / np.arange(1, items + 1)
    made: list[tuple[int, int, int, list[int]]] = []
    launched = set()
    while len(made) < groups:
        who = int(rng.integers(0, users))
        crowd = np.arange(items) % 2 == who % 2
        chance = weight * np.where(crowd, 1.0, 0.1)
        what = int(rng.choice(items, p=chance / chance.sum()))
        if not repeat and (who, what) in launched:
            continue
        launched.add((who, what))
        status = int(rng.choice([SUCCESSFUL, FAILED, OPEN], p=[0.75, 0.2, 0.05]))
        size = 0 if status == FAILED else int(rng.integers(1, 3))
        near = [user for user in range(users) if user != who and user % 2 == who % 2]
        made.append((who, what, status, sorted(rng.choice(near, size, replace=False).tolist())))
    pairs = {tuple(sorted(pair)) for pair in rng.integers(0, users, (users // 2, 2)).tolist()}
    return logs_of(users, items, made, [(a, b) for a, b in sorted(pairs) if a != b])


def renamed(logs: Logs, users: np.ndarray, items: np.ndarray) -> Logs:
    """The same logs with user k at position ``users[k]`` and item k at position ``items[k]``."""
    return replace(
        logs,
        group_initiator=users[logs.group_initiator].astype(np.int32),
        group_item=items[logs.group_item].astype(np.int32),
        join_participant=users[logs.join_participant].astype(np.int32),
        friendships=users[logs.friendships].astype(np.int32),
    )
