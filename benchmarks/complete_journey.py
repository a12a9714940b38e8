"""What a household buys next, forecast forward in time on a year of a grocer's purchases, through the commands.

    python -m benchmarks.complete_journey [--cuts 2017-07-01,2017-09-01,2017-11-01] [--days 28] [--lists 1500]
                                          [--counts-only] [--preset default] [--set NAME=VALUE ...] [--keep FOLDER]
    python -m benchmarks.complete_journey --write FOLDER [--cuts 2017-11-01]

The log is that of ``benchmarks.complete_journey_log``; ``--write`` leaves it there as groups.csv and items.csv, with
the prices of the last cut. For each cut, what was bought before it is imported and learned from
(``python -m db import``, ``train fit --promote``), and purchases of the next days are asked about (``engine score``):
the product bought among 99 others that have sold by the end of those days, so that new ones stand among new ones. Once
nothing after the cut is known; once the evidence of the day is: the days' purchases are imported too, after the
training, and each list is asked as of its own moment.

Two sets of lists: all launches, and first times: products that the household had never bought, among others that it had
not either. Prints mean reciprocal ranks beside plain counts: popularity, decayed by the half-life that served best in
the 28 days before the cut; how many households bought a product for the first time, decayed alike; and the household's
own launches with those of both levels of the category and popularity, half-life and weights chosen there too. Brackets
are 95 % bootstrap intervals over lists, a lead's over paired ones. With ``--keep``, finished steps are not repeated.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.complete_journey_counts import (
    HALF_LIVES,
    Asked,
    CountTables,
    DecayedCounts,
    Lists,
    Purchases,
    draw_lists,
    in_days,
    reciprocal_ranks,
    weight_grid,
)
from benchmarks.complete_journey_log import item_list, read_purchases, write_items, write_log
from benchmarks.held_out import run_command
from train.evaluate.metrics import bootstrap_interval

SEED = 20261129
VALIDATION = np.timedelta64(28, "D")
MODEL = "model"
POPULARITY = "decayed popularity"
FIRST_TIMES = "decayed first times of the product"
COUNTS = "decayed own launches, categories, popularity"
Ranks = dict[str, NDArray[np.float64]]  # system -> reciprocal rank of each list


@dataclass(frozen=True)
class Window:
    """The days from a cut on that are asked about, [cut, end)."""

    cut: np.datetime64
    days: int
    daily: bool  # each list as of its own moment; else all as of the cut

    @property
    def end(self) -> np.datetime64:
        """The first moment after it."""
        return self.cut + np.timedelta64(self.days, "D")

    @property
    def before(self) -> "Window":
        """The days on which half-lives and weights are chosen, asked alike."""
        return Window(self.cut - VALIDATION, int(VALIDATION.astype(int)), self.daily)

    def draw(self, purchases: Purchases, asked: Asked, most: int) -> Lists:
        """The same lists for the same days, daily or not."""
        rng = np.random.default_rng([SEED, int(self.cut.astype(int)), list(Asked).index(asked)])
        return draw_lists(purchases, self.cut, self.end, asked, most, rng)

    def moments(self, purchases: Purchases, lists: Lists) -> NDArray[np.datetime64]:
        """[n] As of when each list is asked."""
        own = purchases.moment[lists.purchase]
        return own if self.daily else np.full(len(own), self.cut)

    def __str__(self) -> str:
        """As the headings of the tables say it."""
        known = "evidence of the day" if self.daily else "nothing known after the cut"
        return f"{self.days} days from {self.cut.astype('datetime64[D]')}, {known}"


def ranks_of_counts(
    purchases: Purchases, counts: DecayedCounts, window: Window, asked: Asked, most: int
) -> Ranks:
    """What counts reach in a window, with half-lives and weights chosen in the days before it; prints the choices."""

    def tables(part: Window) -> CountTables:
        lists = part.draw(purchases, asked, most)
        return counts.tables(lists, part.moments(purchases, lists))

    here, there = tables(window), tables(window.before)
    found: Ranks = {}
    for system, then, now in (
        (POPULARITY, there.launches, here.launches),
        (FIRST_TIMES, there.first_times, here.first_times),
    ):
        reached = [reciprocal_ranks(now[..., h]) for h in range(len(HALF_LIVES))]
        chosen = int(
            np.argmax([reciprocal_ranks(then[..., h]).mean() for h in range(len(HALF_LIVES))])
        )
        found[system] = reached[chosen]
        by_half_life = " ".join(
            f"{in_days(half_life)} {ranks.mean():.4f}"
            for half_life, ranks in zip(HALF_LIVES, reached, strict=True)
        )
        print(f"    {system} by half-life: {by_half_life}; chosen: {in_days(HALF_LIVES[chosen])}")
    weights = max(weight_grid(), key=lambda some: reciprocal_ranks(there.score(some)).mean())
    found[COUNTS] = reciprocal_ranks(here.score(weights))
    print(f"    {COUNTS}, half-life and weights chosen: {weights}")
    return found


class Shop:
    """A store and a model that know what was bought before a cut, in a folder of their own."""

    def __init__(
        self, purchases: Purchases, window: Window, folder: Path, settings: Sequence[str]
    ) -> None:
        """Imports and trains with these options of ``train fit``, unless the folder has a model already."""
        self._purchases, self._window, self._folder = purchases, window, folder
        if list((folder / "models").glob("*/manifest.json")):
            return
        folder.mkdir(parents=True, exist_ok=True)
        items = purchases.on_the_shelf(window.end)
        write_items(item_list(items, pd.Timestamp(window.cut)), folder / "items.csv")
        self._import(purchases.moment < window.cut, "known.csv")
        run_command(folder, "db", "import", str(folder / "items.csv"))
        began = time.perf_counter()
        run_command(folder, "train", "fit", *settings, "--promote", "--progress", "none")
        print(f"    trained in {time.perf_counter() - began:.0f} s")

    def score(self, lists: Lists, window: Window) -> NDArray[np.float64]:
        """The scores [n, N] that ``python -m engine score`` gives these lists."""
        purchases, later = self._purchases, self._folder / "later.csv"
        if window.daily and not later.exists():
            self._import(
                (purchases.moment >= window.cut) & (purchases.moment < window.end), later.name
            )
        asked, answers = self._folder / "asked.jsonl", self._folder / "answers.jsonl"
        order = np.argsort(lists.candidates, axis=1)  # the product bought lies anywhere
        with asked.open("w", encoding="utf-8") as file:
            for household, moment, candidates in zip(
                purchases.frame["household"].to_numpy()[lists.purchase],
                window.moments(purchases, lists),
                np.take_along_axis(lists.candidates, order, 1),
                strict=True,
            ):
                line = {
                    "initiator": household,
                    "candidates": purchases.products[candidates].tolist(),
                    "as_of": str(moment).replace("T", " "),
                }
                file.write(json.dumps(line) + "\n")
        files = ("--candidates", str(asked), "--out", str(answers))
        run_command(self._folder, "engine", "score", "--task", "items", *files)
        with answers.open(encoding="utf-8") as file:
            scores = np.array([json.loads(line)["scores"] for line in file])
        found = np.empty_like(scores)
        np.put_along_axis(found, order, scores, 1)
        return found

    def _import(self, chosen: NDArray[np.bool_], name: str) -> None:
        """Imports these purchases [N]; the file appears once that is finished."""
        unfinished = self._folder / f"unfinished-{name}"
        write_log(self._purchases.frame[chosen], unfinished)
        run_command(self._folder, "db", "import", str(unfinished))
        unfinished.rename(self._folder / name)


def show(ranks: Ranks) -> None:
    """A line a system, and one for the model's lead over each."""
    for system, values in ranks.items():
        print(f"    {system:<46}{interval(values)}")
    for system in (other for other in ranks if MODEL in ranks and other != MODEL):
        lead = ranks[MODEL] - ranks[system]
        ratio = ranks[MODEL].mean() / ranks[system].mean() - 1
        print(f"    lead over {system:<46}{interval(lead)}  {ratio:+.1%}")


def interval(values: NDArray[np.float64]) -> str:
    """A mean with its 95 % interval."""
    mean, low, high = bootstrap_interval(values, np.arange(len(values)))
    return f"{mean:.4f} ({low:.4f} to {high:.4f})"


def forecast(purchases: Purchases, options: argparse.Namespace) -> None:
    """Asks every cut in both ways and prints the tables, those of all cuts together last."""
    counts = DecayedCounts(purchases)
    settings = ["--preset", options.preset, *(f"--set={change}" for change in options.set)]
    pooled: dict[tuple[str, bool], list[Ranks]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for cut in options.cuts:
            folder = (options.keep or Path(temporary)) / str(cut.astype("datetime64[D]"))
            shop = None
            for daily in (False, True):
                window = Window(cut, options.days, daily)
                if not (shop or options.counts_only):
                    shop = Shop(purchases, window, folder, settings)
                for asked in Asked:
                    print(f"{asked}, {window}")
                    ranks = ranks_of_counts(purchases, counts, window, asked, options.lists)
                    lists = window.draw(purchases, asked, options.lists)
                    if shop:
                        ranks[MODEL] = reciprocal_ranks(shop.score(lists, window))
                    first = purchases.first[lists.purchase]
                    for name, rows in parts_of(asked, first).items():
                        part = {system: values[rows] for system, values in ranks.items()}
                        print(f"  {name}: {rows.sum()} lists")
                        show(part)
                        pooled.setdefault((name, daily), []).append(part)
    for (name, daily), parts in pooled.items():
        known = "evidence of the day" if daily else "nothing known after the cut"
        print(f"{name}, all cuts, {known}")
        show({system: np.concatenate([part[system] for part in parts]) for system in parts[0]})


def parts_of(asked: Asked, first: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """The rows of their own in a table of lists [n], ``first`` [n] of which ask for first times."""
    if asked is Asked.FIRST:
        return {asked.value: first}
    return {
        asked.value: np.ones(len(first), bool),
        "repeats among all": ~first,
        "first times among all": first,
    }


def main() -> None:
    """Write the log, or forecast and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--cuts",
        type=lambda text: [np.datetime64(day, "s") for day in text.split(",")],
        default="2017-07-01,2017-09-01,2017-11-01",
    )
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--lists", type=int, default=1500, help="of each set and cut (1500)")
    parser.add_argument("--counts-only", action="store_true", help="import and train nothing")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="of fit")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files here")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the log and stop")
    options = parser.parse_args()
    frame = read_purchases()
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        write_log(frame, options.write / "groups.csv")
        listed = item_list(frame, pd.Timestamp(options.cuts[-1]))
        write_items(listed, options.write / "items.csv")
    else:
        forecast(Purchases.of(frame), options)


if __name__ == "__main__":
    main()
