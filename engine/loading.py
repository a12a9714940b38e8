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

from db.errors import BundleRefused
from engine.bundle.lock import MANIFEST, Hold
from engine.bundle.manifest import Canary, Manifest, read_manifest
from engine.bundle.roles import ITEM_VIEWS, USER_VIEWS, Roles
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.id_map import Entities
from engine.onnx_session import Graph
from engine.scorer import ITEMS, PARTICIPANTS, Scorer

EVIDENCE, ROLES = "evidence.npz", "roles.npz"
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
    rotation: NDArray[np.float32] | None  # makes role vectors of later logs; None where nothing can
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
        read = _read(manifest)
        verified = pool.map(lambda name: _verified(folder, manifest, name), read)
        contents = dict(zip(read, verified, strict=True))
        for name in manifest.files.keys() - read:
            _verified(folder, manifest, name)  # one at a time, and let go: they are large
        users, items = (
            _entities(contents[name], folder / name) for name in (manifest.users, manifest.items)
        )
        evidence, rotation = None, None
        if EVIDENCE in contents:
            evidence, rotation = _evidence(contents[EVIDENCE], folder)
        roles = _roles(contents[ROLES], users.newcomer + 1, items.newcomer + 1, rotation, folder)
        made = pool.map(
            lambda task: _scorer(task, manifest, contents, folder, evidence, roles, runners),
            manifest.tasks,
        )
        scorers = dict(zip(manifest.tasks, made, strict=True))
        list(pool.map(lambda canary: _check(scorers, canary, folder), manifest.canaries))
    return Bundle(manifest, users, items, evidence, rotation, scorers, held)


def _needed(manifest: Manifest) -> list[str]:
    """What it cannot serve without."""
    return [*_read(manifest), *(task.inside for task in manifest.tasks.values())]


def _read(manifest: Manifest) -> list[str]:
    """What is read at once; graphs that explain are read when they are first asked for."""
    graphs = [task.ranking for task in manifest.tasks.values()]
    evidence = [EVIDENCE] if any(task.evidence for task in manifest.tasks.values()) else []
    return [manifest.users, manifest.items, ROLES, *graphs, *evidence]


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
        rotation = np.asarray(arrays["turn"], np.float32)
        if rotation.ndim != 2 or len(rotation) != evidence.smooth_taste.shape[1]:
            raise ValueError(
                f"its rotation is {rotation.shape}, its leaning {evidence.smooth_taste.shape}"
            )
        return evidence, rotation
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BundleRefused(
            f"{folder / EVIDENCE} cannot be read as evidence: {error}. {_NEXT}"
        ) from error


def _roles(
    content: bytes, users: int, items: int, rotation: NDArray[np.float32] | None, folder: Path
) -> Roles:
    """The role vectors of so many users and items, newcomers included."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            roles = Roles(*(np.asarray(stored[name], np.float32) for name in ("users", "items")))
        rows = [len(table) for table in (roles.users, roles.items)]
        if rows != [users, items]:
            raise ValueError(
                f"they are {rows[0]} and {rows[1]}, not {users} users and {items} items"
            )
        widths = roles.users.shape[1] // len(USER_VIEWS), roles.items.shape[1] // len(ITEM_VIEWS)
        if widths[0] != widths[1] or (rotation is not None and widths[0] != rotation.shape[1]):
            raise ValueError(f"their views are {widths[0]} and {widths[1]} numbers wide")
    except (ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise BundleRefused(
            f"{folder / ROLES} cannot be read as role vectors: {error}. {_NEXT}"
        ) from error
    return roles


def _scorer(
    task: str,
    manifest: Manifest,
    contents: dict[str, bytes],
    folder: Path,
    evidence: Evidence | None,
    roles: Roles,
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
            lambda: _verified(folder, manifest, entry.inside),
            len(entry.tokens),
            roles,
            runners,
        )
    except _ONNX_ERRORS as error:
        raise BundleRefused(
            f"{folder / entry.ranking} cannot be loaded as a graph: {_first_line(error)}. {_NEXT}"
        ) from error
    known = len(roles.items if task == ITEMS else roles.users) - 1
    return Scorer(task, entry, graph, evidence if entry.evidence else None, known, known)


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
