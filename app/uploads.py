"""Uploaded logs: from the browser to a file that the importer reads, and no longer."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from db.imports import Preview, preview
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.settings import settings

CHUNK = 1 << 20  # bytes copied at a time


@contextmanager
def as_files(uploads: Sequence[UploadedFile]) -> Iterator[list[Path]]:
    """The uploads as files in a folder of their own, removed afterwards.

    Each keeps its name for the history; a name is taken without any folder that a browser might
    send.
    """
    with tempfile.TemporaryDirectory(prefix="mamgbr-upload-") as folder:
        paths = []
        for number, upload in enumerate(uploads):
            place = Path(folder) / str(number)  # two uploads may share a name
            place.mkdir()
            path = place / (Path(upload.name.replace("\\", "/")).name or "upload")
            upload.seek(0)
            with path.open("wb") as file:
                while chunk := upload.read(CHUNK):
                    file.write(chunk)
            paths.append(path)
        yield paths


def too_large(upload: UploadedFile) -> bool:
    """Whether a file is over the limit; the server enforces a setting of its own."""
    return upload.size > settings().upload_mb * 1024 * 1024


@st.cache_data(show_spinner=False, max_entries=16)
def _previewed(file_id: str, _upload: UploadedFile) -> Preview:
    with as_files([_upload]) as (path,):
        return preview(path)


def previewed(upload: UploadedFile) -> Preview:
    """Format, shape, first rows and what each heading is taken for.

    Raises:
        StoreError: The file cannot be read as logs at all.

    """
    return _previewed(upload.file_id, upload)
