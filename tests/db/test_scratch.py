"""Temporary files go with the process that made them, and where there is no space for them, they are what is named."""

import gzip
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import pytest
import xlsxwriter
from faults import FULL_DISK, run_with_fault
from sqlalchemy import text

from db.errors import StoreError
from db.importing.readers.source import examine_file
from db.scratch import ScratchError, ScratchFolder
from db.store import Store

Usage = namedtuple("Usage", "total used free")
MEMORY_DISK = "/dev/shm"  # noqa: S108  another device than that of the tests' folders
KEEPER = """
import sys
from db.scratch import ScratchFolder
folder = ScratchFolder("test")
print(folder.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def there(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_folder_stays_while_its_process_lives_and_goes_with_the_next_after_a_kill(
    place: Path,
) -> None:
    (place / "mamgbr-of-somebody-else").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdout is not None
        kept = Path(keeper.stdout.readline().strip())
        with ScratchFolder("test") as folder:
            assert there(place) == {"mamgbr-of-somebody-else", kept.name, Path(folder).name}
        keeper.kill()
        keeper.wait()
    assert kept.is_dir()
    with ScratchFolder("test") as folder:
        assert there(place) == {"mamgbr-of-somebody-else", Path(folder).name}
    assert there(place) == {"mamgbr-of-somebody-else"}


def test_a_place_that_cannot_be_written_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "missing"))
    with pytest.raises(ScratchError, match=f"{place}/missing: No such file or directory"):
        ScratchFolder("test")


def tables_of(path: str, place: str) -> int:
    """The tables of a workbook, read where ``place`` is the folder of temporary files."""
    tempfile.tempdir = place
    return len(examine_file(Path(path)).tables("xlsx", "utf-8").tables)


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
def test_a_workbook_is_not_to_blame_for_a_full_temporary_folder(
    tmp_path: Path, place: Path, packed: bool
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet().write_row(0, 0, ["initiator", "item"])
    if packed:
        path = Path(shutil.move(path, tmp_path / "plain.xlsx"))
        (tmp_path / "a.xlsx.gz").write_bytes(gzip.compress(path.read_bytes()))
        path = tmp_path / "a.xlsx.gz"
    ending = run_with_fault("write", 1, FULL_DISK, tables_of, str(path), str(place))
    assert ending.error is not None
    assert ending.error[0] == "ScratchError"
    assert f"Temporary files cannot be written in {place}: No space left" in ending.error[1]
    assert not list(place.glob("mamgbr-*"))
    assert run_with_fault("write", 99, FULL_DISK, tables_of, str(path), str(place)).result == 1


@pytest.mark.parametrize("full", ["the store's disk", "the disk of temporary files"])
def test_sqlite_does_not_say_which_disk_is_full_and_the_error_does(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    def usage(path: str) -> Usage:
        is_full = (str(path) == MEMORY_DISK) == (full == "the disk of temporary files")
        return Usage(1, 1, 0) if is_full else Usage(9, 1, 8)

    monkeypatch.setenv("SQLITE_TMPDIR", MEMORY_DISK)
    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(StoreError) as caught, sqlite_store.write() as connection:  # noqa: PT012
        connection.execute(text("PRAGMA max_page_count = 1"))  # what it has stays, and nothing else
        connection.execute(text("CREATE TABLE large AS SELECT randomblob(1000000) AS content"))
    key = "db.store.disk_full" if full == "the store's disk" else "db.store.scratch_full"
    assert caught.value.message.key == key
    assert ("SQLITE_TMPDIR" in str(caught.value)) == (key == "db.store.scratch_full")
