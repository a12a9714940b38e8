"""What the demo shop could sell: categories, lines of products and their sizes, of ``products.json``."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from db.demo.words import Words


@dataclass(frozen=True)
class Size:
    """A size of a line, and the age in months of the child for whom it is; before birth it is negative."""

    name: Words
    ages: tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of products, which several brands make."""

    name: Words
    price: tuple[float, float]  # list price, yuan
    sizes: tuple[Size, ...]
    cycle: int | None = None  # days that a pack lasts; None: nothing that one buys again and again
    season: str | None = None  # the day around which it sells, such as 07-14
    standing: bool = False  # of the standing assortment

    @property
    def lasting(self) -> bool:
        """Whether the shop has it all year, as it has all that runs out; other lines come and go."""
        return self.standing or self.cycle is not None

    @property
    def height(self) -> int | None:
        """The day of the year around which it sells, from 0; None without a season."""
        if self.season is None:
            return None
        return date.fromisoformat(f"2025-{self.season}").timetuple().tm_yday - 1


@dataclass(frozen=True)
class Category:
    """A category and its lines."""

    category: Words
    lines: tuple[Line, ...]


@cache
def categories() -> tuple[Category, ...]:
    """All of them."""
    text = (Path(__file__).parent / "products.json").read_bytes()
    return TypeAdapter(tuple[Category, ...]).validate_json(text)
