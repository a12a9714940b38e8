"""Words of items' names as vectors: which names are alike, those of items that nobody has launched too.

A name is cut into the character n-grams of its words (as scikit-learn's ``char_wb``), these are hashed into buckets and
weighted by tf-idf, and a truncated SVD of the shop's own items reduces the buckets to ``DIMENSIONS`` (latent semantic
analysis, Deerwester et al. 1990). What it learned makes vectors of later items, in the same space.

Vectors and profiles are rounded to steps so coarse that their products add up exactly in float32, whatever the order.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from engine.evidence.describes_candidates import Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.event_counts import LatestEvents
from engine.evidence.timed.values import Columns, Floats

SIZES = (2, 3, 4)  # characters of an n-gram
BUCKETS = 2**13
DIMENSIONS = 48
HISTORY = 30  # latest launches that a profile is made of
HALF_LIVES = {"7d": 7.0, "90d": 90.0, "1000d": 1000.0}  # days
STEP, PROFILE_STEP = 2.0**-11, 2.0**-12
LETTERS = 0.5  # of the characters of a shop's ids: with fewer they are numbers and say nothing


@dataclass(frozen=True)
class WordSpace:
    """What was learned from the names of a shop's items: ``idf`` [buckets] and ``components`` [buckets, m]."""

    idf: Floats
    components: Floats

    @classmethod
    def learned(cls, texts: Sequence[str]) -> "WordSpace":
        """The space of these names; without a dimension where they are too few."""
        counts = _counts(texts)
        used = np.flatnonzero(counts.getnnz(0))
        documents = np.asarray(counts.getnnz(0), np.float64)
        idf = np.log((1 + counts.shape[0]) / (1 + documents)) + 1
        rank = min(DIMENSIONS, counts.shape[0] - 1, len(used) - 1)
        components = np.zeros((BUCKETS, max(rank, 0)), np.float32)
        if rank > 0:
            weighted = _weighted(counts, idf)[:, used]
            start = np.ones(min(weighted.shape))  # ARPACK would draw one
            components[used] = svds(weighted, rank, v0=start, return_singular_vectors="vh")[2].T
        return cls(idf.astype(np.float32), components)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A vector [m] of length 1 for each name, in steps of ``STEP``; 0 for one without a known n-gram."""
        found = np.asarray(_weighted(_counts(texts), self.idf) @ self.components, np.float32)
        length = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(length > 0, length, 1)
        return (np.round(found / STEP) * STEP).astype(np.float32)


@dataclass(frozen=True)
class Words:
    """The space of a shop's names, and the ``vectors`` [I+1, m] of its items; the cold-start row is 0."""

    space: WordSpace
    vectors: Floats

    @classmethod
    def of(cls, names: Sequence[str], space: WordSpace) -> "Words":
        """The vectors of items with these names."""
        vectors = space.vectors(names)
        return cls(space, np.vstack([vectors, np.zeros((1, vectors.shape[1]), np.float32)]))

    def columns(self, latest: LatestEvents, c: Candidates) -> Columns:
        """How like the names of the latest launches those of candidates are, [B, K] each."""
        vectors = self.vectors if c is None else self.vectors[c]  # [I+1, m] or [B, K, m]
        launched = self.vectors[latest.values]  # [B, L, m]
        found: Columns = {}
        for name, half_life in HALF_LIVES.items():
            profile = (latest.weights(half_life)[:, None] @ launched)[:, 0]  # [B, m]
            profile = (np.round(profile / PROFILE_STEP) * PROFILE_STEP).astype(np.float32)
            alike = profile @ vectors.T if c is None else (vectors @ profile[..., None])[..., 0]
            found[f"words_{name}"] = np.asarray(alike, np.float32)
        return found

    def likeness(self, one: Positions, others: Positions) -> Floats:
        """How like the names of items are, [..., ...]."""
        return self.vectors[one] @ self.vectors[others].T


def spoken_names(ids: Sequence[str], names: Sequence[str | None]) -> list[str]:
    """The name of each item; without one its id, if the shop's ids are mostly letters, else nothing."""
    letters = sum(sum(map(str.isalpha, id)) for id in ids)
    spoken = letters >= LETTERS * max(1, sum(map(len, ids)))
    return [name or (id if spoken else "") for name, id in zip(names, ids, strict=True)]


def _counts(texts: Sequence[str]) -> sp.csr_matrix:
    """How often each bucket occurs in each text, [texts, buckets]."""
    found = [
        [bucket for word in text.lower().split() for bucket in word_buckets(word)] for text in texts
    ]
    start = np.cumsum([0, *map(len, found)])
    columns = np.array([bucket for buckets in found for bucket in buckets], np.int32)
    matrix = sp.csr_matrix((np.ones(len(columns)), columns, start), (len(texts), BUCKETS))
    matrix.sum_duplicates()
    return matrix


def _weighted(counts: sp.csr_matrix, idf: NDArray[np.floating]) -> sp.csr_matrix:
    """tf-idf of the counts, each row of length 1."""
    weighted = counts @ sp.diags(idf.astype(np.float64))
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.where(length > 0, length, 1)) @ weighted)


@lru_cache(maxsize=100_000)
def word_buckets(word: str) -> tuple[int, ...]:
    """The buckets of a word's n-grams, its ends marked by a space; a word shorter than an n-gram is one itself."""
    marked = f" {word} "
    found = []
    for size in SIZES:
        grams = [marked[k : k + size] for k in range(max(1, len(marked) - size + 1))]
        found += [zlib.crc32(gram.encode()) % BUCKETS for gram in grams]
        if len(grams) == 1:
            break
    return tuple(found)
