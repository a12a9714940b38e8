"""Opens a log file: its size, hash and first bytes, and its content, unpacked within limits."""

import gzip
import hashlib
import io
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import BadZipFile, ZipFile

from typing_extensions import Buffer

from db.errors import InputError
from db.importing.readers.archive import only_member
from db.importing.readers.tables import UNPACKED_MULTIPLE, Tables, unpack_tables
from db.messages import os_error
from db.scratch import ScratchFolder, scratch_errors
from db.settings import settings

HEAD_BYTES = 1 << 18
_BLOCK = 1 << 20
_SAMPLES = 8  # pieces of the file that are kept to judge its encoding
LONGEST_SAMPLE = 1 << 16


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
    # Format and encoding -> what was unpacked; the tables of a web page depend on its encoding.
    _tables: dict[tuple[str, str], Tables] = field(default_factory=dict, repr=False, compare=False)

    def tables(self, form: str, encoding: str) -> Tables:
        """The tables of a workbook or a web page, unpacked once; InputError as ``unpack_tables``."""
        found = self._tables.get((form, encoding))
        if found is None:
            with self._plain_file() as path:
                found = unpack_tables(path, self.name, form, encoding)
            self._tables[form, encoding] = found
        return found

    @contextmanager
    def _plain_file(self) -> Iterator[Path]:
        """The file as it is, or a copy of what is packed in it."""
        with self.path.open("rb") as file:
            plain = self.head.startswith(file.read(64)) or not file.tell()
        if plain:
            yield self.path
            return
        with ScratchFolder("tables") as folder:
            copy = Path(folder, "unpacked")
            with unpacked(self.path, self.name) as stream, scratch_errors(), copy.open("wb") as to:
                shutil.copyfileobj(stream, to, _BLOCK)
            yield copy


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
    """Whole lines of the block from its first character that is not ASCII on, up to LONGEST_SAMPLE bytes."""
    step = 1 << 12
    first = next(k for k in range(0, len(block), step) if not block[k : k + step].isascii())
    begins = block.rfind(b"\n", 0, first) + 1
    if not begins and not begins_file:
        begins = block.find(b"\n") + 1  # the first line may begin in the middle of a character
    return block[begins : begins + LONGEST_SAMPLE]


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[BinaryIO]:
    """The bytes of the file, decompressed if it is gzipped or the only one in a zip archive.

    Raises InputError, at once or while it is read, if it is damaged or an archive of several files.
    """
    with _open_errors(path, name), path.open("rb") as file:
        begins = file.read(4)
        file.seek(0)
        if begins.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=file) as packed:
                yield io.BufferedReader(_Limited(packed, name, "gzip"), _BLOCK)
        elif begins == b"PK\x03\x04" and (member := only_member(path, name)):
            try:
                with ZipFile(file) as archive, archive.open(member) as packed:
                    yield io.BufferedReader(_Limited(packed, name, "zip"), _BLOCK)
            except (BadZipFile, NotImplementedError) as error:
                raise InputError("db.file.damaged_packed", name=name, tool="zip") from error
        else:
            yield file


class _Limited(io.RawIOBase):
    """A packed stream that raises InputError where it is damaged or unpacks beyond the limit."""

    def __init__(self, packed: IO[bytes] | gzip.GzipFile, name: str, tool: str) -> None:
        self._packed = packed
        self._name = name
        self._tool = tool
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
        except (EOFError, zlib.error, gzip.BadGzipFile, BadZipFile) as error:
            raise InputError("db.file.damaged_packed", name=self._name, tool=self._tool) from error
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
