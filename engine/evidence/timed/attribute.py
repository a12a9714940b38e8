"""An attribute of items or users as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.evidence.describes_candidates import Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.event_counts import Tally


@dataclass(frozen=True)
class Attribute:
    """An attribute of items as numbers: ``codes`` [I+1] of the ``values``, or one more where it is not known."""

    codes: Positions
    values: list[str]

    @property
    def size(self) -> int:
        """How many codes there are, that of the unknown value included."""
        return len(self.values) + 1

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> "Attribute":
        """The attribute of items whose texts [I] are these; the cold-start row has none."""
        codes, values = pd.factorize(np.array([*texts], object))
        known = np.append(codes, -1).astype(np.int64)
        return cls(np.where(known < 0, len(values), known), list(values))

    def of_items(self, items: Candidates) -> Candidates:
        """The codes of items [B, K]; None for every item, see ``spread``."""
        return None if items is None else self.codes[items]

    def spread(self, tally: Tally, items: Candidates) -> Tally:
        """A tally of every code [B, size] as one of every item [B, I+1]; one of chosen items as it is."""
        return tally if items is not None else tally[:, self.codes]
