"""The manifest of a bundle, read into records; what it must hold for the engine to serve it."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import BundleRefused


@dataclass(frozen=True)
class FileMark:
    """By what a file of the bundle is known."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class TaskManifest:
    """What a task's graph takes and gives."""

    inside: str  # file name of the graph that explains as well
    ranking: str  # and of the one that gives scores alone
    experts: list[str]  # in the order of the gate
    tokens: list[str]  # in the order of the attention and of ``kept``
    evidence: list[str]  # the columns of its evidence; none for a model without evidence
    # The calibration: log-odds at ascending shares, and between them in proportion.
    shares: NDArray[np.float64]
    logits: NDArray[np.float64]


@dataclass(frozen=True)
class Canary:
    """Scores that the exported graph gave, to be given again after loading."""

    task: str
    initiator: int  # position, as all that follow
    item: int | None  # None in Task I
    candidates: list[int]
    scores: list[float]


@dataclass(frozen=True)
class Manifest:
    """What the engine needs of manifest.json; ``raw`` is all of it."""

    version: str
    data_version: str  # of the logs that it was trained on
    friendships: bool  # whether declared ones count
    files: dict[str, FileMark]
    users: str  # file names of the id maps
    items: str
    tasks: dict[str, TaskManifest]
    canaries: list[Canary]
    raw: dict[str, Any]


def read_manifest(content: bytes, place: str) -> Manifest:
    """The manifest in ``content``; raises BundleRefused, naming ``place``, where it is none."""
    try:
        raw = json.loads(content)
        return Manifest(
            version=str(raw["version"]),
            data_version=str(raw["data_version"]),
            friendships=bool(raw["settings"]["friendships"]),
            files={
                _plain(name): FileMark(str(mark["sha256"]), int(mark["bytes"]))
                for name, mark in raw["files"].items()
            },
            users=raw["id_maps"]["users"],
            items=raw["id_maps"]["items"],
            tasks={
                name: _task(raw["tasks"][name], raw["calibration"][name]) for name in raw["tasks"]
            },
            canaries=[_canary(canary) for canary in raw["canaries"]],
            raw=raw,
        )
    except KeyError as error:
        raise BundleRefused(
            f"{place} lacks the entry {error}: it is no manifest of this version of the code. "
            "Retrain, or promote another version."
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BundleRefused(
            f"{place} cannot be read: {error}. "
            "It was cut off or changed; retrain, or promote another version."
        ) from error


def _plain(name: str) -> str:
    """A file name without a path, so that a manifest cannot point outside its folder."""
    if not name or name != name.replace("\\", "/").rsplit("/", 1)[-1] or name in (".", ".."):
        raise ValueError(f"{name!r} is no name of a file in the bundle")
    return name


def _task(raw: dict[str, Any], calibration: dict[str, Any]) -> TaskManifest:
    shares, logits = (np.array(calibration[name], np.float64) for name in ("shares", "logits"))
    if shares.shape != logits.shape or not len(shares) or (np.diff(shares) < 0).any():
        raise ValueError("the points of the calibration are in no order")
    return TaskManifest(
        inside=raw["inside"],
        ranking=raw["ranking"],
        experts=[str(name) for name in raw["experts"]],
        tokens=[str(name) for name in raw["tokens"]],
        evidence=[str(name) for name in raw["evidence"]],
        shares=shares,
        logits=logits,
    )


def _canary(raw: dict[str, Any]) -> Canary:
    item = raw["item"]
    return Canary(
        task=raw["task"],
        initiator=int(raw["initiator"]),
        item=None if item is None else int(item),
        candidates=[int(position) for position in raw["candidates"]],
        scores=[float(score) for score in raw["scores"]],
    )
