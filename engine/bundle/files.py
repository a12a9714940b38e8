"""The files of a bundle: their names, and the fingerprints by which they are verified."""

import hashlib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from db.logs import Task

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
