"""The figures that the paper prints (tables 2 and 3), and which of them cannot be."""

from functools import cache

import numpy as np

from train.benchmark.results import METRICS, Row

# Task I, then Task II, each in the order of METRICS.
TABLE_2 = {
    "NGCF": (0.5607, 0.6617, 0.2741, 0.4150, 0.3778, 0.5211, 0.1254, 0.2748),
    "EATNN": (0.5827, 0.6807, 0.2240, 0.3736, 0.3404, 0.4929, 0.0727, 0.2310),
    "LightGCN": (0.4518, 0.5181, 0.2957, 0.3383, 0.3128, 0.4179, 0.1264, 0.1105),
    "IMPGCN": (0.2067, 0.4183, 0.3106, 0.3225, 0.2984, 0.3672, 0.1195, 0.1216),
    "GBGCN": (0.5095, 0.6231, 0.2775, 0.4006, 0.3668, 0.5127, 0.1168, 0.2665),
    "J2PRec": (0.5625, 0.6547, 0.3114, 0.4374, 0.4319, 0.4827, 0.2511, 0.2762),
    "MGBR": (0.6401, 0.7292, 0.2876, 0.4501, 0.6484, 0.7327, 0.2877, 0.2406),
    "MAMGBR": (0.7696, 0.8268, 0.3480, 0.4897, 0.6877, 0.7411, 0.3570, 0.2874),
}
TABLE_3 = {
    "MAMGBR-M": (0.6321, 0.7143, 0.2916, 0.4523, 0.4089, 0.5872, 0.2180, 0.2695),
    "MAMGBR-MH": (0.5418, 0.6550, 0.1974, 0.3619, 0.3270, 0.4755, 0.1693, 0.2084),
    "MAMGBR-L": (0.4367, 0.4922, 0.2739, 0.3288, 0.2874, 0.3890, 0.1197, 0.1043),
}
ROUNDING = 5e-5  # printed with four digits


def paper_rows() -> list[Row]:
    """A row a printed figure: table, system, task, metric, value and whether it is ``impossible``."""
    rows = []
    for table, systems in ((2, TABLE_2), (3, TABLE_3)):
        for system, values in systems.items():
            for task, four in (("items", values[:4]), ("participants", values[4:])):
                for place, (metric, value) in enumerate(zip(METRICS, four, strict=True)):
                    mrr, ndcg = four[place // 2 * 2 : place // 2 * 2 + 2]
                    width = int(metric.split("@")[1])
                    rows.append(
                        {
                            "key": f"table {table}",
                            "table": table,
                            "system": system,
                            "task": task,
                            "metric": metric,
                            "value": value,
                            "impossible": not possible(mrr, ndcg, width),
                        }
                    )
    return rows


def possible(mrr: float, ndcg: float, width: int) -> bool:
    """Whether any ranking gives both means, with one right answer among ``width`` candidates.

    Each list adds a point (1/r, 1/log2(1+r)), r from 1 to ``width``, and the means lie within the hull of these points.
    """
    answers = [gain_bounds(mrr + shift, width) for shift in (-ROUNDING, ROUNDING)]
    low, high = min(low for low, _ in answers), max(high for _, high in answers)
    return low - ROUNDING <= ndcg <= high + ROUNDING


def gain_bounds(mrr: float, width: int) -> tuple[float, float]:
    """The least and the greatest mean NDCG that a mean reciprocal rank leaves.

    Both lie on a line between the points of two ranks.
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
    place = np.arange(1, width + 1)
    return 1 / place, 1 / np.log2(1 + place)
