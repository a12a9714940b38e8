"""Who was forgotten, as salted hashes, so that a later file cannot bring them back.

The store keeps no id of a forgotten person: only a hash of it under a secret salt, and the id of the unnamed person
whose launches theirs have become. Whoever has the store and an id can ask whether that id was forgotten, as an import
does; from the store alone no id can be read.
"""

import hashlib
import secrets
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from db.schema import shop_settings

UNNAMED = "forgotten-"  # begins the ids of unnamed people
_FORGOTTEN = "forgotten"  # the setting that holds the hashes


@dataclass(frozen=True)
class Forgotten:
    """The people who were forgotten: hash of the id -> the id of an unnamed person."""

    salt: str = ""
    people: Mapping[str, str] = field(default_factory=dict)

    def unnamed(self, id: str) -> str | None:
        """The unnamed person in place of a forgotten one, None for everybody else."""
        return self.people.get(_hash(self.salt, id)) if self.people else None

    def among(self, ids: Iterable[str]) -> dict[str, str]:
        """Those of ``ids`` that were forgotten -> their unnamed person."""
        if not self.people:
            return {}
        found = {id: self.unnamed(id) for id in ids}
        return {id: unnamed for id, unnamed in found.items() if unnamed is not None}

    def with_person(self, id: str) -> "Forgotten":
        """These people and one more."""
        salt = self.salt or secrets.token_hex(32)
        unnamed = f"{UNNAMED}{secrets.token_hex(6)}"
        return Forgotten(salt, {**self.people, _hash(salt, id): unnamed})


NOBODY = Forgotten()


def read_forgotten(connection: Connection) -> Forgotten:
    """Who was forgotten in this store."""
    value = read_setting(connection, _FORGOTTEN)
    return NOBODY if value is None else Forgotten(value["salt"], value["people"])


def write_forgotten(connection: Connection, forgotten: Forgotten) -> None:
    """Keep who was forgotten."""
    value = {"salt": forgotten.salt, "people": dict(forgotten.people)}
    write_setting(connection, _FORGOTTEN, value)


def read_setting(connection: Connection, name: str) -> dict[str, Any] | None:
    """A setting of the store, None where it has none."""
    query = select(shop_settings.c.value).where(shop_settings.c.name == name)
    value: dict[str, Any] | None = connection.execute(query).scalar()
    return value


def write_setting(connection: Connection, name: str, value: dict[str, Any] | None) -> None:
    """Set a setting of the store, or remove it."""
    connection.execute(delete(shop_settings).where(shop_settings.c.name == name))
    if value is not None:
        row = {"name": name, "value": value, "set_at": int(time.time())}
        connection.execute(insert(shop_settings).values(row))


def names_anybody(texts: Collection[str], forgotten: Forgotten) -> bool:
    """Whether a word of the texts is the id of somebody who was forgotten."""
    return any(forgotten.unnamed(word) for text in texts for word in _words(text))


def _words(text: str) -> Sequence[str]:
    for sign in ",;|\t\n\r，；、\"'()[]{}（）:":
        text = text.replace(sign, " ")
    return text.split()


def _hash(salt: str, id: str) -> str:
    key = bytes.fromhex(salt)
    return hashlib.blake2b(id.encode("utf-8", "replace"), digest_size=16, key=key).hexdigest()
