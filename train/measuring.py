"""What a finished model is worth on the validation groups, beside a list that is the same for everybody."""

import numpy as np
from numpy.typing import NDArray

from db.evidence.graphs import Graphs
from train.config import Config
from train.learning import Trained
from train.prepared import Prepared
from train.protocol import Figures, Lists, figures


def measured(trained: Trained, prepared: Prepared, config: Config) -> Figures:
    """The sampled figures of the tasks that were trained, with intervals.

    Each names, as ``popularity``, what the same candidates give when they are sorted by popularity: whoever reads
    the figure sees whether the model is worth its trouble.
    """
    found: Figures = {}
    for task, drawn in prepared.lists.items():
        if config.tasks not in ("both", task):
            continue
        scores = trained.network.score_lists(drawn, prepared.facts[task], trained.place)
        plain = figures(drawn, popularity(prepared.seen.graphs, drawn))
        for name, figure in figures(drawn, scores).items():
            found[name] = figure | {"popularity": plain[name]["value"]}
    return found


def popularity(graphs: Graphs, lists: Lists) -> NDArray[np.float32]:
    """How often the candidates [n, N] were launched with success (Task I), or joined (Task II)."""
    counts = graphs.item_counts[:, 0] if lists.item is None else graphs.user_counts[:, 2]
    return counts[lists.candidates]
