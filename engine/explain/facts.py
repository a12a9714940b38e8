"""Facts about candidates, counted from past groups: what a reason may say.

To *choose* an item is to launch it, successfully or not, or to join a group for it. Users and items are positions.
Counts of people leave out the person they are about.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import product_cells, select_cells, transposed_product_cells

Positions = NDArray[np.int64]
Counts = NDArray[np.int64]
MAX_CIRCLE_ITEMS = (
    64  # the items that most of a circle chose; the others are not searched for companions
)
MIN_PEOPLE = 2  # who chose both before one item is said to go with another


@dataclass(frozen=True)
class Fact:
    """Something true of a candidate, not yet in words."""

    kind: str  # a key of ``engine.explain.reasons.SENTENCES``, without "_one"
    counts: dict[str, int]  # for the blanks of the sentence
    item: int | None = None  # the other item that the fact is about
    words: dict[str, str] = field(default_factory=dict)  # for other blanks of the sentence


def item_facts(graphs: Graphs, initiator: int, items: Positions) -> list[list[Fact]]:
    """What past groups say of each of ``items`` [K] for the initiator."""
    g, u, c = graphs, np.array([initiator]), items[None]
    launches, failures, _ = g.item_counts[items].T
    own = [_whole(select_cells(m[u], c)) for m in (g.launched, g.joined, g.failed)]
    circle = g.circle[u]
    by_circle = [_whole(product_cells(circle, m, c)) for m in (g.launched_ever, g.joined_ever)]
    chose = _whole(select_cells(g.history[u], c))
    with_history, companions = _companions(g, items, g.history[u], chose)
    circle_history = _most_chosen((circle @ g.history).tocsr())
    with_circle, circle_companions = _companions(g, items, circle_history, chose * 0)
    chosen_by = circle_history.toarray()[0]
    found: list[list[Fact]] = []
    for k in range(len(items)):
        facts = [
            _counted("joined_by_circle", people=by_circle[1][k]),
            _counted("launched_by_circle", people=by_circle[0][k]),
            _counted("launched_before", times=own[0][k]),
            _counted("joined_before", times=own[1][k]),
            _counted("failed_before", times=own[2][k]),
            _popular(int(launches[k]), int(failures[k])),
        ]
        if with_history[k] >= MIN_PEOPLE:
            companion = int(companions[k])
            role = _role(g, initiator, companion)
            facts.append(Fact(f"goes_with_{role}", {"people": int(with_history[k])}, companion))
        if with_circle[k] >= MIN_PEOPLE:
            companion = int(circle_companions[k])
            counts = {"people": int(with_circle[k]), "circle": int(chosen_by[companion])}
            facts.append(Fact("goes_with_circle", counts, companion))
        found.append([fact for fact in facts if fact is not None])
    return found


def participant_facts(
    graphs: Graphs, initiator: int, item: int, participants: Positions
) -> list[list[Fact]]:
    """What past groups say of each of ``participants`` [K] for the initiator and the item."""
    g, u, i, c = graphs, np.array([initiator]), np.array([item]), participants[None]
    joins = g.user_counts[participants, 2]
    with_item = [_column(m, participants, item) for m in (g.joined, g.launched, g.failed)]
    with_initiator = [
        _whole(select_cells(m[u], c)) for m in (g.invited, g.invited_by, g.befriended)
    ]
    common = _whole(product_cells(g.circle[u], g.circle, c))
    shared = _whole(transposed_product_cells(g.history, g.history, g.history[u], c))
    by_circle = _whole(select_cells(g.circle_history_by_item[i], c))
    both, companions = _nearest_in_history(g, item, participants)
    found: list[list[Fact]] = []
    for k, participant in enumerate(participants.tolist()):
        facts = [
            _counted("joined_initiators_groups", groups=with_initiator[0][k]),
            _counted("initiator_joined_theirs", groups=with_initiator[1][k]),
            Fact("friend", {}) if with_initiator[2][k] else None,
            _counted("joined_item", times=with_item[0][k]),
            _counted("launched_item", times=with_item[1][k]),
            _counted("failed_item", times=with_item[2][k]),
            _counted("circle_chose", people=by_circle[k]),
            _counted("common_circle", people=common[k]),
            _counted("shared_items", items=shared[k]),
            _counted("active", groups=joins[k]),
        ]
        if both[k] >= MIN_PEOPLE:
            companion = int(companions[k])
            role = _role(g, participant, companion)
            facts.append(Fact(f"near_{role}", {"people": int(both[k])}, companion))
        found.append([fact for fact in facts if fact is not None])
    return found


def _counted(kind: str, **count: int) -> Fact | None:
    (name, value), *_ = count.items()
    return Fact(kind, {name: int(value)}) if value else None


def _popular(launches: int, failures: int) -> Fact | None:
    every = launches + failures
    if not every:
        return None
    return Fact("popular", {"times": every, "filled": round(100 * launches / every)})


def _role(graphs: Graphs, user: int, item: int) -> str:
    """What a user did with an item of their history."""
    if graphs.launched[user, item]:
        return "launched"
    return "joined" if graphs.joined[user, item] else "tried"


def _companions(
    graphs: Graphs, items: Positions, history: sp.csr_matrix, own: Counts
) -> tuple[Counts, Positions]:
    """For each item [K], the item of ``history`` [1, I+1] that goes with it best.

    Returns how many people chose both [K], 0 if there is no such item, and that item [K]. ``own`` [K] is subtracted
    from the count: it is 1 where the owner of the history chose the item.
    """
    known = history.indices
    if not len(known):
        return np.zeros(len(items), np.int64), np.zeros(len(items), np.int64)
    both = graphs.co_occurrence[items][:, known].toarray()  # [K, history]
    best = (both * graphs.rarity[known] * history.data).argmax(1)
    count = _whole(both[np.arange(len(items)), best]) - own
    return np.maximum(count, 0), known[best].astype(np.int64)


def _nearest_in_history(graphs: Graphs, item: int, users: Positions) -> tuple[Counts, Positions]:
    """For each user [K], the item of their history that goes best with ``item``.

    Returns how many others chose both [K], 0 if there is no such item, and that item [K].
    """
    near = graphs.co_occurrence[item].toarray()[0]  # [I+1]
    histories = graphs.history[users].tocsr()
    closeness = sp.csr_matrix(
        (
            histories.data * (near * graphs.rarity)[histories.indices],
            histories.indices,
            histories.indptr,
        ),
        histories.shape,
    )
    best = np.asarray(closeness.argmax(1)).ravel().astype(np.int64)
    chose = _whole(histories[np.arange(len(users)), best])
    count = _whole(near[best]) * chose - _column(graphs.history, users, item)
    return np.maximum(count, 0), best


def _most_chosen(history: sp.csr_matrix) -> sp.csr_matrix:
    """The largest cells of a row [1, I+1], so that a large circle stays cheap."""
    if history.nnz <= MAX_CIRCLE_ITEMS:
        return history
    most = np.argsort(-history.data, kind="stable")[:MAX_CIRCLE_ITEMS]
    return sp.csr_matrix((history.data[most], history.indices[most], [0, len(most)]), history.shape)


def _column(matrix: sp.csr_matrix, rows: Positions, column: int) -> Counts:
    return _whole(matrix[rows][:, [column]].toarray())


def _whole(counts: NDArray[np.float32] | sp.spmatrix) -> Counts:
    return np.rint(np.asarray(counts)).astype(np.int64).ravel()
