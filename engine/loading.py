"""Loading a model version: every file is hashed and every graph run on its canaries before it serves.

A flipped byte in an ONNX file loads without an error and recommends nonsense, so nothing is trusted, and nothing is
remembered from an earlier load.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
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

from db.errors import BundleRefused
from db.logs import Task
from db.messages import Term
from engine.bundle.event_files import holds_events, read_timed_evidence
from engine.bundle.files import (
    EVIDENCE,
    MANIFEST,
    ROLES,
    Roles,
    Rotation,
    read_evidence,
    read_roles,
    sha256,
)
from engine.bundle.graph_checks import NO_GRAPH, ExternalDataError, check_graph
from engine.bundle.lock import ReadLock
from engine.bundle.manifest import TOLERANCE, Canary, Manifest, read_manifest
from engine.catalogue import IdMap
from engine.evidence.evidence import Evidence
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.onnx_session import OnnxHead
from engine.scorer import Scorer

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


@dataclass(frozen=True)
class Bundle:
    """A verified model version, ready to score."""

    manifest: Manifest
    users: IdMap
    items: IdMap
    evidence: Evidence | TimedEvidence | None  # None for a model without evidence
    rotation: Rotation  # makes role vectors of later logs; None for a model that cannot follow them
    scorers: Mapping[Task, Scorer]
    read_lock: ReadLock  # keeps the files from being pruned while the bundle is in use


def load_bundle(folder: Path, threads: int, manifests: Sequence[str] = ()) -> Bundle:
    """The bundle in ``folder``, which will rank with ``threads`` threads.

    ``manifests`` are the SHA-256 that its manifest may have; any, where none is given. Raises BundleRefused when a file
    is missing, damaged or not what was exported.
    """
    try:
        read_lock = ReadLock(folder)
    except OSError as error:
        raise _unreadable(folder, MANIFEST, error) from error
    files = _Files(folder, manifests)
    manifest = files.manifest
    runners = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="graph")
    with ThreadPoolExecutor(max_workers=threads) as pool:
        needed = _read_at_once(manifest)
        contents = dict(zip(needed, pool.map(files.verified, needed), strict=True))
        for name in manifest.files.keys() - needed:
            files.verified(name)  # one at a time and not kept: they are large
        users = files.id_map(manifest.id_maps.users, contents)
        items = files.id_map(manifest.id_maps.items, contents)
        evidence: Evidence | TimedEvidence | None = None
        rotation = None
        if EVIDENCE in contents:
            evidence, rotation = files.evidence(contents[EVIDENCE], users, items)
        roles = files.roles(contents[ROLES], users.cold_start + 1, items.cold_start + 1, rotation)
        scorers = dict(
            zip(
                manifest.tasks,
                pool.map(
                    lambda task: files.scorer(task, contents, evidence, roles, runners),
                    manifest.tasks,
                ),
                strict=True,
            )
        )
        list(pool.map(lambda canary: files.check(scorers, canary), manifest.canaries))
    return Bundle(manifest, users, items, evidence, rotation, scorers, read_lock)


def _read_at_once(manifest: Manifest) -> list[str]:
    """The files that are read when the bundle is opened; graphs that explain follow when they are first used."""
    graphs = [task.ranking for task in manifest.tasks.values()]
    evidence = [EVIDENCE] if any(task.evidence for task in manifest.tasks.values()) else []
    return [manifest.id_maps.users, manifest.id_maps.items, ROLES, *graphs, *evidence]


class _Files:
    """The files of a bundle, verified as they are read. Every method raises BundleRefused."""

    def __init__(self, folder: Path, manifests: Sequence[str]) -> None:
        self.folder = folder
        content = self._content(MANIFEST)
        if manifests and sha256(content) not in manifests:
            raise self._refused("engine.bundle.manifest_changed", MANIFEST)
        self.manifest = read_manifest(content, str(folder / MANIFEST))
        if self.manifest.version != folder.name:
            raise BundleRefused(
                "engine.bundle.other_version", folder=str(folder), version=self.manifest.version
            )
        graphs = [task.inside for task in self.manifest.tasks.values()]
        for name in [*_read_at_once(self.manifest), *graphs]:
            if name not in self.manifest.files:
                raise BundleRefused("engine.bundle.file_not_listed", folder=str(folder), file=name)

    def verified(self, name: str) -> bytes:
        """The content of a file, if it is the one that was exported."""
        content, expected = self._content(name), self.manifest.files[name]
        if len(content) != expected.bytes:
            raise self._refused(
                "engine.bundle.file_truncated", name, found=len(content), expected=expected.bytes
            )
        if sha256(content) != expected.sha256:
            raise self._refused("engine.bundle.file_changed", name)
        return content

    def id_map(self, name: str, contents: Mapping[str, bytes]) -> IdMap:
        """The shop's ids by position."""
        try:
            ids = json.loads(contents[name])
        except ValueError as error:
            raise self._refused("engine.bundle.ids_invalid", name) from error
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            raise self._refused("engine.bundle.ids_invalid", name)
        return IdMap(ids, len(ids))

    def evidence(
        self, content: bytes, users: IdMap, items: IdMap
    ) -> tuple[Evidence | TimedEvidence, Rotation]:
        """The evidence, and the rotation of its smooth taste vectors if there is one."""
        try:
            if holds_events(content):
                timed, rotation = read_timed_evidence(content, users.ids, items.ids)
                return self._with_its_columns(timed), rotation
            evidence, rotation = read_evidence(content)
            return replace(evidence, version=self.manifest.evidence_version), rotation
        except ValueError as error:
            raise self._refused(
                "engine.bundle.evidence_invalid", EVIDENCE, reason=_first_line(error)
            ) from error

    def _with_its_columns(self, evidence: TimedEvidence) -> TimedEvidence:
        """Only the columns that the model learned from, so that models of before newer columns are still served."""
        own = {task: tuple(entry.evidence) for task, entry in self.manifest.tasks.items()}
        known = all(set(own[task]) <= set(evidence.columns[task]) for task in own)
        return replace(evidence, columns={**evidence.columns, **own}) if known else evidence

    def roles(self, content: bytes, users: int, items: int, rotation: Rotation) -> Roles:
        """The role vectors of ``users`` users and ``items`` items, the cold-start rows included."""
        try:
            return read_roles(content, users, items, rotation)
        except ValueError as error:
            raise self._refused(
                "engine.bundle.roles_invalid", ROLES, reason=_first_line(error)
            ) from error

    def scorer(
        self,
        task: Task,
        contents: Mapping[str, bytes],
        evidence: Evidence | TimedEvidence | None,
        roles: Roles,
        runners: Executor,
    ) -> Scorer:
        """The scorer of a task; its graph that explains is read when it is first used."""
        entry = self.manifest.tasks[task]
        if entry.evidence and (evidence is None or entry.evidence != list(evidence.columns[task])):
            raise BundleRefused("engine.bundle.other_evidence", folder=str(self.folder))
        try:
            head = OnnxHead(
                self.graph(entry.ranking, contents[entry.ranking]),
                lambda: self.explaining_graph(entry.inside),
                len(entry.tokens),
                roles,
                runners,
            )
        except _ONNX_ERRORS as error:
            raise self._refused(
                "engine.bundle.graph_invalid", entry.ranking, reason=_first_line(error)
            ) from error
        size = len(roles.items if task is Task.ITEMS else roles.users) - 1
        return Scorer(
            task,
            entry,
            self.manifest.calibration[task],
            head,
            evidence if entry.evidence else None,
            trained=size,
            size=size,
            by_question=self.manifest.item_calibrations if task is Task.ITEMS else {},
        )

    def graph(self, name: str, content: bytes) -> bytes:
        """The content of a graph that is complete in itself and takes no more memory than a head does."""
        try:
            check_graph(content)
        except ExternalDataError as error:
            raise self._refused("engine.bundle.external_data", name, other=str(error)) from error
        except NO_GRAPH as error:
            raise self._refused(
                "engine.bundle.graph_invalid", name, reason=_first_line(error)
            ) from error
        return content

    def explaining_graph(self, name: str) -> bytes:
        """A graph that explains, read long after the bundle was opened; without it the model still ranks."""
        try:
            return self.graph(name, self.verified(name))
        except BundleRefused as error:
            raise BundleRefused("engine.bundle.cannot_explain", why=error.message) from error

    def check(self, scorers: Mapping[Task, Scorer], canary: Canary) -> None:
        """Compares a canary's scores with those of the export."""
        try:
            scores = _canary_scores(scorers[canary.task], canary)
        except (*_ONNX_ERRORS, KeyError, IndexError, ValueError) as error:
            raise BundleRefused(
                "engine.bundle.canary_failed", folder=str(self.folder), reason=_first_line(error)
            ) from error
        if not canary.gap(scores) <= TOLERANCE:  # NaN included
            raise BundleRefused(
                "engine.bundle.canary_differs",
                folder=str(self.folder),
                task=canary.task,
                found=str(scores[:3].tolist()),
                expected=str(canary.scores[:3]),
            )

    def _content(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise _unreadable(self.folder, name, error) from error

    def _refused(self, key: str, name: str, **values: str | int) -> BundleRefused:
        return BundleRefused(key, path=str(self.folder / name), **values)


def _unreadable(folder: Path, name: str, error: OSError) -> BundleRefused:
    if isinstance(error, FileNotFoundError):
        return BundleRefused("engine.bundle.file_missing", folder=str(folder), file=name)
    reason = Term("system", str(error.strerror), str(error.errno))
    return BundleRefused("engine.bundle.file_unreadable", path=str(folder / name), reason=reason)


def _canary_scores(scorer: Scorer, canary: Canary) -> NDArray[np.float32]:
    # The evidence of all candidates: for a few of them, the tastes of all users would have to be laid out first,
    # which takes longer.
    everyone = scorer.evidence_of_all(canary.query)
    candidates = np.array(canary.candidates, np.int64)
    return scorer.score(canary.query, candidates, everyone[candidates])


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
