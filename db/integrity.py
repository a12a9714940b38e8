"""What SQLite finds wrong with a file."""

import sqlite3

_FINDINGS = 20  # that are looked for; the first is told


def damage_of(connection: sqlite3.Connection) -> str:
    """What is wrong with the pages and indexes of the file, as SQLite says it; empty where nothing is."""
    try:
        found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_FINDINGS})")]
    except sqlite3.OperationalError:
        raise  # it is locked, or cannot be read
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == ["ok"] else str(found[0])


def rows_without_parents(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """(table, table that they refer to) -> how many rows refer to one that is not there."""
    found: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        found[table, parent] = found.get((table, parent), 0) + 1
    return found
