"""Files and folders are complete or not there, whatever happens while they are written."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.atomic import atomic_file, atomic_folder, write_atomically
from db.parts import sweep_parts


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_in_one_step(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "new" / "a.json"
    write_atomically(path, "一", durable)
    write_atomically(path, b"two", durable)
    assert path.read_bytes() == b"two"
    assert there(path.parent) == ["a.json"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_while_writing_leaves_the_previous_file(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "a"
    path.write_text("before")
    with pytest.raises(error), atomic_file(path) as file:  # noqa: PT012
        file.write(b"half")
        raise error
    assert path.read_text() == "before"
    assert there(tmp_path) == ["a"]


def test_a_disk_that_cannot_be_synced_leaves_the_previous_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a"
    write_atomically(path, "before")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "after")
    assert path.read_text() == "before"
    assert there(tmp_path) == ["a"]


def test_threads_that_write_the_same_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a"
    texts = [letter * 100_000 for letter in "abcdefgh"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomically(path, text, durable=False), texts))
    assert path.read_text() in texts
    assert there(tmp_path) == ["a"]


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "v1") as part:
        (part / "a").write_text("1")
        assert not (tmp_path / "v1").exists()
    assert there(tmp_path) == ["v1"]
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "v2") as part:
        (part / "a").write_text(str(1 / 0))
    assert there(tmp_path) == ["v1"]


def test_an_existing_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "kept").write_text("1")
    with pytest.raises(OSError), atomic_folder(tmp_path / "v1") as part:  # noqa: PT011 - any of them
        (part / "a").write_text("1")
    assert there(tmp_path) == ["v1"]
    assert there(tmp_path / "v1") == ["kept"]


def test_a_killed_writer_leaves_only_a_hidden_part_with_its_process_id(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from db.atomic import atomic_folder\n"
        "with atomic_folder(Path(sys.argv[1])) as part:\n"
        "    (part / 'a').write_text('1'); print(os.getpid(), flush=True); os._exit(9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "v1")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 9
    part = f".v1.{done.stdout.strip()}.part"
    assert there(tmp_path) == [part, f"{part}.lock"]


KILLED = """
import os, sys
from pathlib import Path
from db.atomic import atomic_file, atomic_folder
place = Path(sys.argv[1])
with atomic_folder(place / "v1") as part, atomic_file(place / "a") as file, atomic_file(place / "b", False) as other:
    (part / "half").write_text("1")
    file.write(b"half")
    print("here", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_writer_leaves_goes_with_the_next_and_what_a_living_one_writes_stays(
    tmp_path: Path,
) -> None:
    others = [".kept.part", ".a.1.part.txt", "c"]
    for name in others:
        (tmp_path / name).touch()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"here\n"
        written = there(tmp_path)
        assert len(written) == 4 + len(others)
        assert sweep_parts(tmp_path) == []
        assert there(tmp_path) == written
        writer.kill()
        writer.wait()
    write_atomically(tmp_path / "d", "1")
    assert there(tmp_path) == sorted([*others, "d"])


def test_the_lock_of_a_folder_whose_writer_was_killed_after_the_rename_goes(tmp_path: Path) -> None:
    (tmp_path / ".v1.7.part.lock").touch()
    (tmp_path / "v1").mkdir()
    with atomic_folder(tmp_path / "v2"):
        pass
    assert there(tmp_path) == ["v1", "v2"]


def test_a_name_that_cannot_be_synced_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def fail_on_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fail_on_folders)
    write_atomically(tmp_path / "a", "1")
    assert there(tmp_path) == ["a"]
