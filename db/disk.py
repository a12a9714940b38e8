"""How much room things take on disk."""

from pathlib import Path

from sqlalchemy import text

from db.store import Store


def store_bytes(store: Store) -> int:
    """Bytes of the store: its file with what SQLite keeps beside it, or the database of the server."""
    if store.path is not None:
        files = (store.path.with_name(store.path.name + end) for end in ("", "-wal", "-shm"))
        return sum(file.stat().st_size for file in files if file.exists())
    with store.read() as connection:
        return int(
            connection.execute(text("select pg_database_size(current_database())")).scalar_one()
        )


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder and beneath; 0 where there is none."""
    found = 0
    for path in folder.rglob("*"):
        try:
            found += 0 if path.is_symlink() or path.is_dir() else path.stat().st_size
        except OSError:  # a file that went away meanwhile
            continue
    return found
