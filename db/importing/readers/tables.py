"""Unpacks workbooks and web pages into tables, in a process of their own with bounded memory and time."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from db.errors import InputError
from db.importing.readers.chunk import LONGEST_LINE
from db.scratch import ScratchFolder, scratch_errors
from db.settings import settings

UNPACKED_MULTIPLE = 10  # an unpacked log may have this many times settings().upload_mb
_MEGABYTES = 400  # of memory for a small file
_MEGABYTES_PER_MEGABYTE = 12  # of memory for each unpacked one
_MOST_MEGABYTES = 3_000
_SECONDS = 600  # of processor time

Row = tuple[int, list[str]]  # number in the sheet from 1, cells


@dataclass(frozen=True)
class Table:
    """A sheet of a workbook, or the tables of a web page; blank rows are left out."""

    name: str
    hidden: bool
    rows: int
    path: Path  # of the rows as CSV, each behind its number

    def read(self) -> Iterator[Row]:
        """The rows and their numbers."""
        csv.field_size_limit(LONGEST_LINE)
        with self.path.open(encoding="utf-8", errors="surrogatepass", newline="") as file:
            for number, *cells in csv.reader(file):
                yield int(number), cells

    def first(self, count: int) -> list[Row]:
        """The first rows."""
        rows = self.read()
        return [row for row, _ in zip(rows, range(count), strict=False)]


@dataclass(frozen=True)
class Tables:
    """The tables of a file; their copies are removed with this object."""

    tables: tuple[Table, ...]
    folder: ScratchFolder

    def named(self, name: str) -> Table:
        """The table of this name."""
        return next(table for table in self.tables if table.name == name)


def unpack_tables(path: Path, name: str, form: str, encoding: str = "utf-8") -> Tables:
    """The tables of a workbook (xlsx, xlsb, xls, ods) or a web page (html) that is not empty.

    Raises InputError if the file is damaged, locked by a password, too large when unpacked, or has no table.
    """
    unpacked = path.stat().st_size if form in ("xls", "html") else _zipped_size(path, name)
    folder = ScratchFolder("tables")
    memory = min(_MOST_MEGABYTES, _MEGABYTES + _MEGABYTES_PER_MEGABYTE * (unpacked // 1_000_000))
    command = [sys.executable, "-m", "db.importing.readers.table_process"]
    command += [str(path.resolve()), form, encoding, folder.name, str(memory), str(_SECONDS)]
    done = subprocess.run(  # noqa: S603
        command, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd=PROJECT
    )
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    with scratch_errors():
        for number in (one["errno"] for one in found if "errno" in one):
            raise OSError(number, os.strerror(number))
    if any("error" in one for one in found):
        raise InputError("db.file.locked", name=name)
    if done.returncode < 0 or b"MemoryError" in done.stderr:  # ended by the system
        raise InputError("db.file.workbook_too_large", name=name)
    if done.returncode:
        raise InputError("db.file.damaged_workbook", name=name)
    tables = tuple(
        Table(one["name"], one["hidden"], one["rows"], Path(folder.name, one["file"]))
        for one in found
        if one["rows"]
    )
    return Tables(tables, folder)


PROJECT = Path(__file__).parents[3]


def _zipped_size(path: Path, name: str) -> int:
    """The bytes that the file's directory promises; raises InputError if they are too many."""
    try:
        with ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (BadZipFile, OSError, ValueError) as error:
        raise InputError("db.file.damaged_workbook", name=name) from error
    limit = settings().upload_mb * UNPACKED_MULTIPLE
    if size > limit * 1_000_000:
        raise InputError("db.file.unpacks_too_large", name=name, limit=limit)
    return size
