"""A verified copy of a bundle, to be carried elsewhere."""

import shutil
from pathlib import Path

from db.atomic import atomic_folder
from db.errors import BundleRefused, SettingError, TrainError
from db.messages import Term
from engine.bundle.files import MANIFEST, copy_hashed
from engine.bundle.lock import ReadLock
from engine.bundle.manifest import Manifest, read_manifest


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
