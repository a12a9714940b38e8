"""Whether knowing time beats not knowing it in the demo shop, by plain counts.

    python -m benchmarks.demo_over_time [--seeds 1,2,3,7] [--users 3000] [--until 2025-06-30]

The launches of the last 30 days are forecast from those before: each launched item is ranked among 99 others that were
on sale at that moment, once by how often it had been launched at all, and once by counts that halve every 30, 60 and
90 days. Prints, for each seed, the mean reciprocal ranks (ties share the mean of their ranks; chance is .052) and what
the launches consist of: repeats of an item by the same initiator, and items that nobody had launched before those 30
days. What is forecast are successful and open groups; failed ones count among what is known. Nothing is stored.
"""

import argparse
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.demo.generate import CLOSING, draw_demo
from db.importing.staged import StagedLogs
from db.logs import FAILED

FORECAST = 30 * 86400  # seconds at the end of the logs
HALF_LIVES = (30, 60, 90)  # days
OTHERS = 99


@dataclass(frozen=True)
class OverTime:
    """What counts say about the launches of the last 30 days, and what those consist of."""

    launches: int
    repeats: float  # share
    new: float  # share of items that nobody had launched before
    of_all_time: float  # mean reciprocal rank
    halving: dict[int, float]  # half-life in days -> mean reciprocal rank


def over_time(logs: StagedLogs, end: int, seed: int = 0) -> OverTime:
    """The forecasts of the 30 days before ``end``, in seconds on the shop's clock."""
    cut, stands = end - FORECAST, logs.status != FAILED
    known = np.flatnonzero(logs.launched_at < cut)
    asked = np.flatnonzero((logs.launched_at >= cut) & stands)
    items = len(logs.items)
    candidates = _candidates(logs, asked, np.random.default_rng(seed))
    counts = np.bincount(logs.item[known], minlength=items).astype(float)
    days = (cut - logs.launched_at[known]) / 86400
    halving = {
        half_life: _mean_reciprocal_rank(
            np.bincount(logs.item[known], 0.5 ** (days / half_life), items)[candidates]
        )
        for half_life in HALF_LIVES
    }
    return OverTime(
        launches=len(asked),
        repeats=float(_repeats(logs, stands)[asked].mean()),
        new=float((counts[logs.item[asked]] == 0).mean()),
        of_all_time=_mean_reciprocal_rank(counts[candidates]),
        halving=halving,
    )


def _candidates(
    logs: StagedLogs, asked: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """[n, 1 + OTHERS] the launched item, and others on sale when it was launched."""
    facts = [logs.item_attributes[item] for item in range(len(logs.items))]
    begins = np.array([fact.on_sale_from for fact in facts])
    ends = np.array([fact.on_sale_until or np.iinfo(np.int64).max for fact in facts])
    rows = []
    for item, at in zip(logs.item[asked], logs.launched_at[asked], strict=True):
        on_sale = np.flatnonzero((begins <= at) & (at < ends) & (np.arange(len(facts)) != item))
        rows.append([item, *rng.choice(on_sale, OTHERS, replace=False)])
    return np.array(rows)


def _repeats(logs: StagedLogs, stands: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[G] which groups launch what their initiator launched before."""
    pair = logs.initiator.astype(np.int64) * len(logs.items) + logs.item
    standing = np.flatnonzero(stands)
    first = standing[np.unique(pair[standing], return_index=True)[1]]
    repeats = stands.copy()
    repeats[first] = False
    return repeats


def _mean_reciprocal_rank(scores: NDArray[np.float64]) -> float:
    """Of the first candidate of each row."""
    better = (scores[:, 1:] > scores[:, :1]).sum(1)
    equal = (scores[:, 1:] == scores[:, :1]).sum(1)
    return float(np.mean(1 / (1 + better + equal / 2)))


def main() -> None:
    """Prints a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", default="1,2,3,7")
    parser.add_argument("--users", type=int, default=3000)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2025, 6, 30))
    options = parser.parse_args()
    now = pd.Timestamp.combine(options.until, CLOSING)
    halving = "".join(f"{f'{days} d':>8}" for days in HALF_LIVES)
    print(f"{'seed':>4}{'launches':>10}{'repeats':>9}{'new':>8}{'all time':>10}{halving}")
    for seed in map(int, options.seeds.split(",")):
        logs = draw_demo(options.users, seed, "en", now)
        found = over_time(logs, int(now.timestamp()))
        values = "".join(f"{found.halving[days]:>8.3f}" for days in HALF_LIVES)
        print(
            f"{seed:>4}{found.launches:>10,}{found.repeats:>9.1%}{found.new:>8.1%}"
            f"{found.of_all_time:>10.3f}{values}"
        )


if __name__ == "__main__":
    main()
