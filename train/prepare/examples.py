"""What a step learns from: triples with their negatives and evidence, computed once and kept as plain arrays.

A group that is a label must not be a message as well, or the model learns "there is an edge". So the groups are cut
into folds, and each is described by the graphs of the others (``train.prepare.dataset``).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from engine.evidence.evidence import item_evidence, participant_evidence
from engine.evidence.graphs import Graphs
from engine.model_settings import ModelSettings
from train.evaluate.negative_sampling import negative_items, negative_participants
from train.prepare.snapshot import Snapshot, known


@dataclass(frozen=True)
class Examples:
    """n triples (u, i, p) of true groups, column 0 of the candidates being the true one.

    ``items`` [n, 1+N] and ``participants`` [n, 1+N] hold i and p with their negatives. ``item_facts`` [n, 1+N, E1],
    ``participant_facts`` [n, 1+N, E2] and ``swapped_facts`` [n, T, E2], of (u, i', p) for the first T wrong items,
    are the evidence; empty where the model takes none. ``world`` [n] says whose tables describe a triple, and
    ``known`` [n, 2] whether its item and its participant have a history there: only of what is known can a task learn.
    """

    initiator: NDArray[np.int64]
    items: NDArray[np.int64]
    participants: NDArray[np.int64]
    item_facts: NDArray[np.float32]
    participant_facts: NDArray[np.float32]
    swapped_facts: NDArray[np.float32]
    world: NDArray[np.int64]
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.initiator)


def triples(
    logs: Logs, groups: NDArray[np.int64], negatives: int, seed: int, graphs: Graphs
) -> Examples:
    """A triple a group, its participant chosen by chance among several, with uniform negatives.

    Wrong answers have a history in ``graphs``, and so has at least one of the right item and participant. A task
    whose right answer lost it all with the fold does not learn from that triple: such answers are right far more often
    than wrong, and the model would learn to put newcomers first.
    """
    rng = np.random.default_rng(seed)
    known_items, known_users = known(graphs)
    start = np.searchsorted(logs.join_group, groups)
    size = np.searchsorted(logs.join_group, groups, side="right") - start
    chosen = start + (rng.random(len(groups)) * size).astype(np.int64)
    participant = logs.join_participant[chosen]
    histories = np.column_stack([known_items[logs.group_item[groups]], known_users[participant]])
    usable = histories.any(1)
    groups, participant, histories = groups[usable], participant[usable], histories[usable]
    initiator = logs.group_initiator[groups].astype(np.int64)
    others = negative_items(logs, initiator, negatives, rng, known_items)
    outside = negative_participants(logs, groups, negatives, rng, known_users)
    nothing = np.empty((len(groups), 0, 0), np.float32)
    return Examples(
        initiator,
        np.column_stack([logs.group_item[groups], others]),
        np.column_stack([participant, outside]),
        nothing,
        nothing,
        nothing,
        np.zeros(len(groups), np.int64),
        histories,
    )


def describe(examples: Examples, seen: Snapshot, config: ModelSettings, place: int) -> Examples:
    """The examples with their evidence in that world, which is number ``place``."""
    number = np.full(len(examples), place, np.int64)
    if seen.evidence is None or not config.evidence:
        return replace(examples, world=number)
    u, items, people = examples.initiator, examples.items, examples.participants
    swaps = config.auxiliary_negatives
    facts = participant_evidence(seen.evidence, u, items[:, 0], people)
    swapped = participant_evidence(
        seen.evidence,
        np.repeat(u, swaps),
        items[:, 1 : 1 + swaps].ravel(),
        np.repeat(people[:, :1], swaps, 0),
    ).reshape(len(u), swaps, facts.shape[2])
    return replace(
        examples,
        item_facts=item_evidence(seen.evidence, u, items),
        participant_facts=facts,
        swapped_facts=swapped,
        world=number,
    )
