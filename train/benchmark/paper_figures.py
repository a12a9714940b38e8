"""The figures that the paper prints in tables 2 and 3, and which of them no ranking can give."""

from functools import cache

import numpy as np

from engine.benchmark.comparison import SAMPLED_METRICS
from engine.benchmark.records import PaperRecord

# In the order of SAMPLED_METRICS: Task I, then Task II.
TABLES = {
    2: {
        "NGCF": (0.5607, 0.6617, 0.2741, 0.4150, 0.3778, 0.5211, 0.1254, 0.2748),
        "EATNN": (0.5827, 0.6807, 0.2240, 0.3736, 0.3404, 0.4929, 0.0727, 0.2310),
        "LightGCN": (0.4518, 0.5181, 0.2957, 0.3383, 0.3128, 0.4179, 0.1264, 0.1105),
        "IMPGCN": (0.2067, 0.4183, 0.3106, 0.3225, 0.2984, 0.3672, 0.1195, 0.1216),
        "GBGCN": (0.5095, 0.6231, 0.2775, 0.4006, 0.3668, 0.5127, 0.1168, 0.2665),
        "J2PRec": (0.5625, 0.6547, 0.3114, 0.4374, 0.4319, 0.4827, 0.2511, 0.2762),
        "MGBR": (0.6401, 0.7292, 0.2876, 0.4501, 0.6484, 0.7327, 0.2877, 0.2406),
        "MAMGBR": (0.7696, 0.8268, 0.3480, 0.4897, 0.6877, 0.7411, 0.3570, 0.2874),
    },
    3: {
        "MAMGBR-M": (0.6321, 0.7143, 0.2916, 0.4523, 0.4089, 0.5872, 0.2180, 0.2695),
        "MAMGBR-MH": (0.5418, 0.6550, 0.1974, 0.3619, 0.3270, 0.4755, 0.1693, 0.2084),
        "MAMGBR-L": (0.4367, 0.4922, 0.2739, 0.3288, 0.2874, 0.3890, 0.1197, 0.1043),
    },
}
ROUNDING = 5e-5  # printed with four digits


def paper_records() -> list[PaperRecord]:
    """A record for each printed figure."""
    return [
        PaperRecord(
            key=f"table {number}",
            table=number,
            system=system,
            task=metric.task,
            metric=metric,
            value=values[place],
            impossible=not possible(
                values[place - place % 2], values[place - place % 2 + 1], metric.k or 0
            ),
        )
        for number, table in TABLES.items()
        for system, values in table.items()
        for place, metric in enumerate(SAMPLED_METRICS)
    ]


def possible(mrr: float, ndcg: float, width: int) -> bool:
    """Whether any ranking gives both means, with one right answer among ``width`` candidates.

    Each list adds a point (1/r, 1/log2(1+r)) for its rank r from 1 to ``width``, so the means lie in the hull of these
    points.
    """
    bounds = [ndcg_bounds(mrr + shift, width) for shift in (-ROUNDING, ROUNDING)]
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    return low - ROUNDING <= ndcg <= high + ROUNDING


def ndcg_bounds(mrr: float, width: int) -> tuple[float, float]:
    """The least and the greatest mean NDCG that go with a mean reciprocal rank.

    Each lies on a line between the points of two ranks.
    """
    rank, gain = _points(width)
    mrr = float(np.clip(mrr, rank[-1], rank[0]))
    upper, lower = np.triu_indices(width, 1)
    between = (rank[lower] <= mrr) & (mrr <= rank[upper])
    upper, lower = upper[between], lower[between]
    share = (mrr - rank[lower]) / (rank[upper] - rank[lower])
    mixed = share * gain[upper] + (1 - share) * gain[lower]
    return float(mixed.min()), float(mixed.max())


@cache
def _points(width: int) -> tuple[np.ndarray, np.ndarray]:
    rank = np.arange(1, width + 1)
    return 1 / rank, 1 / np.log2(1 + rank)
