"""The good rows of one file in compact arrays, on their way into the store."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

UNKNOWN_SIZE = 0


@dataclass(frozen=True)
class ItemFacts:
    """What a file says about an item; None where it says nothing."""

    name: str | None = None
    category: str | None = None
    price: float | None = None
    group_price: float | None = None
    min_participants: int | None = None

    def updated(self, later: "ItemFacts") -> "ItemFacts":
        """These facts where ``later`` is silent, the later word elsewhere."""
        mine, new = vars(self), vars(later)
        return ItemFacts(**{key: mine[key] if new[key] is None else new[key] for key in mine})


@dataclass(frozen=True)
class Staged:
    """G groups with M members, and F friendships; users and items are positions in the id lists.

    The ids stand in the order of first sight. Times are seconds, UNKNOWN_TIME where not said; sizes
    count people, the initiator included, UNKNOWN_SIZE where not said.
    """

    users: list[str]
    items: list[str]
    group_id: list[str | None]  # [G] the shop's own
    initiator: NDArray[np.int32]  # [G]
    item: NDArray[np.int32]  # [G]
    status: NDArray[np.int8]  # [G] of db.logs
    launched_at: NDArray[np.int64]  # [G]
    target_size: NDArray[np.int32]  # [G]
    expires_at: NDArray[np.int64]  # [G]
    member_group: NDArray[np.int32]  # [M] positions of groups, ascending
    member: NDArray[np.int32]  # [M]
    friendships: NDArray[np.int32]  # [F, 2]
    user_names: dict[int, str] = field(default_factory=dict)
    item_facts: dict[int, ItemFacts] = field(default_factory=dict)

    def pruned(self) -> "Staged":
        """The same without the users and items that no group and no friendship refers to."""
        used = (self.initiator, self.member, self.friendships.ravel())
        user_place, user_kept = _compact(np.concatenate(used), len(self.users))
        item_place, item_kept = _compact(self.item, len(self.items))
        return replace(
            self,
            users=[self.users[k] for k in user_kept],
            items=[self.items[k] for k in item_kept],
            initiator=user_place[self.initiator],
            member=user_place[self.member],
            friendships=user_place[self.friendships],
            item=item_place[self.item],
            user_names={
                int(user_place[k]): name
                for k, name in self.user_names.items()
                if user_place[k] >= 0
            },
            item_facts={
                int(item_place[k]): said
                for k, said in self.item_facts.items()
                if item_place[k] >= 0
            },
        )

    def size(self) -> int:
        """How many rows of the store this is, for progress."""
        return (
            len(self.users)
            + len(self.items)
            + len(self.group_id)
            + len(self.member)
            + len(self.friendships)
        )


def _compact(used: NDArray[np.int32], count: int) -> tuple[NDArray[np.int32], list[int]]:
    """The new place of each of ``count`` entities, -1 for the unused, and the used ones."""
    kept = np.unique(used)
    place = np.full(count, -1, np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    return place, kept.tolist()
