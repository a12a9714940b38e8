"""Opening a log file: what it weighs, what it is made of, and its bytes, unpacked within limits.

Knows files that are no logs by their first bytes, and says what to do with each.
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
from db.settings import settings

UNPACKED_MULTIPLE = 10  # the unpacked log may be this many times settings().upload_mb
_BLOCK = 1 << 20
_HEAD = 1 << 18
_SAMPLES = 8  # pieces with other than ASCII that are kept to judge the encoding
_SAMPLE = 1 << 16


@dataclass(frozen=True)
class Opened:
    """What one pass over the bytes of a file found."""

    path: Path
    name: str  # as the person knows it: an upload lies under another path
    sha256: str  # of the bytes as they came
    size: int  # of the bytes as they came
    head: bytes  # the first 256 KiB, unpacked
    samples: tuple[bytes, ...]  # pieces that hold other than ASCII, unpacked
    length: int  # unpacked bytes; rows of a Parquet file


def examine(path: Path, name: str = "") -> Opened:
    """Read the file once: its hash, its beginning, and samples of what is not ASCII.

    Raises InputError: no such file, a folder, no right to read, empty, too large as it is or
    unpacked, a damaged gzip.
    """
    called = name or path.name
    limit = settings().upload_mb
    digest = hashlib.sha256()
    size = 0
    with _readable(path, called), path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            if size > limit * 1_000_000:
                raise InputError(
                    f"{called} is larger than {limit} MB. Split it, or raise MAMGBR_UPLOAD_MB."
                )
    if not size:
        raise InputError(f"{called} is empty. Export the logs again.")
    head = b""
    length = 0
    samples: list[bytes] = []
    with unpacked(path, called) as stream:
        while block := stream.read(_BLOCK):
            head = head or block[:_HEAD]
            if head.startswith(b"PAR1"):
                break  # compressed inside, and its reader checks it
            length += len(block)
            if len(samples) < _SAMPLES and not block.isascii():
                samples.append(_around_first_sign(block, length == len(block)))
    if not head.strip():
        raise InputError(f"{called} holds nothing but blank space. Export the logs again.")
    return Opened(path, called, digest.hexdigest(), size, head, tuple(samples), length)


def _around_first_sign(block: bytes, begins_file: bool) -> bytes:
    """Lines of the block that hold its first signs that are not ASCII, as many as judge it."""
    step = 1 << 12
    first = next(k for k in range(0, len(block), step) if not block[k : k + step].isascii())
    begins = block.rfind(b"\n", 0, first) + 1
    if not begins and not begins_file:
        begins = block.find(b"\n") + 1  # the first line may have lost half a sign
    return block[begins : begins + _SAMPLE]


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[BinaryIO]:
    """The bytes of the file, unpacked where it is gzipped; InputError where they are damaged."""
    with _readable(path, name), path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if gzipped:
            with gzip.GzipFile(fileobj=file) as packed:
                yield io.BufferedReader(_Limited(packed, name), _BLOCK)
        else:
            yield file


class _Limited(io.RawIOBase):
    """A gzip stream that ends at the limit, and whose errors are sentences."""

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
            raise InputError(
                f"{self._name} is a damaged or cut-off gzip file ({error}). "
                "Copy or export it again."
            ) from error
        self._given += len(data)
        if self._given > self._limit:
            raise InputError(
                f"{self._name} unpacks to more than {self._megabytes} MB. "
                "Split it, or raise MAMGBR_UPLOAD_MB."
            )
        view[: len(data)] = data
        return len(data)


@contextmanager
def _readable(path: Path, name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}. Check its name and folder.") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder. Name the files in it.") from error
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}.") from error


_AS_CSV = (
    "Open it in the spreadsheet, choose File, Save As, CSV UTF-8 (comma delimited), "
    "and take that file."
)
_UNPACK = "Unpack it, and take the log file inside; gzip (.gz) is read as it is."
_EXPORT = "Export the logs as CSV, and take that file."
_SIGNS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _AS_CSV),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh91AY&SY", "packed with bzip2", _UNPACK),
    (b"\xfd7zXZ", "packed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed with zstandard", _UNPACK),
    (b"\x1f\x8b", "packed with gzip twice", "Unpack it once, and take that file."),
    (b"%PDF", "a PDF", _EXPORT),
    (b"SQLite format 3", "a database", _EXPORT),
    (b"Obj\x01", "an Avro file", "Export the logs as Parquet or CSV, and take that file."),
)
_TAR = slice(257, 262)  # where a tar archive says what it is


def refuse_foreign(head: bytes, name: str) -> None:
    """Raise InputError with the next step where ``head`` begins a file of another kind."""
    if head.startswith(b"PK\x03\x04"):
        workbook = b"xl/" in head or b"[Content_Types]" in head
        what = "an Excel workbook" if workbook else "a zip archive"
        raise InputError(f"{name} is {what}. {_AS_CSV if workbook else _UNPACK}")
    for sign, what, remedy in _SIGNS:
        if head.startswith(sign):
            raise InputError(f"{name} is {what}. {remedy}")
    if head[_TAR] == b"ustar":
        raise InputError(f"{name} is a tar archive. {_UNPACK}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise InputError(
            f"{name} is a web page, as some shops export under the name of a workbook. {_AS_CSV}"
        )
