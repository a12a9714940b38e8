"""Opens a log file: its size, hash and first bytes, and its content, unpacked within limits.

Recognises files that are not logs by their first bytes and tells people what to do with each.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from typing_extensions import Buffer

from db.errors import InputError
from db.messages import os_error
from db.settings import settings

UNPACKED_MULTIPLE = 10  # an unpacked log may have this many times settings().upload_mb
HEAD_BYTES = 1 << 18
_BLOCK = 1 << 20
_SAMPLES = 8  # pieces of the file that are kept to judge its encoding
_SAMPLE = 1 << 16


@dataclass(frozen=True)
class SourceFile:
    """A file to import, and what one pass over its bytes found."""

    path: Path
    name: str  # as the person knows it: an upload is stored under another path
    sha256: str  # of the bytes as they came
    size: int  # of the bytes as they came
    head: bytes  # the first HEAD_BYTES, unpacked
    samples: tuple[bytes, ...]  # pieces with other than ASCII, unpacked
    length: int  # unpacked bytes; not counted for a Parquet file


def examine_file(path: Path, name: str = "") -> SourceFile:
    """Read the file once: its hash, its beginning, and samples of what is not ASCII.

    Raises InputError if the file is missing, a folder, unreadable, empty, too large (as it is or
    unpacked) or damaged gzip.
    """
    name = name or path.name
    limit = settings().upload_mb
    digest = hashlib.sha256()
    size = 0
    with _open_errors(path, name), path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            if size > limit * 1_000_000:
                raise InputError("db.file.too_large", name=name, limit=limit)
    if not size:
        raise InputError("db.file.empty", name=name)
    head = b""
    length = 0
    samples: list[bytes] = []
    with unpacked(path, name) as stream:
        while block := stream.read(_BLOCK):
            head = head or block[:HEAD_BYTES]
            if head.startswith(b"PAR1"):
                break  # Parquet is compressed inside, and its reader checks the size
            length += len(block)
            if len(samples) < _SAMPLES and not block.isascii():
                samples.append(_around_first_non_ascii(block, length == len(block)))
    if not head.strip():
        raise InputError("db.file.blank", name=name)
    return SourceFile(path, name, digest.hexdigest(), size, head, tuple(samples), length)


def _around_first_non_ascii(block: bytes, begins_file: bool) -> bytes:
    """Whole lines of the block from its first character that is not ASCII on, up to _SAMPLE bytes."""
    step = 1 << 12
    first = next(k for k in range(0, len(block), step) if not block[k : k + step].isascii())
    begins = block.rfind(b"\n", 0, first) + 1
    if not begins and not begins_file:
        begins = block.find(b"\n") + 1  # the first line may begin in the middle of a character
    return block[begins : begins + _SAMPLE]


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[BinaryIO]:
    """The bytes of the file, decompressed if it is gzipped; reads raise InputError if it is damaged."""
    with _open_errors(path, name), path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if gzipped:
            with gzip.GzipFile(fileobj=file) as packed:
                yield io.BufferedReader(_LimitedGzip(packed, name), _BLOCK)
        else:
            yield file


class _LimitedGzip(io.RawIOBase):
    """A gzip stream that raises InputError where it is damaged or unpacks beyond the limit."""

    def __init__(self, packed: gzip.GzipFile, name: str) -> None:
        self._packed = packed
        self._name = name
        self._megabytes = settings().upload_mb * UNPACKED_MULTIPLE
        self._limit = self._megabytes * 1_000_000
        self._given = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._given

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._packed.read(len(view))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError("db.file.damaged_gzip", name=self._name) from error
        self._given += len(data)
        if self._given > self._limit:
            raise InputError("db.file.unpacks_too_large", name=self._name, limit=self._megabytes)
        view[: len(data)] = data
        return len(data)


@contextmanager
def _open_errors(path: Path, name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("db.file.missing", path=str(path)) from error
    except IsADirectoryError as error:
        raise InputError("db.file.folder", path=str(path)) from error
    except OSError as error:
        raise InputError("db.file.unreadable", name=name, reason=os_error(error)) from error


# First bytes -> the key of what the file is, and the values of its blanks.
_FOREIGN_FILES: tuple[tuple[bytes, str, dict[str, str]], ...] = (
    (b"\xd0\xcf\x11\xe0", "db.file.old_excel", {}),
    (b"7z\xbc\xaf\x27\x1c", "db.file.archive", {"kind": "7z"}),
    (b"Rar!", "db.file.archive", {"kind": "RAR"}),
    (b"BZh91AY&SY", "db.file.compressed", {"tool": "bzip2"}),
    (b"\xfd7zXZ", "db.file.compressed", {"tool": "xz"}),
    (b"\x28\xb5\x2f\xfd", "db.file.compressed", {"tool": "zstandard"}),
    (b"\x1f\x8b", "db.file.gzipped_twice", {}),
    (b"%PDF", "db.file.pdf", {}),
    (b"SQLite format 3", "db.file.database", {}),
    (b"Obj\x01", "db.file.avro", {}),
)
_TAR = slice(257, 262)  # where a tar archive has its signature


def refuse_foreign(head: bytes, name: str) -> None:
    """Raise InputError with the next step if ``head`` begins a file that is not a log."""
    if head.startswith(b"PK\x03\x04"):
        if b"xl/" in head or b"[Content_Types]" in head:
            raise InputError("db.file.excel", name=name)
        raise InputError("db.file.archive", name=name, kind="zip")
    for signature, key, values in _FOREIGN_FILES:
        if head.startswith(signature):
            raise InputError(key, name=name, **values)
    if head[_TAR] == b"ustar":
        raise InputError("db.file.archive", name=name, kind="tar")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise InputError("db.file.web_page", name=name)
