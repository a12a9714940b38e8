"""Writes a model version: a folder under a temporary name, checked as a server would, then renamed."""

import datetime
import hashlib
import json
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import psutil
from numpy.typing import NDArray

from db.errors import TrainError
from engine.bundle.atomic import sync
from engine.bundle.roles import Roles

TOLERANCE = 1e-4  # between torch and ONNX
PART = re.compile(r"\..+\.(\d+)\.part")
CLOCK_SLACK = 1.0  # seconds by which a process's start and a file's time may differ


@dataclass(frozen=True)
class Canary:
    """A query with the scores that torch gave it; positions, not ids."""

    task: str
    initiator: int
    item: int | None
    candidates: NDArray[np.int64]
    evidence: NDArray[np.float32]
    scores: NDArray[np.float32]

    @property
    def positions(self) -> dict[str, NDArray[Any]]:
        """Who is asked about, by the name of a graph's input."""
        rows = {"initiator": np.array([self.initiator], np.int64), "candidates": self.candidates}
        return rows if self.item is None else rows | {"item": np.array([self.item], np.int64)}

    def vectors(self, roles: Roles) -> dict[str, NDArray[Any]]:
        """The same as role vectors."""
        candidates = roles.items if self.item is None else roles.users
        tables = {"initiator": roles.users, "item": roles.items, "candidates": candidates}
        return {name: tables[name][rows] for name, rows in self.positions.items()}


def new_version(preset: str) -> str:
    """A name that sorts by time: date, time, preset, four random digits."""
    now = datetime.datetime.now(datetime.UTC)
    return f"{now:%Y%m%d-%H%M%S}-{preset}-{secrets.token_hex(2)}"


class Unfinished:
    """A bundle being written: ``folder`` has a temporary name until ``finish``; ``drop`` removes it.

    The name tells the process that writes it, so that another can see whether it is still at it.
    """

    def __init__(self, models: Path, version: str) -> None:
        self.version = version
        self.final = models / version
        self.folder = models / f".{version}.{os.getpid()}.part"
        self.folder.mkdir(parents=True)

    def write_json(self, name: str, content: Any) -> None:
        """Writes one JSON file."""
        path = self.folder / name
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def write_arrays(self, name: str, arrays: dict[str, NDArray[Any]]) -> None:
        """Writes plain arrays, not compressed: they are read at every start."""
        np.savez(self.folder / name, allow_pickle=False, **arrays)

    def finish(self, manifest: dict[str, Any], canaries: list[Canary], roles: Roles) -> Path:
        """Hashes, checks the canaries through onnxruntime, fsyncs and renames; the final folder comes back."""
        files = sorted(path for path in self.folder.iterdir() if path.name != "manifest.json")
        for kind in ("graph", "inside", "ranking"):
            graphs = {task: self.folder / entry[kind] for task, entry in manifest["tasks"].items()}
            check_canaries(graphs, canaries, None if kind == "graph" else roles)
        described = {
            path.name: {"sha256": _sha256(path), "bytes": path.stat().st_size} for path in files
        }
        self.write_json("manifest.json", manifest | {"files": described})
        for path in [*files, self.folder / "manifest.json", self.folder]:
            sync(path)
        self.folder.rename(self.final)
        sync(self.final.parent)
        return self.final

    def drop(self) -> None:
        """Removes what was written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def sweep_unfinished(models: Path) -> list[Path]:
    """Removes what killed trainings left under ``models``: parts whose process is gone. They come back."""
    left = []
    for folder in models.glob(".*.part"):
        named = PART.fullmatch(folder.name)
        if named is not None and folder.is_dir() and not _writes(int(named[1]), folder):
            shutil.rmtree(folder, ignore_errors=True)
            left.append(folder)
    return left


def _writes(pid: int, folder: Path) -> bool:
    """Whether the process that began the folder still runs; the system gives the pid of a dead one out again."""
    try:
        return psutil.Process(pid).create_time() <= folder.stat().st_mtime + CLOCK_SLACK
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False


def check_canaries(graphs: dict[str, Path], canaries: list[Canary], roles: Roles | None) -> float:
    """The largest gap between the exported graphs and torch; a ``TrainError`` where it exceeds the tolerance.

    Graphs that take ``roles`` are fed these vectors, the others positions.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    sessions = {
        task: onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        for task, path in graphs.items()
    }
    worst = 0.0
    for canary in canaries:
        session = sessions[canary.task]
        shapes = {entry.name: entry.shape for entry in session.get_inputs()}
        asked = canary.positions if roles is None else canary.vectors(roles)
        feed = asked | {"evidence": canary.evidence}
        if "kept" in shapes:
            feed["kept"] = np.ones(shapes["kept"][0], np.float32)
        (scores,) = session.run(["score"], {name: feed[name] for name in shapes})
        worst = max(worst, float(np.abs(scores - canary.scores).max()))
    if not worst <= TOLERANCE:
        raise TrainError(
            f"The exported model differs from the trained one by {worst:.2g}, more than "
            f"{TOLERANCE}. Nothing was recorded; please report this with the settings."
        )
    return worst


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
