"""What is counted before anything is learned: examples with their evidence, and the worlds that describe them.

Counting and learning stand apart, so that several networks can learn from the same examples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.evidence.tables import Tables
from db.logs import Logs
from train.config import Config
from train.examples import Examples, folded_examples
from train.facts import list_facts
from train.protocol import Lists
from train.splits import Split
from train.stages import Stage, Watch
from train.worlds import World, world


@dataclass(frozen=True)
class Prepared:
    """Examples with the tables of their folds, and the world that validation sees: all groups but its own.

    ``facts`` is the evidence of the validation ``lists`` in that world.
    """

    examples: Examples
    folds: list[Tables]
    seen: World
    lists: dict[str, Lists]
    facts: dict[str, NDArray[np.float32]]


def prepare(
    logs: Logs, config: Config, parts: Split, lists: dict[str, Lists], seed: int, watch: Watch
) -> Prepared:
    """Counts the evidence of all examples and of the validation ``lists``."""
    watch(Stage("evidence", "Reading the past groups", 0.01))
    seen = world(logs, config, parts.seen(logs))
    facts = {task: list_facts(drawn, seen, config) for task, drawn in lists.items()}
    examples, tables = folded_examples(
        logs,
        config,
        parts,
        seen,
        seed,
        lambda message, share: watch(Stage("evidence", message, 0.05 + 0.2 * share)),
    )
    folds = [table for table in tables if table is not None]
    return Prepared(examples, folds, seen, lists, facts)
