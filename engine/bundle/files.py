"""The files of a bundle: their names, their fingerprints, and the arrays of role vectors and evidence in them.

The names of the arrays are a file format: ``leaning`` holds the smooth taste vectors, ``turn`` the rotation.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from db.logs import Task
from engine.bundle.array_files import Arrays, read_arrays
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs

USER_VIEWS, ITEM_VIEWS = ("initiator", "participant", "social"), ("launched", "joined")


@dataclass(frozen=True)
class Roles:
    """Role vectors: ``users`` [U+1, 3d], the views of USER_VIEWS side by side, and ``items`` [I+1, 2d] by ITEM_VIEWS.

    The last row of each is the cold-start row, for ids that are in no log.
    """

    users: NDArray[np.float32]
    items: NDArray[np.float32]


# Rotates smooth taste vectors into item vectors, [k, d]; None for a model that cannot follow the logs.
Rotation = NDArray[np.float32] | None


def evidence_arrays(evidence: Evidence, rotation: Rotation) -> Arrays:
    """The content of evidence.npz."""
    arrays: Arrays = evidence.graphs.arrays() | {
        "taste": evidence.taste,
        "leaning": evidence.smooth_taste,
    }
    return arrays if rotation is None else arrays | {"turn": rotation}


def read_evidence(content: bytes) -> tuple[Evidence, Rotation]:
    """What ``evidence_arrays`` described; raises ValueError when arrays are missing or do not fit together."""
    arrays = read_arrays(content)
    try:
        evidence = Evidence(
            Graphs.from_arrays(arrays),
            np.asarray(arrays["taste"], np.float32),
            np.asarray(arrays["leaning"], np.float32),
        )
    except KeyError as error:
        raise ValueError(f"there is no array {error}") from error
    return evidence, read_rotation(arrays, evidence.smooth_taste)


def read_rotation(arrays: Arrays, smooth_taste: NDArray[np.float32]) -> Rotation:
    """The rotation of smooth taste vectors, if there is one; raises ValueError when it does not fit them."""
    if "turn" not in arrays:
        return None
    rotation = np.asarray(arrays["turn"], np.float32)
    if rotation.ndim != 2 or len(rotation) != smooth_taste.shape[1]:
        raise ValueError(f"turn is {rotation.shape}, leaning {smooth_taste.shape}")
    return rotation


def role_arrays(roles: Roles) -> Arrays:
    """The content of roles.npz."""
    return {"users": roles.users, "items": roles.items}


def read_roles(content: bytes, users: int, items: int, rotation: Rotation) -> Roles:
    """The role vectors of ``users`` users and ``items`` items, the cold-start rows included.

    Raises ValueError when there are others, or when they are not as wide as the vectors that ``rotation`` makes.
    """
    arrays = read_arrays(content)
    try:
        roles = Roles(*(np.asarray(arrays[name], np.float32) for name in ("users", "items")))
    except KeyError as error:
        raise ValueError(f"there is no array {error}") from error
    if roles.users.ndim != 2 or roles.items.ndim != 2:
        raise ValueError(f"users is {roles.users.shape}, items {roles.items.shape}")
    width = roles.users.shape[1] // len(USER_VIEWS)
    expected = (users, width * len(USER_VIEWS)), (items, width * len(ITEM_VIEWS))
    if (roles.users.shape, roles.items.shape) != expected:
        raise ValueError(
            f"users is {roles.users.shape}, items {roles.items.shape}, for {users} users and {items} items"
        )
    if rotation is not None and rotation.shape[1] != width:
        raise ValueError(f"a view is {width} wide, turn {rotation.shape}")
    return roles


MANIFEST = "manifest.json"
USERS, ITEMS = "users.json", "items.json"  # the shop's ids, in the order of their positions
ROLES = "roles.npz"  # role vectors
EVIDENCE = "evidence.npz"  # counts of past groups, taste vectors, and their rotation
GATES = "gates.npz"  # counted from the model and the logs later on, so not listed in the manifest

CHUNK = 1 << 20  # bytes that are read at a time


def whole_graph(task: Task) -> str:
    """The graph with its embeddings, complete without the engine."""
    return f"{task}.onnx"


def ranking_graph(task: Task) -> str:
    """The head alone, which gives scores for role vectors."""
    return f"{task}-ranking.onnx"


def explaining_graph(task: Task) -> str:
    """The head that gives gates and attention as well."""
    return f"{task}-inside.onnx"


class Fingerprint(BaseModel):
    """What identifies the content of a file."""

    model_config = ConfigDict(frozen=True)

    sha256: str  # hexadecimal
    bytes: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """The fingerprint of a file, which may be larger than memory."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(sha256=digest, bytes=path.stat().st_size)


def sha256(content: bytes) -> str:
    """The SHA-256 of bytes in memory, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def copy_hashed(source: Path, target: Path) -> str:
    """Copies a file and returns the SHA-256 of the bytes that were copied, whatever happens to the source meanwhile."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    return digest.hexdigest()
