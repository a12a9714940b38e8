"""What a step learns from: triples with their negatives and evidence, computed once and kept as plain arrays.

A group that is a label must not be a message as well, or the model learns "there is an edge". So the groups are cut
into folds, and each is described by the graphs of the others.
"""

import contextlib
import functools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from db.evidence.evidence import Evidence, item_evidence, participant_evidence
from db.evidence.graphs import Graphs
from db.evidence.tables import Tables, item_turn, item_vectors, taste_tables
from db.logs import Logs
from db.settings import settings
from train.config import Config
from train.negatives import strangers, wrong_items
from train.neighbourhood import Neighbourhood, launched_by, with_near_ones, within
from train.protocol import Lists
from train.splits import Split

Report = Callable[[str, float], None]
TasteVectors = tuple[NDArray[np.float32], NDArray[np.float32]]  # sharp [I+1, k], smooth [I+1, m]

FEW_GROUPS = 50_000
FACTS = 40_000_000  # numbers of evidence at once where everybody's is counted
# One pair costs as much as so many candidates of a query that looks at everybody (measured: 10 to 25 and 2 to 5 against
# 0.1 to 0.4 microseconds).
PAIR_OF_ITEMS, PAIR_OF_PARTICIPANTS = 64, 8


@dataclass(frozen=True)
class Examples:
    """n triples (u, i, p) of true groups, column 0 of the candidates being the true one.

    ``items`` [n, 1+N] and ``participants`` [n, 1+N] hold i and p with their negatives. ``item_facts`` [n, 1+N, E1],
    ``participant_facts`` [n, 1+N, E2] and ``swapped_facts`` [n, T, E2], of (u, i', p) for the first T wrong items,
    are the evidence; empty where the model takes none. ``world`` [n] says whose tables describe a triple, and
    ``known`` [n, 2] whether its item and its participant have a history there: only of what is known can a task learn.
    ``item_weight`` and ``person_weight`` [n, 1+N] are the logarithms of what a negative counts among N uniform ones,
    ``crowd`` [n, 2] that of how many items and how many users a uniform one stands for (``train.neighbourhood``).
    """

    initiator: NDArray[np.int64]
    items: NDArray[np.int64]
    participants: NDArray[np.int64]
    item_facts: NDArray[np.float32]
    participant_facts: NDArray[np.float32]
    swapped_facts: NDArray[np.float32]
    world: NDArray[np.int64]
    known: NDArray[np.bool_]
    item_weight: NDArray[np.float32]
    person_weight: NDArray[np.float32]
    crowd: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.initiator)


def triples(
    logs: Logs,
    groups: NDArray[np.int64],
    negatives: int,
    seed: int,
    graphs: Graphs,
    near: int = 0,
) -> Examples:
    """A triple a group, its participant chosen by chance among several, with negatives, the last ``near`` of which
    come from the neighbourhood in the graphs, and the others from everywhere.

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
    item = logs.group_item[groups].astype(np.int64)
    neighbourhood = Neighbourhood(graphs)
    items = with_near_ones(
        wrong_items(logs, initiator, negatives, rng, known_items),
        near,
        lambda rows: neighbourhood.items(initiator[rows]),
        launched_by(logs, initiator),
        known_items,
        rng,
    )
    people = with_near_ones(
        strangers(logs, groups, negatives, rng, known_users),
        near,
        lambda rows: neighbourhood.people(initiator[rows], item[rows]),
        within(logs, groups),
        known_users,
        rng,
    )
    nothing = np.empty((len(groups), 0, 0), np.float32)
    right = np.zeros(len(groups), np.float32)
    return Examples(
        initiator,
        np.column_stack([item, items.answers]),
        np.column_stack([participant, people.answers]),
        nothing,
        nothing,
        nothing,
        np.zeros(len(groups), np.int64),
        histories,
        np.column_stack([right, items.weight]),
        np.column_stack([right, people.weight]),
        np.column_stack([items.crowd, people.crowd]),
    )


def known(graphs: Graphs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which items [I] and which users [U] have any history there."""
    items, users = graphs.history.getnnz(0), graphs.history.getnnz(1)
    return items[:-1] > 0, users[:-1] > 0


@dataclass(frozen=True)
class World:
    """One state of the logs as the model sees it: evidence, and role tables where they are not learned.

    ``turn`` [m, d] made the tables' item vectors from the smooth taste vectors.
    """

    graphs: Graphs
    evidence: Evidence | None
    tables: Tables | None
    turn: NDArray[np.float32] | None = None

    @property
    def item_vectors(self) -> NDArray[np.float32] | None:
        """What the item vectors of other worlds are to agree with, [I+1, d]."""
        if self.evidence is None or self.turn is None:
            return None
        return item_vectors(self.evidence, self.turn)


def world(
    logs: Logs,
    config: Config,
    groups: NDArray[np.bool_] | None,
    agreed: NDArray[np.float32] | None = None,
    vectors: TasteVectors | None = None,
) -> World:
    """The world of the groups where ``groups`` is true (all for None).

    Its item vectors are turned to agree with the ``agreed`` ones [I+1, d] of another world. Its taste ``vectors`` take
    long to find, and whoever has them already can give them.
    """
    graphs = Graphs.from_logs(logs, groups, config.friendships)
    if not config.evidence and config.embeddings != "taste":
        return World(graphs, None, None)
    if vectors is None:
        evidence = Evidence.of(graphs, config.taste_rank, config.leaning_rank)
    else:
        evidence = Evidence(graphs, *vectors)
    if config.embeddings != "taste":
        return World(graphs, evidence, None)
    turn = item_turn(evidence, config.dim, agreed)
    return World(graphs, evidence, taste_tables(evidence, turn), turn)


def describe(examples: Examples, seen: World, config: Config, place: int) -> Examples:
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


def folded_examples(
    logs: Logs, config: Config, parts: Split, like: World, seed: int, report: Report
) -> tuple[Examples, list[Tables | None]]:
    """The training examples, each described by the other folds' groups, and each fold's tables.

    The folds' vectors are turned to agree with those of the world ``like``.
    """
    work = functools.partial(_fold, logs, config, parts, like.item_vectors, seed)
    found: list[tuple[Examples, Tables | None]] = []
    with _workers(len(parts.training)) as run:
        for described in run(work, range(config.folds)):
            found.append(described)
            share = len(found) / config.folds
            report(f"Counting evidence, part {len(found)} of {config.folds}", share)
    joined = {
        name: np.concatenate([getattr(examples, name) for examples, _ in found])
        for name in found[0][0].__dict__
    }
    return Examples(**joined), [tables for _, tables in found]


def _fold(
    logs: Logs,
    config: Config,
    parts: Split,
    agreed: NDArray[np.float32] | None,
    seed: int,
    fold: int,
) -> tuple[Examples, Tables | None]:
    seen = world(logs, config, parts.seen(logs, fold if config.folds > 1 else None), agreed)
    groups = parts.training[parts.fold == fold]
    near = config.near_negatives
    drawn = triples(logs, groups, config.negatives, seed + fold, seen.graphs, near)
    return describe(drawn, seen, config, fold), seen.tables


@contextlib.contextmanager
def _workers(groups: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """A ``map`` over processes: the eigenvectors hold on to a process, and threads would wait for each other.

    A small shop is done before a process has started.
    """
    if groups < FEW_GROUPS or settings().threads == 1:
        yield map
        return
    # Spawned, never forked: torch's threads do not live through a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(settings().threads, mp_context=context) as pool:
        yield pool.map


def list_facts(lists: Lists, seen: World, config: Config) -> NDArray[np.float32]:
    """The evidence of candidate lists in that world, [n, N, E]; [n, N, 0] where the model takes none."""
    if seen.evidence is None or not config.evidence:
        return np.empty((*lists.candidates.shape, 0), np.float32)
    if lists.item is None:
        return item_evidence(seen.evidence, lists.initiator, lists.candidates)
    return participant_evidence(seen.evidence, lists.initiator, lists.item, lists.candidates)


def long_lists_facts(lists: Lists, seen: World, config: Config) -> NDArray[np.float32]:
    """The same as ``list_facts``, up to the order in which float32 adds up, and quicker for long lists: where that
    pays, it is counted for everybody and picked out.
    """
    everybody, pair = seen.graphs.users, PAIR_OF_PARTICIPANTS
    if lists.item is None:
        everybody, pair = seen.graphs.items, PAIR_OF_ITEMS
    if lists.candidates.shape[1] * pair < everybody:
        return list_facts(lists, seen, config)
    rows = everyone_in_blocks(lists.initiator, lists.item, everybody, seen, config)
    return np.stack([facts[lists.candidates[row]] for row, facts in rows])


def everyones_facts(
    initiator: NDArray[np.int64],
    item: NDArray[np.int64] | None,
    size: int,
    seen: World,
    config: Config,
) -> NDArray[np.float32]:
    """The same of all ``size`` items (``item`` is None) or users, [n, size, E]: cheaper than as many pairs."""
    if seen.evidence is None or not config.evidence:
        return np.empty((len(initiator), size, 0), np.float32)
    if item is None:
        return item_evidence(seen.evidence, initiator, None)[:, :size]
    return participant_evidence(seen.evidence, initiator, item, None)[:, :size]


def everyone_in_blocks(
    initiator: NDArray[np.int64],
    item: NDArray[np.int64] | None,
    size: int,
    seen: World,
    config: Config,
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Each query's place and the evidence [size, E] of everybody, counted for as many at once as memory bears."""
    columns = len(ITEM_EVIDENCE if item is None else PARTICIPANT_EVIDENCE)
    rows = max(1, FACTS // (size * columns))
    for start in range(0, len(initiator), rows):
        part = slice(start, start + rows)
        asked = None if item is None else item[part]
        facts = everyones_facts(initiator[part], asked, size, seen, config)
        yield from enumerate(facts, start)
