"""Versions whose training ended between their rename and its end: complete, and perhaps in no registry.

Before the rename a bundle gets a note of the store that is to record it. The note goes when the training has nothing
left to do, so what a kill leaves is found by its note, recorded and told from the versions of other stores.
"""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from db.errors import BundleRefused
from db.jobs.folder import job_folder
from db.jobs.queue import TRAINING, note_trained
from db.models import registry
from db.parts import part_of_folder
from db.store import Store
from engine.bundle.files import MANIFEST, Fingerprint
from engine.bundle.manifest import Manifest, read_manifest

NOTE = "unrecorded.json"  # in the bundle, and not among the files of its manifest
CHECKPOINTS = ".training"  # below the models


class Note(BaseModel):
    """Where a version is to be recorded, the training's job there, and the file name of its checkpoint."""

    model_config = ConfigDict(frozen=True)

    store: str
    job: int | None = None
    checkpoint: str = ""

    @classmethod
    def of(cls, store: Store, job: int | None, checkpoint: str) -> "Note":
        """The note of a training on this store."""
        return cls(store=_place(store), job=job, checkpoint=checkpoint)

    def write(self, folder: Path) -> None:
        """Writes the note into a bundle that is not renamed yet."""
        (folder / NOTE).write_text(self.model_dump_json(), encoding="utf-8")


@dataclass(frozen=True)
class LeftVersion:
    """A version that a training left behind, which is recorded by now."""

    folder: Path
    note: Note
    manifest: Manifest


def record_bundle(store: Store, folder: Path, job: int | None, promote: bool = False) -> None:
    """Records the version in ``folder``, and with it the end of its job; with ``promote`` it serves, too.

    All in one transaction. A version that is recorded already stays as it is: whoever starts a training records what
    has a note, and need not know whether its training still lives. Raises StoreError, and BundleRefused where the
    manifest cannot be read.
    """
    manifest = _manifest(folder)
    sha256 = Fingerprint.of(folder / MANIFEST).sha256
    metrics = known_values(manifest.metrics)
    with store.write() as connection:
        if not registry.is_known(connection, folder.name):
            registry.record_in(
                connection,
                folder.name,
                manifest.preset,
                manifest.data_version,
                dict(metrics),
                manifest_sha256=sha256,
            )
            if job is not None:
                note_trained(connection, job, folder.name, metrics)
        if promote:
            registry.promote_in(connection, folder.name)


def forget_note(models: Path, folder: Path, checkpoint: str) -> None:
    """Removes the checkpoint of a training that has nothing left to do, and then the note of its version."""
    with suppress(OSError):
        if checkpoint:
            (models / CHECKPOINTS / Path(checkpoint).name).unlink(missing_ok=True)
        (folder / NOTE).unlink(missing_ok=True)


def record_left(store: Store, models: Path) -> list[LeftVersion]:
    """Records the versions that trainings on this store have left, and removes those whose files are damaged.

    Leaves those of trainings whose process lives. Raises StoreError where the store cannot be written.
    """
    left = []
    for path in sorted(models.glob(f"[!.]*/{NOTE}")):
        folder, note = path.parent, _read(path)
        if note is None or note.store != _place(store):
            continue
        if note.job is not None and job_folder(TRAINING, store, note.job).alive():
            continue
        if folder.name in registry.removed_versions(store) or not _is_complete(folder):
            with suppress(OSError):
                hidden = part_of_folder(folder)  # swept, where a kill leaves it
                folder.rename(hidden)
                shutil.rmtree(hidden, ignore_errors=True)
            continue
        record_bundle(store, folder, note.job)
        left.append(LeftVersion(folder, note, _manifest(folder)))
        forget_note(models, folder, note.checkpoint)
    return left


def known_values(
    metrics: Mapping[str, Mapping[str, float | None]],
) -> dict[str, dict[str, float]]:
    """The metrics of a manifest without the values that are missing."""
    return {
        name: {key: value for key, value in values.items() if value is not None}
        for name, values in metrics.items()
    }


def _place(store: Store) -> str:
    return store.place if store.path is None else str(store.path.resolve())


def _read(path: Path) -> Note | None:
    try:
        return Note.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _manifest(folder: Path) -> Manifest:
    return read_manifest((folder / MANIFEST).read_bytes(), str(folder / MANIFEST))


def _is_complete(folder: Path) -> bool:
    try:
        manifest = _manifest(folder)
        return manifest.version == folder.name and all(
            Fingerprint.of(folder / name) == expected for name, expected in manifest.files.items()
        )
    except (OSError, BundleRefused):
        return False
