"""Writes a model version: a folder under a temporary name, checked as the engine would, then renamed.

Also copies a bundle, verified, to be carried elsewhere.
"""

import datetime
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from db.atomic import atomic_folder, publish_folder
from db.errors import BundleRefused, SettingError, TrainError
from db.logs import Task
from db.messages import Term
from db.parts import PartFolder
from engine.bundle.files import MANIFEST, Fingerprint, Roles, copy_hashed
from engine.bundle.lock import ReadLock
from engine.bundle.manifest import TOLERANCE, Canary, Manifest, read_manifest
from engine.bundle.unrecorded import Note


@dataclass(frozen=True)
class CanaryInput:
    """A canary and the evidence [N, E] of its candidates, which the engine counts anew after loading."""

    canary: Canary
    evidence: NDArray[np.float32]

    @property
    def positions(self) -> dict[str, NDArray[Any]]:
        """The inputs of a graph with embeddings, by name."""
        canary = self.canary
        rows = {
            "initiator": np.array([canary.initiator], np.int64),
            "candidates": np.array(canary.candidates, np.int64),
        }
        return rows if canary.item is None else rows | {"item": np.array([canary.item], np.int64)}

    def vectors(self, roles: Roles) -> dict[str, NDArray[Any]]:
        """The inputs of a head: the role vectors at these positions."""
        candidates = roles.items if self.canary.task is Task.ITEMS else roles.users
        tables = {"initiator": roles.users, "item": roles.items, "candidates": candidates}
        return {name: tables[name][rows] for name, rows in self.positions.items()}


def new_version(preset: str) -> str:
    """A name that sorts by time: date, time, preset, four random digits."""
    now = datetime.datetime.now(datetime.UTC)
    return f"{now:%Y%m%d-%H%M%S}-{preset}-{secrets.token_hex(2)}"


class BundleWriter:
    """Writes the bundle of ``version`` below ``models``; nothing has its final name before ``finish``.

    ``folder`` is the temporary folder. ``discard`` removes it.
    """

    def __init__(self, models: Path, version: str) -> None:
        self.version = version
        self._part = PartFolder(models / version)
        self.folder = self._part.path

    def write_json(self, name: str, content: Any) -> None:
        """Writes one JSON file."""
        self._write_text(name, json.dumps(content, ensure_ascii=False, indent=1))

    def write_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Writes arrays, uncompressed: they are read whenever the model is opened."""
        np.savez(self.folder / name, allow_pickle=False, **arrays)

    def finish(
        self,
        manifest: Manifest,
        canaries: Sequence[CanaryInput],
        roles: Roles,
        note: Note | None = None,
    ) -> Path:
        """Checks every graph on the canaries, adds the fingerprints to the manifest, syncs and renames.

        Returns the final folder. Raises TrainError when a graph differs from the trained model.
        """
        for kind in ("graph", "inside", "ranking"):
            graphs = {
                task: self.folder / getattr(entry, kind) for task, entry in manifest.tasks.items()
            }
            check_canaries(graphs, canaries, None if kind == "graph" else roles)
        files = {path.name: Fingerprint.of(path) for path in sorted(self.folder.iterdir())}
        self._write_text(MANIFEST, manifest.model_copy(update={"files": files}).to_json())
        if note is not None:
            note.write(self.folder)
        publish_folder(self._part)
        return self._part.final

    def discard(self) -> None:
        """Removes everything that was written."""
        self._part.discard()

    def _write_text(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


def check_canaries(
    graphs: dict[Task, Path], canaries: Sequence[CanaryInput], roles: Roles | None
) -> None:
    """Runs exported graphs on the canaries; raises TrainError when one differs from the trained model.

    Graphs are fed with ``roles`` at the canaries' positions, or with the positions where ``roles`` is None.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    sessions = {
        task: onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        for task, path in graphs.items()
    }
    for asked in canaries:
        session = sessions[asked.canary.task]
        shapes = {entry.name: entry.shape for entry in session.get_inputs()}
        queried = asked.positions if roles is None else asked.vectors(roles)
        feed = queried | {"evidence": asked.evidence}
        if "kept" in shapes:
            feed["kept"] = np.ones(shapes["kept"][0], np.float32)
        (scores,) = session.run(["score"], {name: feed[name] for name in shapes})
        gap = asked.canary.gap(scores)
        if not gap <= TOLERANCE:  # NaN included
            raise TrainError(
                "engine.bundle.export_differs", gap=f"{gap:.2g}", tolerance=str(TOLERANCE)
            )


def export_bundle(models: Path, version: str, out: Path) -> Path:
    """Copies ``models/version`` to ``out``, verifies the SHA-256 of every file, and returns ``out``.

    All or nothing. Raises SettingError when there is no such version or ``out`` exists, TrainError when the bundle is
    damaged or the copy cannot be written.
    """
    bundle = models / version
    known = _versions(models)
    if version not in known:
        key = "engine.export.unknown_version" if known else "engine.export.no_versions"
        raise SettingError(key, version=version, folder=str(models), versions=", ".join(known))
    if out.exists():
        raise SettingError("engine.export.target_exists", path=str(out))
    manifest = _manifest(bundle)
    reading = ReadLock(bundle)  # keeps it from being pruned meanwhile
    try:
        with atomic_folder(out) as part:
            for name, fingerprint in manifest.files.items():
                _copy(bundle / name, part / name, fingerprint.sha256)
            shutil.copyfile(bundle / MANIFEST, part / MANIFEST)
    except OSError as error:
        raise TrainError(
            "engine.export.not_written",
            version=version,
            path=str(out),
            reason=Term("system", str(error.strerror), str(error.errno)),
        ) from error
    finally:
        reading.release()
    return out


def _versions(models: Path) -> list[str]:
    if not models.is_dir():
        return []
    return sorted(
        path.name for path in models.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def _manifest(bundle: Path) -> Manifest:
    try:
        manifest = read_manifest((bundle / MANIFEST).read_bytes(), str(bundle / MANIFEST))
    except (OSError, BundleRefused) as error:
        raise TrainError("engine.export.manifest_damaged", bundle=str(bundle)) from error
    if manifest.version != bundle.name or not manifest.files:
        raise TrainError("engine.export.manifest_damaged", bundle=str(bundle))
    return manifest


def _copy(source: Path, target: Path, expected: str) -> None:
    try:
        copied = copy_hashed(source, target)
    except FileNotFoundError as error:
        raise TrainError(
            "engine.export.file_missing", bundle=str(source.parent), file=source.name
        ) from error
    if copied != expected:
        raise TrainError("engine.export.file_damaged", bundle=str(source.parent), file=source.name)
