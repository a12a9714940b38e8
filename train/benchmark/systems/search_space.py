"""Where the settings of a system are searched: a domain for each setting, and whether a value lies at its end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

EDGE = 0.04  # share of a range that counts as its end


class Suggests(Protocol):
    """What a domain needs of an Optuna trial."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = ...) -> float:
        """A number of the range."""

    def suggest_int(self, name: str, low: int, high: int) -> int:
        """A whole number of the range, ends included."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of the choices."""


class Domain(Protocol):
    """The values that a setting may take."""

    def suggest(self, trial: Suggests, name: str) -> Any:
        """The value of this trial."""

    def parameter(self, value: Any) -> Any:
        """The number or choice that Optuna knows a value by."""

    def end(self, value: Any) -> str:
        """Names the end, low or high, that the value lies at where something better may lie beyond it; else nothing."""


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``; nothing lies beyond the ends named in ``closed``."""

    low: float
    high: float
    log: bool = False
    closed: Sequence[str] = ()

    def suggest(self, trial: Suggests, name: str) -> float:
        """A number, drawn by its logarithm with ``log``."""
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def parameter(self, value: float) -> float:
        """The number itself, or the nearest end."""
        return min(max(value, self.low), self.high)

    def end(self, value: float) -> str:
        """The end whose ``EDGE`` the value lies in."""
        low, high, at = (
            map(math.log, (self.low, self.high, self.parameter(value)))
            if self.log
            else (self.low, self.high, value)
        )
        share = (at - low) / (high - low)
        return _open_end(share <= EDGE, share >= 1 - EDGE, self.closed)


@dataclass(frozen=True)
class Whole:
    """Whole numbers from ``low`` to ``high``, or with ``powers`` two to the power of these."""

    low: int
    high: int
    powers: bool = False
    closed: Sequence[str] = ()

    def suggest(self, trial: Suggests, name: str) -> int:
        """A whole number."""
        drawn = trial.suggest_int(name, self.low, self.high)
        return int(2**drawn) if self.powers else drawn

    def parameter(self, value: int) -> int:
        """The number, or the exponent."""
        return value.bit_length() - 1 if self.powers else value

    def end(self, value: int) -> str:
        """The end that the value is."""
        drawn = self.parameter(value)
        return _open_end(drawn == self.low, drawn == self.high, self.closed)


@dataclass(frozen=True)
class Choice:
    """One of several values without an order, and so without an end."""

    values: Sequence[Any]

    def suggest(self, trial: Suggests, name: str) -> Any:
        """One of the values."""
        return trial.suggest_categorical(name, self.values)

    def parameter(self, value: Any) -> Any:
        """The value itself."""
        return value

    def end(self, value: Any) -> str:
        """None."""
        return ""


Space = Mapping[str, Domain]


def ends(space: Space, setting: Mapping[str, Any]) -> dict[str, str]:
    """The settings whose values lie at an end of their domain, each with "low" or "high"."""
    found = {name: domain.end(setting[name]) for name, domain in space.items()}
    return {name: end for name, end in found.items() if end}


def _open_end(low: bool, high: bool, closed: Sequence[str]) -> str:
    end = "low" if low else "high" if high else ""
    return "" if end in closed else end
