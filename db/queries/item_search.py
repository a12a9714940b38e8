"""Item search as you type: by id, name, pinyin or initials, like ``db.queries.entities.search_users``."""

import re
from collections.abc import Callable

import pandas as pd

from db.queries.pinyin import plain, spell


class ItemSearch:
    """The items of a shop, spelled once and looked through at each keystroke. Threads may share it."""

    def __init__(self, names: pd.Series) -> None:
        """``names``: by the shop's id, missing where the store knows none, in the order of first sight."""
        self._ids = [str(id) for id in names.index]
        known = [name if isinstance(name, str) else "" for name in names]
        self._plain_ids = [plain(id) for id in self._ids]
        self._plain_names = [plain(name) for name in known]
        spelled = [spell(name) if name else ("", "") for name in known]
        self._pinyin = [full for full, _ in spelled]
        self._initials = [initials for _, initials in spelled]

    def search(self, text: str, limit: int = 20) -> list[str]:
        """Ids of items whose id, name, pinyin or initials begin with or contain ``text``, best match first.

        An exact id comes first, then an exact name, then beginnings, then the rest; of equal matches the shorter id.
        """
        wanted = plain(text)
        if not wanted:
            return []
        spelled = re.sub(r"[\s'’·-]", "", wanted).replace("ü", "v")
        columns = [(self._plain_ids, wanted), (self._plain_names, wanted)]
        if spelled.isalnum():
            columns += [(self._pinyin, spelled), (self._initials, spelled)]
        found = {
            place: None
            for values, part in columns
            for place, value in enumerate(values)
            if part in value
        }
        order = self._rank(text.strip(), wanted, columns)
        ranked = sorted(found, key=lambda place: (order(place), len(self._ids[place]), place))
        return [self._ids[place] for place in ranked[:limit]]

    def _rank(
        self, typed: str, wanted: str, columns: list[tuple[list[str], str]]
    ) -> Callable[[int], int]:
        def rank(place: int) -> int:
            if self._ids[place] == typed:
                return 0
            if self._plain_ids[place] == wanted:
                return 1
            if self._plain_names[place] == wanted:
                return 2
            beginnings = (k for k, (v, part) in enumerate(columns) if v[place].startswith(part))
            return 3 + next(beginnings, 6)

        return rank
