"""Evidence of one item for every initiator at once: the same numbers as ``item_evidence``, read the other way round.

Everything that an item's evidence says of an initiator is linear in what she and her circle did, so one product with
her row of a matrix answers for all initiators together.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from engine.evidence.columns import ITEM_EVIDENCE
from engine.evidence.evidence import Evidence, likely, often, signed


def initiator_evidence(evidence: Evidence, item: int) -> NDArray[np.float32]:
    """Evidence [U+1, columns of ITEM_EVIDENCE] of ``item`` (a position) for each initiator.

    Row u is what ``item_evidence`` gives for the initiator u and the item, up to the order in which float32 adds up.
    """
    g = evidence.graphs
    rare = g.rarity[item]
    together = _row(g.together, item)  # [I+1]
    near = together * g.rarity
    launches, failures, joins = (m @ near for m in (g.launched_ever, g.failed_ever, g.joined_ever))
    history = launches + failures + joins
    own = [_row(by_item, item) for by_item in (g.launchers, g.failers, g.joiners)]  # [U+1] each
    taste = g.tastes @ (evidence.taste @ evidence.taste[item])
    columns = [
        *(often(g.item_counts[item, k]) for k in range(3)),
        *(often(g.user_counts[:, k]) for k in range(3)),
        often(g.circle_size),
        likely(launches * rare),
        likely(failures * rare),
        likely(joins * rare),
        likely(history * rare),
        likely(g.history @ (together * g.rarity**2)),
        likely(history * rare**2),
        signed(taste),
        signed(g.smooth_tastes @ (evidence.leaning @ evidence.leaning[item])),
        own[2],
        own[0],
        own[1],
        *(often(g.circle @ did) for did in own),
        likely(g.circle @ (g.history @ near) * rare),
        signed(g.circle_mean @ taste),
    ]
    table = np.empty((g.users + 1, len(ITEM_EVIDENCE)), np.float32)
    for place, values in enumerate(columns):
        table[:, place] = values
    return table


def _row(matrix: sp.csr_matrix, place: int) -> NDArray[np.float32]:
    return np.asarray(matrix[place].toarray()[0], np.float32)
