"""Reads arrays from .npz files, whose memory is bounded by the bytes that are there before any is allocated.

An array's header says its shape, and numpy allocates what it says: 300 bytes may ask for a terabyte.
"""

import io
import struct
import tokenize
import zipfile
import zlib
from math import prod
from typing import IO

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]

_PACKED_BYTES = 1 << 28  # that packed arrays may take, where the file itself is smaller
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    OverflowError,
)


def read_arrays(content: bytes) -> Arrays:
    """The arrays of an .npz file by name; raises ValueError where it is none, or declares more than it holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_too_much(archive, len(content))
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except _DAMAGE as error:
        raise ValueError(str(error) or type(error).__name__) from error


def _refuse_too_much(archive: zipfile.ZipFile, size: int) -> None:
    """Raises ValueError where arrays take more memory than the file allows or have other data than they declare."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(size, _PACKED_BYTES):
        raise ValueError(f"{size} bytes unpack to {unpacked}")
    for member in members:
        with archive.open(member) as file:
            declared = _declared_bytes(file) + file.tell()
        if declared != member.file_size:
            raise ValueError(
                f"{member.filename[-80:]} declares {declared} bytes and has {member.file_size}"
            )


def _declared_bytes(file: IO[bytes]) -> int:
    """The bytes of the array whose header begins here, by that header."""
    version = np.lib.format.read_magic(file)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, kind = read(file)
    if kind.hasobject:
        raise ValueError("it holds Python objects")
    return int(prod(shape)) * kind.itemsize
