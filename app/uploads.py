"""Uploaded logs: from the browser to a file that the importer reads, and no longer."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.imports import LogFile, Preview, preview
from db.settings import settings


@contextmanager
def as_files(uploads: Sequence[UploadedFile], kind: str) -> Iterator[list[LogFile]]:
    """The uploads as files of a folder of their own, removed afterwards.

    They lie under numbers; the name that a browser sends is only shown, never used as a path.
    """
    with tempfile.TemporaryDirectory(prefix="mamgbr-upload-") as folder:
        logs = []
        for number, upload in enumerate(uploads):
            path = Path(folder) / str(number)
            upload.seek(0)
            with path.open("wb") as file:
                shutil.copyfileobj(upload, file)
            logs.append(LogFile(path, kind, upload.name))
        yield logs


def too_large(upload: UploadedFile) -> bool:
    """Whether a file is over the limit; the server enforces a setting of its own."""
    return upload.size > settings().upload_mb * 1024 * 1024


@st.cache_data(show_spinner=False, max_entries=16)
def _previewed(file_id: str, kind: str, _upload: UploadedFile) -> Preview:
    with as_files([_upload], kind) as (log,):
        return preview(log.path, kind=kind, name=log.name)


def previewed(upload: UploadedFile, kind: str) -> Preview:
    """Format, shape, first rows and what each heading is taken for.

    Raises:
        InputError: The file cannot be read as logs at all.

    """
    return _previewed(upload.file_id, kind, upload)
