"""A shop with times in which what the protocol future asks can be told by looking."""

import numpy as np
import pandas as pd

from db.logs import Logs

CUT = np.datetime64("2025-01-01", "D")
START = pd.Timestamp("2023-06-01")


def launch(when, who, what, joined, filled=None, **more):
    """A group; it fills at its launch unless told otherwise."""
    return {
        "launched_at": pd.Timestamp(when),
        "initiator": who,
        "item": what,
        "joined": joined,
        "filled_at": pd.Timestamp(filled or when),
        **more,
    }


def shop(*launches, before=120, items=None) -> Logs:
    """``before`` groups from 1 June 2023 on, four days apart, then these launches.

    Six initiators u0 to u5 launch items i0 to i8 in turn and p0 to p6 join in turn.
    """
    rows = [
        launch(START + pd.Timedelta(days=4 * k), f"u{k % 6}", f"i{k % 9}", [f"p{k % 7}"])
        for k in range(before)
    ]
    rows += launches
    groups = pd.DataFrame(rows, index=[f"g{k}" for k in range(len(rows))])
    if "status" in groups:
        groups["status"] = groups["status"].fillna("successful")
    members = [(id, who) for id, joined in groups["joined"].items() for who in joined]
    return Logs.from_frames(
        groups.drop(columns="joined"),
        pd.DataFrame(members, columns=["group", "participant"]),
        items=items,
    )
