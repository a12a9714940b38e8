"""The products of role vectors that MAMGBR's tokens hold, as columns: number by number, and summed view by view."""

import numpy as np
from numpy.typing import NDArray

from db.logs import Task
from engine.evidence.role_vectors import ViewTables

VIEWS = {
    Task.ITEMS: ("initiator_launched", "participant_joined", "social_joined"),
    Task.PARTICIPANTS: (
        "participant_joined",
        "initiator_launched",
        "initiators_social",
        "initiator_participant",
    ),
}


def item_products(
    views: ViewTables,
    snapshot: NDArray[np.int64],
    initiator: NDArray[np.int64],
    items: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Task I: the products of initiators [n] with items [n, N], [n, N, 3, d], in the order of ``VIEWS``.

    ``views`` are stacked, [S, rows, d]; row k is looked up in ``snapshot`` [n].
    """
    at = snapshot[:, None]
    launched, joined = views.launched[at, items], views.joined[at, items]
    launches, joins, social = (
        table[snapshot, initiator][:, None]
        for table in (views.initiator, views.participant, views.social)
    )
    return np.stack([launches * launched, joins * joined, social * joined], 2)


def participant_products(
    views: ViewTables,
    snapshot: NDArray[np.int64],
    initiator: NDArray[np.int64],
    item: NDArray[np.int64],
    people: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Task II: the products of participants [n, N] with items [n] and initiators [n], [n, N, 4, d]."""
    at = snapshot[:, None]
    launches, joins, social = (
        table[at, people] for table in (views.initiator, views.participant, views.social)
    )
    launched, joined = (table[snapshot, item][:, None] for table in (views.launched, views.joined))
    initiator_launches, initiator_social = (
        table[snapshot, initiator][:, None] for table in (views.initiator, views.social)
    )
    products = [
        joins * joined,
        launches * launched,
        initiator_social * social,
        initiator_launches * joins,
    ]
    return np.stack(products, 2)


def product_columns(products: NDArray[np.float32], columns: str) -> NDArray[np.float32]:
    """Products [n, N, V, d] as columns: summed view by view ("dots", [n, N, V]), or with each number behind."""
    dots = products.sum(3)
    if columns == "dots":
        return dots
    return np.concatenate([dots, products.reshape(*products.shape[:2], -1)], 2)


def product_names(task: Task, dim: int, columns: str) -> list[str]:
    """The names of ``product_columns`` in their order."""
    names = list(VIEWS[task])
    if columns == "products":
        names += [f"{view}_{number}" for view in VIEWS[task] for number in range(dim)]
    return names
