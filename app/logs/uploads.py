"""Uploaded logs as files on disk, for as long as the session shows them."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.errors import InputError
from db.importing.answers import Answers
from db.importing.preview import Preview, preview_source
from db.importing.readers.source import SourceFile, examine_file
from db.messages import Message, os_error
from db.settings import settings


@dataclass(frozen=True)
class SavedUpload:
    """An upload on disk and what was recognised in it; its folder is removed with the session."""

    id: str
    folder: TemporaryDirectory[str]
    path: Path
    source: SourceFile

    def preview(self, kind: str, answers: Answers) -> Preview:
        """How the file would be read; raises InputError where its content fits no format."""
        return preview_source(self.source, kind=kind, answers=answers)


def save_uploads(uploads: Sequence[UploadedFile]) -> list[SavedUpload | Message]:
    """The uploads as files, each written once per session; a message where one cannot be read.

    The name that the browser sends is only shown, never used as a path. Files that the uploader no longer shows are
    removed.
    """
    saved: dict[str, SavedUpload | Message] = st.session_state.get("uploads", {})
    current = {
        upload.file_id: saved[upload.file_id] if upload.file_id in saved else _save(upload)
        for upload in uploads
    }
    st.session_state["uploads"] = current
    return list(current.values())


@contextmanager
def temporary_copy(upload: UploadedFile) -> Iterator[Path]:
    """A context in which the upload is a file."""
    with TemporaryDirectory(prefix="mamgbr-upload-", ignore_cleanup_errors=True) as folder:
        yield _copy(upload, folder)


def _copy(upload: UploadedFile, folder: str) -> Path:
    path = Path(folder) / "upload"
    upload.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload, file)
    return path


def _save(upload: UploadedFile) -> SavedUpload | Message:
    folder = TemporaryDirectory(prefix="mamgbr-upload-", ignore_cleanup_errors=True)
    try:
        path = _copy(upload, folder.name)
        return SavedUpload(upload.file_id, folder, path, examine_file(path, upload.name))
    except InputError as error:
        return error.message
    except OSError as error:
        return Message("app.upload_not_kept", {"name": upload.name, "reason": os_error(error)})


def exceeds_limit(upload: UploadedFile) -> bool:
    """Whether a file is over the app's limit; the server enforces another of its own."""
    return upload.size > settings().upload_mb * 1_000_000
