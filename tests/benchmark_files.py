"""Small results in the format of ``engine.benchmark.records``, with values that are easy to recognise."""

import json
from pathlib import Path

METRICS = ("mrr@10", "ndcg@10")
AT = "2026-11-24T10:00:00+00:00"


def figure(value, lists=100):
    return {"value": value, "low": value - 0.01, "high": value + 0.01, "lists": lists}


def run(system, value, protocol="sampled", seed=0, at=AT, **more):
    """A row a task and metric: ``value`` for items' MRR, 0.1 more for NDCG, 0.2 less for participants."""
    rows = []
    for task, shift in (("items", 0.0), ("participants", -0.2)):
        for metric in METRICS:
            level = value + shift + (0.1 if metric.startswith("ndcg") else 0.0)
            rows.append(
                {
                    "system": system,
                    "task": task,
                    "metric": metric,
                    **figure(level),
                    "cold": figure(level - 0.05, 7),
                    "warm": figure(level + 0.01, 93),
                    "seconds": 0.2 if system == "popularity" else 95.0,
                    "seconds_scoring": 1.5,
                    "peak_mib": 2048 if system == "mamgbr" else 216,
                    "device": "cpu",
                    "adaptation": "",
                    "settings": {},
                    "key": f"{system}-{protocol}-{seed}-{at}",
                    "protocol": protocol,
                    "seed": seed,
                    "test_groups": 1000,
                    "training_groups": 25000,
                    "data_version": "abc",
                    "code_version": "def",
                    "measured_at": at,
                    "command": "python -m train benchmark --systems all",
                    **more,
                }
            )
    return rows


def full_run(system, coverage, fame):
    """A full ranking's coverage and popularity, and one metric of how right it is."""
    rows = []
    for row in run(system, 0.3 + coverage, protocol="full"):
        if row["metric"] == "mrr@10":
            nothing = {"low": None, "high": None}
            rows += [
                row | {"metric": "recall@10"},
                row | {"metric": "coverage@10", "value": coverage, **nothing},
                row | {"metric": "popularity@10", "value": fame},
            ]
    return rows


def differences(over, value, protocol="sampled", seed=0, at=AT):
    """A paired difference a task and metric: ``value`` for items, half of it for participants; certain above 0.01."""
    return [
        {
            "key": f"{over}-{protocol}-{seed}-{at}",
            "system": "mamgbr",
            "over": over,
            "protocol": protocol,
            "seed": seed,
            "test_groups": 1000,
            "data_version": "abc",
            "task": task,
            "metric": metric,
            **figure(value * share),
        }
        for task, share in (("items", 1.0), ("participants", 0.5))
        for metric in METRICS
    ]


def printed(system, value, impossible=False):
    return [
        {
            "key": "table 2",
            "table": 2,
            "system": system,
            "task": task,
            "metric": metric,
            "value": value,
            "impossible": impossible and task == "participants",
        }
        for task in ("items", "participants")
        for metric in METRICS
    ]


def sweep(param, values, seed=0, settings=None):
    """A setting whose figures are given by value."""
    return [
        {
            "param": param,
            "setting": setting,
            "preset": "default",
            "seed": seed,
            "task": task,
            "metric": "mrr@10",
            **figure(value),
            "key": f"{param}-{setting}-{seed}",
            "validation_groups": 500,
            "training_groups": 25000,
            "data_version": "abc",
            "seconds": 60.0,
            "peak_mib": 900,
            "device": "cpu",
            "settings": settings or {},
            "best_epoch": 1,
            "measured_at": AT,
            "code_version": "def",
            "command": "python -m train sweep",
        }
        for setting, value in values.items()
        for task in ("items", "participants")
    ]


def write(path: Path, rows) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path
