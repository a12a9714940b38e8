"""When the items of the demo shop come and go. Days count from the first day of the logs."""

from collections.abc import Iterator

import numpy as np

from db.demo import rates
from db.demo.product_lines import Line

NEVER = 10_000  # a day that does not come
_LATEST = rates.DAYS - 6  # the last days have arrivals of their own
_GOLDEN = 0.618034


class SaleDates:
    """Draws the dates of one product after another, so that arrivals are spread over all months."""

    def __init__(self, rng: np.random.Generator, first_day: np.datetime64) -> None:
        self._rng = rng
        self._days = first_day + np.arange(-365, rates.DAYS + 60)
        self._lasting, self._fashion = spread(rng), spread(rng)

    def draw(self, line: Line) -> tuple[int, int]:
        """The first day on sale, and the first day on which it is no longer on sale, NEVER if that is open."""
        begins, ends = _LATEST, NEVER
        while begins >= _LATEST or ends < 20:
            if line.height is not None:
                begins, ends = self._seasonal(line.height)
            elif line.lasting:
                begins, ends = self._standing()
            else:
                begins = int(
                    -rates.FASHION_DAYS[1] + next(self._fashion) * (_LATEST + rates.FASHION_DAYS[1])
                )
                ends = begins + int(self._rng.integers(*rates.FASHION_DAYS))
        return begins, NEVER if ends > rates.DAYS + 30 else ends  # the shop does not know that yet

    def _seasonal(self, height: int) -> tuple[int, int]:
        day = int(self._rng.choice(self._heights(height)))
        ends = day + int(self._rng.integers(*rates.SEASONAL_AFTER))
        begins = day - int(self._rng.integers(*rates.SEASONAL_BEFORE))
        return begins, NEVER if self._rng.random() < rates.CARRIED else ends

    def _standing(self) -> tuple[int, int]:
        comes, goes = self._rng.random(2) < (rates.LASTING_ARRIVE, rates.LASTING_GO)
        begins = int(next(self._lasting) * _LATEST) if comes else -int(self._rng.integers(30, 600))
        ends = max(begins, 0) + int(self._rng.integers(60, rates.DAYS))
        return begins, ends if goes else NEVER

    def _heights(self, day_of_year: int) -> list[int]:
        """The days of the logs, and of the year before, that are the height of the season."""
        january = self._days.astype("datetime64[Y]").astype("datetime64[D]")
        return (np.flatnonzero((self._days - january).astype(int) == day_of_year) - 365).tolist()


def spread(rng: np.random.Generator) -> Iterator[float]:
    """Numbers from 0 to 1 that fill the interval evenly, however many are drawn (the golden ratio's sequence)."""
    value = rng.random()
    while True:
        value = (value + _GOLDEN) % 1
        yield value
