"""Uploaded logs as files on disk, and what people say about them, for as long as the session lasts.

Streamlit forgets an upload and every choice once their widgets are not drawn, as on another page or another tab of
this one. So uploads are copied to disk at once, and answers are kept beside them.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.errors import StoreError
from db.importing.answers import NO_ANSWERS, Answers
from db.importing.questions import Question
from db.importing.readers.source import SourceFile, examine_file
from db.messages import Message, os_error
from db.scratch import ScratchFolder, scratch_place
from db.settings import settings

_UPLOADS = "uploads"  # in the session: id -> KeptUpload


@dataclass
class KeptUpload:
    """An upload of this session; its folder is removed with it."""

    id: str
    name: str
    folder: ScratchFolder | None = None
    source: SourceFile | None = None  # None if the file cannot be used at all
    problem: Message | None = None  # why it cannot
    kind: str = "groups"  # groups, failed or friendships
    answers: Answers = NO_ANSWERS  # what people said about it
    asked: list[Question] = field(default_factory=list)  # every question so far, answered or not


def uploads() -> list[KeptUpload]:
    """The uploads of this session, in the order in which they came."""
    kept: dict[str, KeptUpload] = st.session_state.setdefault(_UPLOADS, {})
    return list(kept.values())


def add_uploads(files: Sequence[UploadedFile]) -> None:
    """Copies files to disk, each once, and keeps them until they are removed or imported.

    The name that the browser sends is only shown, never used as a path.
    """
    kept: dict[str, KeptUpload] = st.session_state.setdefault(_UPLOADS, {})
    for file in files:
        if file.file_id not in kept:
            kept[file.file_id] = _keep(file)


def remove_uploads(ids: Sequence[str]) -> None:
    """Forgets uploads and deletes their copies."""
    kept: dict[str, KeptUpload] = st.session_state.get(_UPLOADS, {})
    for id in ids:
        removed = kept.pop(id, None)
        if removed is not None and removed.folder is not None:
            removed.folder.cleanup()


def _keep(upload: UploadedFile) -> KeptUpload:
    kept = KeptUpload(upload.file_id, upload.name)
    limit = settings().upload_mb
    if upload.size > limit * 1_000_000:  # the server enforces another limit of its own
        kept.problem = Message("app.upload_too_large", {"name": upload.name, "limit": limit})
        return kept
    try:
        kept.folder = ScratchFolder("upload")
        kept.source = examine_file(_copy(upload, kept.folder.name), upload.name)
    except StoreError as error:
        kept.problem = error.message
    except OSError as error:
        kept.problem = Message(
            "app.upload_not_kept",
            {"name": upload.name, "folder": scratch_place(), "reason": os_error(error)},
        )
    if kept.source is None and kept.folder is not None:
        kept.folder.cleanup()  # the part that fitted takes space that the person is asked to free
        kept.folder = None
    return kept


@contextmanager
def temporary_copy(upload: UploadedFile) -> Iterator[Path]:
    """A context in which the upload is a file."""
    with ScratchFolder("upload") as folder:
        yield _copy(upload, folder)


def _copy(upload: UploadedFile, folder: str) -> Path:
    path = Path(folder) / "upload"
    upload.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload, file)
    return path
