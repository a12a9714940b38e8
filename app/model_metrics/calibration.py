"""Whether a version's probabilities can be believed: its calibration, read from the manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

NORMAL = 1.96  # standard deviations to either side of a 95 % interval
CLOSE, ROUGH = 0.1, 0.25  # up to here chances can be taken at their word, or as roughly right

Grade = Literal["close", "rough", "order"]
Verdict = Literal["kept", "more", "less"]


@dataclass(frozen=True)
class Bin:
    """Candidates of about the same chance: the mean promised, how many came true, and of how many."""

    promised: float
    right: float
    size: float

    @property
    def observed(self) -> float:
        """The share that came true."""
        return self.right / self.size

    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, from how many came true (Byar's approximation of a Poisson count)."""
        more, low = self.right + 1, 0.0
        if self.right > 0:
            low = self.right * (1 - 1 / (9 * self.right) - NORMAL / (3 * sqrt(self.right))) ** 3
        high = more * (1 - 1 / (9 * more) + NORMAL / (3 * sqrt(more))) ** 3
        return max(low, 0.0) / self.size, min(high / self.size, 1.0)


@dataclass(frozen=True)
class Reliability:
    """One task's promises held against held-out groups."""

    error: float  # mean gap between promised and observed, relative to what was promised
    cases: int  # groups that it was fitted and checked on
    bins: Sequence[Bin]  # by ascending promise, each with as many right answers promised

    @property
    def grade(self) -> Grade:
        """Whether the chances can be taken at their word, as roughly right, or for their order alone."""
        return "close" if self.error <= CLOSE else "rough" if self.error <= ROUGH else "order"

    @property
    def verdict(self) -> Verdict:
        """Whether the highest chances were kept; that more or less came true is said beyond chance only."""
        low, high = self.bins[-1].interval()
        if low <= self.bins[-1].promised <= high:
            return "kept"
        return "more" if self.bins[-1].promised < low else "less"


def reliability(calibration: Mapping[str, Any], task: str) -> Reliability | None:
    """The task's part of ``manifest["calibration"]``; ``None`` where a version brings none, or no bins."""
    found = calibration.get(task, {})
    listed = [entry for entry in found.get("bins", []) if entry["promised"] > 0]
    sizes = [
        entry["right"] / entry["observed"] if entry["observed"] > 0 else None for entry in listed
    ]
    # Bins share what was promised evenly, which gives the size of one in which nothing came true.
    known = [
        size * entry["promised"]
        for size, entry in zip(sizes, listed, strict=True)
        if size is not None
    ]
    if not known:
        return None
    mass = sum(known) / len(known)
    bins = [
        Bin(entry["promised"], entry["right"], size or mass / entry["promised"])
        for size, entry in zip(sizes, listed, strict=True)
    ]
    return Reliability(found["reliability_error"], int(found["cases"]), bins)
