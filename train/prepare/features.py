"""The evidence of candidates in one world: of lists, or of everybody at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.evidence import item_evidence, participant_evidence
from engine.evidence.sparse_products import Candidates
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.snapshot import Snapshot

FACTS = 40_000_000  # numbers of evidence at once where everybody's is counted
# One pair costs as much as so many candidates of a query that looks at everybody (measured: 10 to 25 and 2 to 5 against
# 0.1 to 0.4 microseconds).
PAIR_OF_ITEMS, PAIR_OF_PARTICIPANTS = 64, 8


def list_evidence(
    lists: CandidateLists, seen: Snapshot, config: ModelSettings
) -> NDArray[np.float32]:
    """The evidence of candidate lists in that world, [n, N, E]; [n, N, 0] where the model takes none."""
    size = lists.candidates.shape[1]
    return _facts(lists.initiator, lists.item, lists.candidates, size, seen, config)


def long_list_evidence(
    lists: CandidateLists, seen: Snapshot, config: ModelSettings
) -> NDArray[np.float32]:
    """The same as ``list_evidence``, up to the order in which float32 adds up, and quicker for long lists: where that
    pays, it is counted for everybody and picked out.
    """
    everybody, pair = seen.graphs.users, PAIR_OF_PARTICIPANTS
    if lists.item is None:
        everybody, pair = seen.graphs.items, PAIR_OF_ITEMS
    if lists.candidates.shape[1] * pair < everybody:
        return list_evidence(lists, seen, config)
    rows = evidence_of_all_in_blocks(lists.initiator, lists.item, everybody, seen, config)
    return np.stack([facts[lists.candidates[row]] for row, facts in rows])


def evidence_of_all_in_blocks(
    initiator: NDArray[np.int64],
    item: NDArray[np.int64] | None,
    size: int,
    seen: Snapshot,
    config: ModelSettings,
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Each query's place and the evidence [size, E] of everybody, counted for as many at once as memory bears."""
    columns = len(ITEM_EVIDENCE if item is None else PARTICIPANT_EVIDENCE)
    rows = max(1, FACTS // (size * columns))
    for start in range(0, len(initiator), rows):
        part = slice(start, start + rows)
        asked = None if item is None else item[part]
        facts = _facts(initiator[part], asked, None, size, seen, config)
        yield from enumerate(facts, start)


def _facts(
    initiator: NDArray[np.int64],
    item: NDArray[np.int64] | None,
    candidates: Candidates,
    size: int,
    seen: Snapshot,
    config: ModelSettings,
) -> NDArray[np.float32]:
    """The evidence [n, size, E] of the candidates, or of the first ``size`` of everybody, which is cheaper than as
    many pairs: items where no ``item`` is given, else users.
    """
    if seen.evidence is None or not config.evidence:
        return np.empty((len(initiator), size, 0), np.float32)
    if item is None:
        return item_evidence(seen.evidence, initiator, candidates)[:, :size]
    return participant_evidence(seen.evidence, initiator, item, candidates)[:, :size]
