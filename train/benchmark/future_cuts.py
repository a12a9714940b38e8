"""The cuts of the protocol future: whole days, given or spread over the logs."""

from collections.abc import Sequence

import numpy as np

from db.errors import DataError, SettingError
from db.logs import Logs
from train.benchmark.future import WINDOW
from train.evaluate.splits import YEAR, has_times

MOST_CUTS = 4
THIRTEEN_WEEKS = np.timedelta64(91, "D")


def read_cuts(text: str) -> list[np.datetime64]:
    """The days of ``2023-01-01,2024-01-01``, in order; none for an empty text. Raises SettingError for other texts."""
    try:
        days = {np.datetime64(part.strip(), "D") for part in text.split(",") if text.strip()}
    except ValueError:
        raise SettingError("train.benchmark.bad_cuts", value=text) from None
    if any(np.isnat(day) for day in days):
        raise SettingError("train.benchmark.bad_cuts", value=text)
    return sorted(days)


def cuts_of_logs(logs: Logs, given: Sequence[np.datetime64] = ()) -> list[np.datetime64]:
    """The ``given`` cuts, else as many as the logs allow, at most four, in order.

    The last leaves 90 days. They are a year apart where each has a year before it and there are several, else 13 weeks
    apart, with a year before each, or half of the logs where these are short. Raises DataError where the logs have no
    times, or are too short for any.
    """
    if not has_times(logs.group_launched_at):
        raise DataError("train.benchmark.no_times")
    if given:
        return list(given)
    launched = logs.group_launched_at[~np.isnat(logs.group_launched_at)].astype("datetime64[D]")
    first, end = launched.min(), launched.max() + np.timedelta64(1, "D")
    last = end - WINDOW.astype("timedelta64[D]")
    year = YEAR.astype("timedelta64[D]")
    earliest = first + min(year, (end - first) // 2)
    cuts = _back_from(last, year, earliest)
    if len(cuts) < 2:
        cuts = _back_from(last, THIRTEEN_WEEKS, earliest)
    if not cuts:
        raise DataError("train.benchmark.too_short_for_cuts")
    return cuts


def _back_from(
    last: np.datetime64, step: np.timedelta64, earliest: np.datetime64
) -> list[np.datetime64]:
    cuts = [last - back * step for back in range(MOST_CUTS)]
    return sorted(cut for cut in cuts if cut >= earliest)
