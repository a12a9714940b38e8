"""Who and what can be recommended, as one model sees them: ids, positions, and ranks among scores."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from db.messages import Message
from db.queries.shelf import why_not
from engine.availability import Availability, ReadsAvailability
from engine.moment import Moment
from engine.source import Kind, Source


@dataclass(frozen=True)
class IdMap:
    """The shop's ids by position: those that the model was trained with, then later ones."""

    ids: list[str]
    trained: int  # how many of them come first

    @property
    def cold_start(self) -> int:
        """The position of every other id, of which nothing is known."""
        return len(self.ids)

    def is_new(self, position: int) -> bool:
        """Whether the model was trained without the user or item at ``position``."""
        return position >= self.trained

    def with_later(self, ids: Iterable[str]) -> "IdMap":
        """These ids, followed by those of ``ids`` that are not among them."""
        later = [id for id in ids if id not in self._positions]
        return IdMap([*self.ids, *later], self.trained)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {id: position for position, id in enumerate(self.ids)}

    def position(self, id: str) -> int:
        """The position of the shop's ``id``, the cold-start position for an unknown one."""
        return self._positions.get(id.strip(), len(self.ids))

    def positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The position of each id."""
        return np.fromiter(map(self.position, ids), np.int64, len(ids))


@dataclass(frozen=True)
class Listing:
    """All users, or all items, of the shop: L of them, in the order in which the shop first saw them."""

    ids: NDArray[np.object_]  # [L] the shop's ids
    positions: NDArray[
        np.int64
    ]  # [L] in the model, the cold-start position for ids that it does not know

    @cached_property
    def index(self) -> dict[str, int]:
        """The index of each id in the list."""
        return {id: index for index, id in enumerate(self.ids.tolist())}

    def mask(self, ids: Iterable[str]) -> NDArray[np.bool_]:
        """Which entries of the list have one of these ids, [L]; ids that are not in the list are ignored."""
        marked = np.zeros(len(self.ids), bool)
        marked[[self.index[id] for id in ids if id in self.index]] = True
        return marked

    def top(
        self, scores: NDArray[np.float32], allowed: NDArray[np.bool_], count: int
    ) -> NDArray[np.int64]:
        """The indices of the ``count`` best allowed scores [L], best first, ties by id."""
        indices = np.flatnonzero(allowed)
        if count < 1 or not len(indices):
            return indices[:0]
        if count < len(indices):
            kept = scores[indices]
            lowest = np.partition(kept, len(kept) - count)[len(kept) - count]
            indices = indices[kept >= lowest]  # with all that tie for the last rank
        order = sorted(indices.tolist(), key=lambda k: (-float(scores[k]), self.ids[k]))
        return np.array(order[:count], np.int64)

    def rank(
        self, scores: NDArray[np.float32], allowed: NDArray[np.bool_], id: str, position: int
    ) -> tuple[int, int]:
        """The rank, from 1, of the candidate ``id`` among the allowed ones, and their number, itself included.

        ``scores`` [N + 1] are by position in the model. The candidate is ranked even if the shop does not list it.
        """
        rivals = allowed.copy()
        if id in self.index:
            rivals[self.index[id]] = False
        own, others = scores[position], scores[self.positions]
        tied = np.flatnonzero(rivals & (others == own))
        ahead = int((rivals & (others > own)).sum())
        ahead += sum(1 for k in tied.tolist() if self.ids[k] < id)
        return ahead + 1, int(rivals.sum()) + 1


@dataclass(frozen=True)
class Offered:
    """What can be had and who may be asked, in the lists of a catalogue of L users and L' items."""

    availability: Availability
    catalogue: "Catalogue"

    @cached_property
    def items(self) -> NDArray[np.bool_]:
        """Which items can be had, [L']."""
        return ~self.catalogue.items.mask(self.availability.shelf.unavailable)

    @cached_property
    def missing(self) -> NDArray[np.int64]:
        """The positions in the model of the items that cannot be had."""
        return self.catalogue.items.positions[~self.items]

    @cached_property
    def absent_items(self) -> NDArray[np.int64]:
        """The positions of items that the model knows and the shop does not have, or did not have yet."""
        later = self.catalogue.items.mask(self.availability.shelf.later)
        return _absent(self.catalogue.items.positions[~later], self.catalogue.item_map)

    @cached_property
    def refusing(self) -> NDArray[np.bool_]:
        """Who does not want to be asked, [L]."""
        return self.catalogue.users.mask(self.availability.refusing) & ~self._unknown

    @cached_property
    def people(self) -> NDArray[np.bool_]:
        """Who may be asked, [L]."""
        return ~(self.refusing | self._unknown)

    @cached_property
    def absent_users(self) -> NDArray[np.int64]:
        """The positions of users that the model knows and the shop does not have, or did not have yet."""
        return _absent(self.catalogue.users.positions[~self._unknown], self.catalogue.user_map)

    @cached_property
    def _unknown(self) -> NDArray[np.bool_]:
        return self.catalogue.users.mask(self.availability.unknown)

    def why_not_item(self, id: str) -> Message | None:
        """Why the item with this id cannot be had; None if it can."""
        return self.availability.shelf.unavailable.get(id)


class Catalogue:
    """What a source lists, in the positions of one model. Threads may share it.

    The lists of users and items and the launch counts are read on first use and then kept: make another recommender
    when the logs have changed. The shelf is read again when the shop says something new, and everything else at each
    call.
    """

    def __init__(
        self, source: Source, users: IdMap, items: IdMap, availability: ReadsAvailability
    ) -> None:
        self.source = source
        self.user_map, self.item_map = users, items
        self._availability = availability
        self._offered: Offered | None = None

    @property
    def moment(self) -> Moment | None:
        """The moment as of which the catalogue lists; None where the logs have no times."""
        return self._availability.moment()

    def offered(self) -> Offered:
        """What can be had and who may be asked now."""
        found, kept = self._availability.current(), self._offered
        if kept is not None and kept.availability is found:
            return kept
        self._offered = offered = Offered(found, self)
        return offered

    @cached_property
    def users(self) -> Listing:
        """All users of the shop."""
        return _listing(self.source.ids("users"), self.user_map)

    @cached_property
    def items(self) -> Listing:
        """All items of the shop."""
        return _listing(self.source.ids("items"), self.item_map)

    @cached_property
    def launches(self) -> NDArray[np.int64]:
        """How many groups each user of the list has opened, whatever became of them, [L]."""
        counts = self.source.launch_counts()
        return np.array([counts.get(id, 0) for id in self.users.ids.tolist()], np.int64)

    def names(self, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
        """Names by id; the id itself where the shop gives no name."""
        return self.source.names(kind, ids)

    def item_names(self, positions: Iterable[int]) -> dict[int, str]:
        """Names of known items by their positions."""
        ids = {position: self.item_map.ids[position] for position in positions}
        named = self.names("items", ids.values())
        return {position: named[id] for position, id in ids.items()}


def count_reasons(
    listed: Listing, left_out: NDArray[np.bool_], reasons: Mapping[str, Message]
) -> dict[str, int]:
    """How many of the entries [L] that a list leaves out have each reason, the most frequent first."""
    ids = listed.ids[np.flatnonzero(left_out)].tolist()
    return dict(Counter(why_not(reasons[id]) for id in ids).most_common())


def _absent(present: NDArray[np.int64], known: IdMap) -> NDArray[np.int64]:
    """The positions that are not among the ``present`` ones, without the cold-start position."""
    absent = np.ones(known.cold_start + 1, bool)
    absent[present] = False
    return np.flatnonzero(absent[:-1])


def _listing(ids: list[str], known: IdMap) -> Listing:
    # Usually both are the same: nothing was removed since the training.
    same = ids == known.ids
    positions = np.arange(len(ids), dtype=np.int64) if same else known.positions(ids)
    return Listing(np.array(ids, object), positions)
