"""How well an item's track record forecasts whether its next group succeeds.

    python -m benchmarks.track_record [--groups 10000] [--seed 0]

Closed groups, successful and failed ones alike, are kept apart at random from the store that the settings name. Track
records of the others then forecast them. Prints the area under the ROC curve, the log loss, the same for the shop's
base rate alone, and for each tenth of the groups by their forecast: how many, the mean forecast, the share that
succeeded. Only reads the store.
"""

import argparse

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from db.logs import FAILED, SUCCESSFUL, Logs
from db.read_logs import read_logs
from db.store import Store
from engine.track_record import smoothed_rate
from train.random_keys import Purpose, generator

BINS = 10


def forecasts(logs: Logs, groups: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Forecasts and outcomes [n] of groups kept apart, and the base rate of the others."""
    closed = np.flatnonzero(np.isin(logs.group_status, (SUCCESSFUL, FAILED)))
    apart = np.zeros(len(closed), bool)
    apart[generator(Purpose.KEPT_ASIDE, seed).permutation(len(closed))[:groups]] = True
    item, succeeded = logs.group_item[closed], logs.group_status[closed] == SUCCESSFUL
    known = np.bincount(item[~apart], minlength=len(logs.items)).astype(np.float64)
    successes = np.bincount(item[~apart], succeeded[~apart], minlength=len(logs.items))
    base_rate = float(succeeded[~apart].mean())
    rates = smoothed_rate(successes, known, base_rate)
    return rates[item[apart]], succeeded[apart], base_rate


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--groups", type=int, default=10_000, help="how many to keep apart (10000)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logs = read_logs(Store.open())
    rates, succeeded, base_rate = forecasts(logs, options.groups, options.seed)
    print(f"data version {logs.version}, {len(rates):,} groups apart, seed {options.seed}")
    print(f"base rate {base_rate:.4f}, succeeded {succeeded.mean():.4f}")
    print(f"AUC {roc_auc_score(succeeded, rates):.4f}")
    print(f"log loss {log_loss(succeeded, rates):.4f}")
    print(
        f"log loss of the base rate alone {log_loss(succeeded, np.full(len(rates), base_rate)):.4f}"
    )
    print(f"{'groups':>8}{'from':>9}{'to':>9}{'forecast':>10}{'succeeded':>11}")
    for part in np.array_split(np.argsort(rates, kind="stable"), BINS):
        low, high = rates[part].min(), rates[part].max()
        mean, came = rates[part].mean(), succeeded[part].mean()
        print(f"{len(part):>8,}{low:>9.4f}{high:>9.4f}{mean:>10.4f}{came:>11.4f}")


if __name__ == "__main__":
    main()
