"""Open groups by what is left of their time. Pure functions of the groups and of a moment.

Logs speak of the moment at which they were exported, and a group that was open then may have closed
since. So the moment from which time is counted is chosen and said: now, or where the logs end.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Clock = Literal["now", "logs"]
Order = Literal["deadline", "missing", "chance"]

FRESH = pd.Timedelta(days=7)  # logs that end longer ago are a picture of the past
SOON = pd.Timedelta(hours=6)


@dataclass(frozen=True)
class Split:
    """The open groups at a moment. Those still running or expired have a column ``left`` more: the
    time until the deadline, negative after it, missing where there is none.
    """

    running: pd.DataFrame  # short of members, or of unknown size
    expired: pd.DataFrame  # short of members when their time was up
    full: int  # have all their members: nobody needs to be invited

    @property
    def soon(self) -> int:
        """How many of the running ones end within ``SOON``."""
        return int((self.running["left"] <= SOON).sum())

    @property
    def one_short(self) -> int:
        """How many of the running ones need one more member."""
        return int((self.running["missing"] == 1).sum())


def usual_clock(groups: pd.DataFrame, last: pd.Timestamp | None, now: pd.Timestamp) -> Clock:
    """From when to count where nobody has chosen.

    Now, where the logs are fresh or some group still runs; else the end of the logs, so that old
    logs, a demo's among them, show more than expired groups.

    Args:
        groups: The open groups, see ``db.open_groups``.
        last: When the latest group of the logs was launched; ``None`` where no times are known.
        now: The moment of the visit on the shop's clock.

    """
    if last is None or now - last <= FRESH or (groups["expires_at"] > now).any():
        return "now"
    return "logs"


def split(groups: pd.DataFrame, moment: pd.Timestamp) -> Split:
    """The open groups as they are at ``moment``; one without a deadline never expires."""
    # What has no known size may be short of members: unknown is not full.
    short = groups[(groups["missing"] != 0).fillna(True).astype(bool)]
    short = short.assign(left=short["expires_at"] - moment)
    expired = short["left"] <= pd.Timedelta(0)
    return Split(short[~expired], short[expired], len(groups) - len(short))


def ordered(running: pd.DataFrame, order: Order) -> pd.DataFrame:
    """The nearest deadline first, or the fewest missing members first and then the deadline.

    By chance they come by deadline as well: the chances are asked of the model afterwards.
    """
    columns = ["missing", "left"] if order == "missing" else ["left", "missing"]
    return running.sort_values(columns, kind="stable", na_position="last")
