"""A verified copy of a bundle, to be carried elsewhere."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from db.errors import SettingError, TrainError
from engine.bundle.atomic import sync
from engine.bundle.lock import Hold

CHUNK = 1 << 20


def export_bundle(models: Path, version: str, out: Path) -> Path:
    """Copies ``models/version`` to ``out``, every file held to its SHA-256 in the manifest; ``out`` comes back.

    All or nothing: what is copied lies under another name until it is complete and synced. ``SettingError`` where
    there is no such version or ``out`` exists, ``TrainError`` where the bundle is damaged or nothing can be written.
    """
    bundle = models / version
    if version not in _versions(models):
        known = ", ".join(_versions(models)) or "none yet"
        raise SettingError(f"There is no model version {version!r} under {models} ({known}).")
    if out.exists():
        raise SettingError(f"{out} exists already. Remove it, or choose another --out.")
    manifest = _manifest(bundle)
    held = Hold(bundle)  # nobody prunes it meanwhile
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        unfinished.mkdir(parents=True)
        for name, mark in manifest["files"].items():
            _copy(bundle / name, unfinished / name, str(mark["sha256"]))
        shutil.copyfile(bundle / "manifest.json", unfinished / "manifest.json")
        for path in [*unfinished.iterdir(), unfinished]:
            sync(path)
        unfinished.rename(out)
        sync(out.parent)
    except OSError as error:
        raise TrainError(
            f"{version} could not be copied to {out}: {error.strerror}. Free some space or choose "
            f"another --out."
        ) from error
    finally:
        held.release()
        shutil.rmtree(unfinished, ignore_errors=True)
    return out


def _versions(models: Path) -> list[str]:
    if not models.is_dir():
        return []
    return sorted(
        path.name for path in models.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def _manifest(bundle: Path) -> dict[str, Any]:
    """The manifest, if it names files of the bundle itself and nothing elsewhere."""
    try:
        manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
        files = manifest["files"]
        sound = manifest["version"] == bundle.name and all(
            Path(name).name == name and "sha256" in mark for name, mark in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(bundle, f"its manifest cannot be read ({error})") from error
    if not sound or not files:
        raise _damaged(bundle, "its manifest is that of another version, or names no files")
    return dict(manifest)


def _copy(source: Path, target: Path, expected: str) -> None:
    """Copies and hashes what is copied, so that no change in between goes unseen."""
    digest = hashlib.sha256()
    try:
        reading = source.open("rb")
    except FileNotFoundError as error:
        raise _damaged(source.parent, f"it lacks its file {source.name}") from error
    with reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    if digest.hexdigest() != expected:
        raise _damaged(source.parent, f"{source.name} is not the file that was written")


def _damaged(bundle: Path, what: str) -> TrainError:
    return TrainError(
        f"The model version {bundle} is damaged: {what}. Nothing was exported; train it again, or "
        f"export another version (`python -m engine models` lists them)."
    )
