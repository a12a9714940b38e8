"""Uploaded logs: from the browser to a file on disk, for as long as the session shows it."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.errors import InputError
from db.importing.preview import Preview, preview_source
from db.importing.readers.sniff import ReadOptions
from db.importing.readers.source import SourceFile, examine
from db.messages import Message, os_error
from db.settings import settings


@dataclass(frozen=True)
class SavedUpload:
    """An upload that lies on disk and was looked at once; its folder goes with the session."""

    id: str
    folder: TemporaryDirectory[str]
    path: Path
    source: SourceFile

    def preview(self, kind: str, columns: Mapping[str, str], options: ReadOptions) -> Preview:
        """How the file would be read; InputError where its content fits no format."""
        return preview_source(self.source, kind=kind, columns=columns, options=options)


def save_uploads(uploads: Sequence[UploadedFile]) -> list[SavedUpload | Message]:
    """The uploads as files, each written once a session; a message where one cannot be read.

    They lie under a name of our own; the name that a browser sends is only shown, never used as a
    path. What the uploader does not show any more is removed.
    """
    known: dict[str, SavedUpload | Message] = st.session_state.get("arrivals", {})
    arrivals = {
        upload.file_id: known[upload.file_id] if upload.file_id in known else _arrive(upload)
        for upload in uploads
    }
    st.session_state["arrivals"] = arrivals
    return list(arrivals.values())


@contextmanager
def temporary_copy(upload: UploadedFile) -> Iterator[Path]:
    """An upload as a file that is read once and goes with the block."""
    with TemporaryDirectory(prefix="mamgbr-upload-", ignore_cleanup_errors=True) as folder:
        yield _copied(upload, folder)


def _copied(upload: UploadedFile, folder: str) -> Path:
    path = Path(folder) / "upload"
    upload.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload, file)
    return path


def _arrive(upload: UploadedFile) -> SavedUpload | Message:
    folder = TemporaryDirectory(prefix="mamgbr-upload-", ignore_cleanup_errors=True)
    try:
        path = _copied(upload, folder.name)
        return SavedUpload(upload.file_id, folder, path, examine(path, upload.name))
    except InputError as error:
        return error.message
    except OSError as error:
        return Message("app.upload_not_kept", {"name": upload.name, "reason": os_error(error)})


def exceeds_limit(upload: UploadedFile) -> bool:
    """Whether a file is over the limit; the server enforces a setting of its own."""
    return upload.size > settings().upload_mb * 1_000_000
