"""A sample of past groups, the same at each look."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select

from db.logs import SUCCESSFUL
from db.schema import group_members, groups, items, users
from db.store import Store


@dataclass(frozen=True)
class Joined:
    """Somebody joined somebody's group for an item; ids of the shop."""

    initiator: str
    item: str
    participant: str


def sample_joins(store: Store, n: int, seed: int = 0) -> list[Joined]:
    """``n`` successful groups drawn by ``seed``, each with a participant; all if fewer."""
    stands = (groups.c.current, groups.c.status == SUCCESSFUL)
    with store.read() as connection:
        keys = np.sort(
            np.array(connection.execute(select(groups.c.id).where(*stands)).scalars().all(), int)
        )
        drawn = np.random.default_rng(seed).choice(keys, min(n, len(keys)), replace=False)
        member = (
            select(group_members.c.group_id, func.min(group_members.c.user_id).label("user_id"))
            .where(group_members.c.group_id.in_(drawn.tolist()))
            .group_by(group_members.c.group_id)
            .subquery()
        )
        initiator, participant = users.alias(), users.alias()
        rows = connection.execute(
            select(initiator.c.external_id, items.c.external_id, participant.c.external_id)
            .select_from(
                member.join(groups, groups.c.id == member.c.group_id)
                .join(items, items.c.id == groups.c.item_id)
                .join(initiator, initiator.c.id == groups.c.initiator_id)
                .join(participant, participant.c.id == member.c.user_id)
            )
            .order_by(groups.c.id)
        )
        return [Joined(*row) for row in rows]
