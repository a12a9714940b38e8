"""Loading a model version: every file hashed, every graph run on its canaries, or a refusal.

A flipped byte in an ONNX file loads without an error and recommends nonsense, so nothing is taken
on trust, and nothing is remembered from an earlier load.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    EPFail,
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NoSuchFile,
    NotImplemented,
    RuntimeException,
)
from threadpoolctl import threadpool_limits

from db.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from db.evidence.evidence import Evidence
from db.evidence.graphs import Graphs
from db.evidence.tables import Tables
from db.holding import MANIFEST, Hold
from engine.entities import Entities
from engine.errors import BundleRefused
from engine.graph import Graph
from engine.manifest import Canary, Manifest, read_manifest
from engine.scoring import ITEMS, PARTICIPANTS, Scorer

EVIDENCE = "evidence.npz"
TOLERANCE = 1e-4  # of a canary's score
COLUMNS = {ITEMS: ITEM_EVIDENCE, PARTICIPANTS: PARTICIPANT_EVIDENCE}
_ONNX_ERRORS = (
    EPFail,
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NoSuchFile,
    NotImplemented,
    RuntimeException,
)
_NEXT = "Retrain, or promote another version (`python -m engine models` lists them)."


@dataclass(frozen=True)
class Bundle:
    """A verified model version, ready to score."""

    manifest: Manifest
    users: Entities
    items: Entities
    evidence: Evidence | None  # None for a model without evidence
    turn: NDArray[np.float32] | None  # makes role vectors of later logs; None where nothing can
    scorers: Mapping[str, Scorer]  # by task
    held: Hold  # keeps the files from being pruned while somebody answers from them


def load_bundle(folder: Path, threads: int) -> Bundle:
    """The bundle in ``folder``; raises BundleRefused with a sentence where anything is amiss.

    ``threads`` threads will rank.
    """
    held = _held(folder)
    manifest = read_manifest(_content(folder, MANIFEST), str(folder / MANIFEST))
    if manifest.version != folder.name:
        raise BundleRefused(f"{folder} holds the model version {manifest.version}. {_NEXT}")
    for name in _needed(manifest):
        if name not in manifest.files:
            raise BundleRefused(f"The manifest of {folder} does not vouch for {name}. {_NEXT}")
    # numpy's threads wait by spinning, on the very cores that the graph's threads are to have: ranking all items took
    # 91 ms instead of 54. Its products are small here, so one thread does as well.
    threadpool_limits(1, user_api="blas")
    runners = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="graph")
    with ThreadPoolExecutor(max_workers=threads) as pool:
        contents = dict(
            zip(
                manifest.files,
                pool.map(lambda name: _verified(folder, manifest, name), manifest.files),
                strict=True,
            )
        )
        users, items = (
            _entities(contents[name], folder / name) for name in (manifest.users, manifest.items)
        )
        evidence, turn = None, None
        if EVIDENCE in contents:
            evidence, turn = _evidence(contents[EVIDENCE], folder)
        sizes = {PARTICIPANTS: users.newcomer, ITEMS: items.newcomer}
        made = pool.map(
            lambda task: _scorer(task, manifest, contents, folder, evidence, sizes, runners),
            manifest.tasks,
        )
        scorers = dict(zip(manifest.tasks, made, strict=True))
        list(pool.map(lambda canary: _check(scorers, canary, folder), manifest.canaries))
    if turn is not None:
        for scorer in scorers.values():
            _check_shifts(scorer, turn, folder)
    return Bundle(manifest, users, items, evidence, turn, scorers, held)


def _needed(manifest: Manifest) -> list[str]:
    graphs = [name for task in manifest.tasks.values() for name in (task.ranking, task.graph)]
    evidence = [EVIDENCE] if any(task.evidence for task in manifest.tasks.values()) else []
    return [manifest.users, manifest.items, *graphs, *evidence]


def _held(folder: Path) -> Hold:
    try:
        return Hold(folder)
    except OSError as error:
        raise _unreadable(folder, MANIFEST, error) from error


def _content(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise _unreadable(folder, name, error) from error


def _unreadable(folder: Path, name: str, error: OSError) -> BundleRefused:
    if isinstance(error, FileNotFoundError):
        return BundleRefused(f"The model version {folder} lacks its file {name}. {_NEXT}")
    return BundleRefused(f"{folder / name} cannot be read: {error.strerror}. {_NEXT}")


def _verified(folder: Path, manifest: Manifest, name: str) -> bytes:
    content, mark = _content(folder, name), manifest.files[name]
    if len(content) != mark.bytes:
        raise BundleRefused(
            f"{folder / name} has {len(content)} bytes instead of {mark.bytes}: "
            f"it was cut off or changed. {_NEXT}"
        )
    if hashlib.sha256(content).hexdigest() != mark.sha256:
        raise BundleRefused(
            f"{folder / name} is not the file that was exported: its SHA-256 differs. {_NEXT}"
        )
    return content


def _entities(content: bytes, place: Path) -> Entities:
    try:
        ids = json.loads(content)
    except ValueError as error:
        raise BundleRefused(f"{place} holds no list of ids: {error}. {_NEXT}") from error
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
        raise BundleRefused(f"{place} holds no list of ids. {_NEXT}")
    return Entities(ids, len(ids))


def _evidence(content: bytes, folder: Path) -> tuple[Evidence, NDArray[np.float32] | None]:
    """The evidence, and what turns its smooth taste vectors into item vectors, where there is one."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        evidence = Evidence(
            Graphs.from_arrays(arrays),
            np.asarray(arrays["taste"], np.float32),
            np.asarray(arrays["leaning"], np.float32),
        )
        if "turn" not in arrays:
            return evidence, None
        turn = np.asarray(arrays["turn"], np.float32)
        if turn.ndim != 2 or len(turn) != evidence.leaning.shape[1]:
            raise ValueError(f"its turn is {turn.shape}, its leaning {evidence.leaning.shape}")
        return evidence, turn
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BundleRefused(
            f"{folder / EVIDENCE} cannot be read as evidence: {error}. {_NEXT}"
        ) from error


def _scorer(
    task: str,
    manifest: Manifest,
    contents: dict[str, bytes],
    folder: Path,
    evidence: Evidence | None,
    sizes: Mapping[str, int],
    runners: Executor,
) -> Scorer:
    if task not in COLUMNS:
        raise BundleRefused(f"{folder} holds the unknown task {task!r}. {_NEXT}")
    entry = manifest.tasks[task]
    if entry.evidence and entry.evidence != list(COLUMNS[task]):
        raise BundleRefused(
            f"The model version {folder} reads other evidence than this version of the code "
            f"counts. {_NEXT}"
        )
    try:
        graph = Graph(
            contents[entry.ranking],
            lambda: _verified(folder, manifest, entry.graph),
            len(entry.tokens),
            runners,
        )
    except _ONNX_ERRORS as error:
        raise BundleRefused(
            f"{folder / entry.ranking} cannot be loaded as a graph: {_first_line(error)}. {_NEXT}"
        ) from error
    known = sizes[task]
    return Scorer(task, entry, graph, evidence if entry.evidence else None, known, known)


def _check_shifts(scorer: Scorer, turn: NDArray[np.float32], folder: Path) -> None:
    """Raises BundleRefused where the graph cannot take the vectors that later logs would give it."""
    shifts, views = scorer.manifest.shifts, set(Tables.__dataclass_fields__)
    widths = {place: len(names) * turn.shape[1] for place, names in shifts.items()}
    if widths != scorer.graph.shift_widths or not views.issuperset(chain(*shifts.values())):
        raise BundleRefused(
            f"The model version {folder} takes other vectors for {scorer.task} than its manifest "
            f"says. {_NEXT}"
        )


def _check(scorers: Mapping[str, Scorer], canary: Canary, folder: Path) -> None:
    """Raises BundleRefused where a canary's scores are not those of the export."""
    try:
        scores = _canary_scores(scorers[canary.task], canary)
    except (*_ONNX_ERRORS, KeyError, IndexError, ValueError) as error:
        raise BundleRefused(
            f"The model version {folder} cannot score its own canaries: {_first_line(error)}. "
            f"{_NEXT}"
        ) from error
    expected = np.array(canary.scores, np.float32)
    allowed = TOLERANCE * np.maximum(1, np.abs(expected))
    if scores.shape != expected.shape or not (np.abs(scores - expected) <= allowed).all():
        raise BundleRefused(
            f"The model version {folder} scores its canaries for {canary.task} otherwise than the "
            f"export did: {scores[:3].tolist()} instead of {canary.scores[:3]}. {_NEXT}"
        )


def _canary_scores(scorer: Scorer, canary: Canary) -> NDArray[np.float32]:
    # Evidence for everybody: for pairs alone the tastes of all users would have to be laid out
    # first, which takes longer.
    everyone = scorer.everyone_evidence(canary.initiator, canary.item)
    candidates = np.array(canary.candidates, np.int64)
    return scorer.scores(canary.initiator, canary.item, candidates, everyone[candidates])


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
