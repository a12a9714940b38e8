"""The examples of a training: triples with negatives and evidence, computed once and kept as plain arrays.

A group that is a label must not be in the graphs as well, or the model learns that "there is an edge". So the training
groups are cut into folds, and each fold is described out-of-fold: by the graphs of the others
(``train.prepare.dataset``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from engine.candidates import Question, is_repeat, with_history
from engine.evidence.graphs import Graphs
from engine.model_settings import ModelSettings
from train.evaluate.negative_sampling import negative_items, negative_participants
from train.prepare.snapshot import Snapshot


@dataclass(frozen=True)
class Examples:
    """n triples (u, i, p) of true groups, each with N negatives per task.

    ``items`` [n, 1+N] and ``participants`` [n, 1+N] hold i and p in column 0 and the negatives behind. The evidence is
    ``item_evidence`` [n, 1+N, E1], ``participant_evidence`` [n, 1+N, E2], and ``swapped_evidence`` [n, T, E2] of
    (u, i', p) for the first T negative items; it has no columns where the model takes none. ``snapshot`` [n] is the
    number of the snapshot that describes a triple. ``known`` [n, 2] tells whether its item and its participant have a
    history there: a task learns only from the triples whose positive has one.
    """

    initiator: NDArray[np.int64]
    items: NDArray[np.int64]
    participants: NDArray[np.int64]
    item_evidence: NDArray[np.float32]
    participant_evidence: NDArray[np.float32]
    swapped_evidence: NDArray[np.float32]
    snapshot: NDArray[np.int64]
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.initiator)

    @classmethod
    def concatenate(cls, parts: Sequence["Examples"]) -> "Examples":
        """The examples of all parts, of which there is at least one, in order."""
        return cls(
            **{
                name: np.concatenate([vars(part)[name] for part in parts])
                for name in vars(parts[0])
            }
        )

    def part(self, rows: slice | NDArray[np.integer]) -> "Examples":
        """Only these triples."""
        return Examples(**{name: values[rows] for name, values in vars(self).items()})


def triples(
    logs: Logs,
    groups: NDArray[np.int64],
    negatives: int,
    rng: np.random.Generator,
    graphs: Graphs,
    visible: NDArray[np.bool_],
    question: Question,
) -> Examples:
    """A triple for each group, with one of its participants drawn at random and uniform negatives; without evidence.

    Negatives have a history in ``graphs``, which are those of the ``visible`` [G] groups, and so does at least one of
    the positive item and participant. A task does not learn from a triple whose positive lost its history with the
    fold: such candidates are positives far more often than negatives, so the model would learn to rank cold candidates
    first. Nor does Task I, asked for something new, learn from launches that repeat a visible one: its negatives are
    items that the initiator has not launched, so "launched before" would give the positive away. Nor
    does a task where nothing, or nobody, else is a candidate.
    """
    known_items, known_users = with_history(graphs)
    start = np.searchsorted(logs.join_group, groups)
    size = np.searchsorted(logs.join_group, groups, side="right") - start
    chosen = start + (rng.random(len(groups)) * size).astype(np.int64)
    participant = logs.join_participant[chosen]
    known = np.column_stack([known_items[logs.group_item[groups]], known_users[participant]])
    usable = known.any(1)
    groups, participant, known = groups[usable], participant[usable], known[usable]
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    left_out: NDArray[np.int64] | None = item
    if question is Question.NEW:
        left_out = None
        known[:, 0] &= ~is_repeat(logs, groups, visible)
    other_items = negative_items(logs, initiator, negatives, rng, known_items, positive=left_out)
    other_people = negative_participants(logs, groups, negatives, rng, known_users)
    known &= np.column_stack([other_items.complete, other_people.complete])
    no_evidence = np.empty((len(groups), 0, 0), np.float32)
    drawn = Examples(
        initiator,
        np.column_stack([item, other_items.drawn]),
        np.column_stack([participant, other_people.drawn]),
        no_evidence,
        no_evidence,
        no_evidence,
        np.zeros(len(groups), np.int64),
        known,
    )
    return drawn.part(np.flatnonzero(known.any(1)))


def add_evidence(
    examples: Examples, snapshot: Snapshot, settings: ModelSettings, number: int
) -> Examples:
    """The examples with their evidence in that snapshot, whose ``number`` they get."""
    numbers = np.full(len(examples), number, np.int64)
    if snapshot.evidence is None or not settings.evidence:
        return replace(examples, snapshot=numbers)
    u, items, people = examples.initiator, examples.items, examples.participants
    swaps = settings.auxiliary_negatives
    of_participants = snapshot.evidence.participants(u, items[:, 0], people)
    swapped = snapshot.evidence.participants(
        np.repeat(u, swaps),
        items[:, 1 : 1 + swaps].ravel(),
        np.repeat(people[:, :1], swaps, 0),
    ).reshape(len(u), swaps, of_participants.shape[2])
    return replace(
        examples,
        item_evidence=snapshot.evidence.items(u, items),
        participant_evidence=of_participants,
        swapped_evidence=swapped,
        snapshot=numbers,
    )
