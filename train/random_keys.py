"""Random numbers with a key of their own for each purpose, so that samples for different purposes are independent.

One generator for all of them draws the same permutation again and again: the groups that settings are chosen on would
then be the groups that a result is claimed for.
"""

from enum import Enum

import numpy as np


class Purpose(Enum):
    """What random numbers are drawn for; a value never changes, so that old results can be drawn again."""

    VALIDATION = 1  # groups on which weights and settings are chosen
    TEST = 2  # groups on which systems are compared
    KEPT_ASIDE = 3  # groups that are taken out of the file before anything reads it
    CALIBRATION = 4  # groups on which scores become probabilities, and the candidates there
    CANDIDATES = 5  # negatives of validation and test lists
    FOLDS = 6  # folds of the training groups
    EXAMPLES = 7  # participants and negatives of the training examples
    HIDDEN_USERS = 8  # users whose logs come after the training
    TUNING = 9  # training groups that settings are searched on


def generator(purpose: Purpose, seed: int, *parts: int) -> np.random.Generator:
    """The generator of a purpose and a seed; ``parts`` number independent pieces of it, such as folds."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose.value, *parts)))
