"""The speed of serving: ranking, explaining, loading, memory, and a yardstick of the machine.

    python benchmarks/serving_speed.py [--model VERSION] [--queries N] [--json]

Uses the store and the models that the settings name. The yardstick is one vector times the vectors
of all candidates, the least that any ranking could do: timings of different machines compare as
multiples of it.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from db.logs import Task
from db.queries.entities import random_initiators
from db.store import Store
from engine.recommender import Recommender

WIDTH = 64  # of the yardstick's vectors
TARGETS = {  # in seconds, on 2 cores without a GPU at 190,080 users and 30,782 items
    "rank all items": 0.05,
    "rank all participants": 0.3,
    "load and first answer": 3.0,
}


def main() -> int:
    """Measures and prints a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", help="a model version (default: the one that serves)")
    parser.add_argument("--queries", type=int, default=50, help="initiators to rank for (50)")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()
    store = Store.open()
    initiators = [person.id for person in random_initiators(store, options.queries, seed=11)]
    if not initiators:
        print("error: the store holds no groups to ask about.", file=sys.stderr)
        return 2
    began = time.perf_counter()
    recommender = Recommender.open(store, options.model)
    opened = time.perf_counter() - began
    first = recommender.rank_items(initiators[0])
    answered = time.perf_counter() - began
    people = recommender.rank_participants(initiators[0], first.results[0].id)
    both = time.perf_counter() - began
    items = {id: recommender.rank_items(id).results[0].id for id in initiators}
    times = {
        "rank all items": _times(recommender.rank_items, [(id,) for id in initiators]),
        "rank all participants": _times(recommender.rank_participants, list(items.items())),
        "explain an item": _times(recommender.explain, list(items.items())),
        "explain item and participant": _times(
            recommender.explain,
            [(id, item, people.results[0].id) for id, item in items.items()],
        ),
        "yardstick: items": _yardstick(recommender.scorer(Task.ITEMS).size, options.queries),
        "yardstick: users": _yardstick(recommender.scorer(Task.PARTICIPANTS).size, options.queries),
    }
    figures = {
        "model": recommender.version,
        "provider": recommender.scorer(Task.ITEMS).head.provider,
        "items": first.candidates,
        "users": people.candidates,
        "seconds": {
            "open": opened,
            "load and first answer": answered,
            "load and first answers of both tasks": both,
        }
        | {
            name: {"p50": float(np.percentile(found, 50)), "p95": float(np.percentile(found, 95))}
            for name, found in times.items()
        },
        "memory_mb": {
            "now": psutil.Process().memory_info().rss / 2**20,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        },
    }
    print(json.dumps(figures) if options.json else _table(figures))
    return 0


def _times(call: Callable[..., object], arguments: list[tuple[str, ...]]) -> list[float]:
    """Seconds of each call, after a first one that is not counted."""
    call(*arguments[0])
    found = []
    for words in arguments:
        began = time.perf_counter()
        call(*words)
        found.append(time.perf_counter() - began)
    return found


def _yardstick(candidates: int, repeats: int) -> list[float]:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((candidates, WIDTH), np.float32)
    vector = rng.standard_normal(WIDTH, np.float32)
    with threadpool_limits(
        1
    ):  # waiting for each other would take its threads longer than the product
        return _times(lambda: table @ vector, [()] * repeats)


def _table(figures: dict) -> str:
    lines = [
        f"{figures['model']} on {figures['provider']}: "
        f"{figures['items']:,} items, {figures['users']:,} participants",
        f"{'':<38}{'p50':>12}{'p95':>12}{'target':>12}",
    ]
    for name, found in figures["seconds"].items():
        shown = list(found.values()) if isinstance(found, dict) else [found, None]
        shown.append(TARGETS.get(name))
        cells = "".join("            " if v is None else f"{1000 * v:>9.1f} ms" for v in shown)
        lines.append(f"{name:<38}{cells}".rstrip())
    memory = figures["memory_mb"]
    lines.append(f"memory {memory['now']:.0f} MB, peak {memory['peak']:.0f} MB")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
