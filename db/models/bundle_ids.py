"""Puts other ids into the user lists of trained models, so that a bundle never is half the old and half the new.

The new list gets a name of its own; the manifest, replaced atomically, is what makes it count; then the old list goes.
A model scores by position, so nothing else in it depends on ids.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from db.atomic import write_atomically
from db.models import registry
from db.store import Store

_MANIFEST = "manifest.json"
_LISTS = "users*.json"


@dataclass(frozen=True)
class ReplacedIds:
    """Versions whose lists were rewritten, and those that could not be read or written.

    ``unwritten`` are those among the failed ones that another try may help: the disk refused, and may not next time.
    """

    rewritten: tuple[str, ...]
    failed: tuple[str, ...]
    unwritten: tuple[str, ...] = ()


def replace_user_ids(store: Store, models: Path, other: Callable[[str], str | None]) -> ReplacedIds:
    """Replace each id in the user lists of all versions below ``models`` for which there is an ``other``.

    May be called again after a kill: the registry knows both manifests while one is being replaced. A version that is
    being written or read is no exception: what is loaded already stays as it is. A manifest that is not the one that
    was recorded is left alone, as a failure.
    """
    recorded = {known.version: known.manifests for known in registry.versions(store)}
    rewritten, failed, unwritten = [], [], []
    folders = sorted(models.iterdir()) if models.is_dir() else []
    for folder in (one for one in folders if one.is_dir()):
        try:
            known = recorded.get(folder.name, ())
            note = partial(registry.note_manifest, store, folder.name)
            if _replace_in(folder, other, known, note):
                rewritten.append(folder.name)
        except (OSError, ValueError, KeyError, TypeError) as error:
            failed.append(folder.name)
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                unwritten.append(folder.name)
    return ReplacedIds(tuple(rewritten), tuple(failed), tuple(unwritten))


def _replace_in(
    folder: Path,
    other: Callable[[str], str | None],
    known: tuple[str, ...],
    note: Callable[..., None],
) -> bool:
    """Whether the version named anybody who is replaced; raises ValueError where it was not finished."""
    path = folder / _MANIFEST
    if not path.exists():
        if any(other(id) for one in folder.glob(_LISTS) for id in json.loads(one.read_bytes())):
            raise ValueError("a version that was not finished")
        return False
    read = path.read_bytes()
    now = _sha256(read)
    if known and now not in known:
        raise ValueError("the manifest is not the one that was recorded")
    manifest: dict[str, Any] = json.loads(read)
    name = manifest["id_maps"]["users"]
    content = (folder / name).read_bytes()
    ids: list[str] = json.loads(content)
    replaced = [other(id) or id for id in ids]
    changed = replaced != ids
    if changed:
        if _sha256(content) != manifest["files"][name]["sha256"]:
            raise ValueError("the list is not the one that was exported")
        name, manifest = _with_list(folder, manifest, replaced)
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        if known:
            note(now, _sha256(text))
        write_atomically(path, text)
        now = _sha256(text)
    if known and known != (now,):
        note(now)
    for old in folder.glob(_LISTS):
        if old.name != name:
            old.unlink()
            changed = True  # left by an interrupted replacement
    return changed


def _with_list(
    folder: Path, manifest: dict[str, Any], ids: list[str]
) -> tuple[str, dict[str, Any]]:
    """Write the list; returns its file name and the manifest that names it."""
    old, name = manifest["id_maps"]["users"], f"users-{secrets.token_hex(4)}.json"
    content = json.dumps(ids, ensure_ascii=False, indent=1).encode()
    write_atomically(folder / name, content)
    files = {key: value for key, value in manifest["files"].items() if key != old}
    files[name] = {"sha256": _sha256(content), "bytes": len(content)}
    return name, manifest | {"id_maps": manifest["id_maps"] | {"users": name}, "files": files}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
