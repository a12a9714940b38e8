"""The events of a shop with launch times in the evidence of a bundle: its logs by position, without anybody's id."""

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Logs
from engine.bundle.array_files import Arrays, read_arrays
from engine.bundle.files import Rotation, read_rotation
from engine.evidence.graphs import Graphs
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.evidence.timed.words import BUCKETS, WordSpace

PREFIX = "events."
MOMENT = "moment"
UNKNOWN_CITY = -1
TEXTS, NUMBERS = ("name", "category", "brand"), ("price", "group_price")  # attributes of items


def event_arrays(evidence: TimedEvidence, rotation: Rotation) -> Arrays:
    """The content of evidence.npz for a model that knows time."""
    logs = evidence.events.logs
    frame = logs.items
    stored = {field.name: getattr(logs, field.name) for field in fields(logs)}
    columns: dict[str, NDArray[np.generic]] = {
        name: array for name, array in stored.items() if isinstance(array, np.ndarray)
    }
    for name in TEXTS:
        if name in frame:
            columns[name] = _packed(frame[name].fillna("").astype(str).tolist())
    for name in NUMBERS:
        if name in frame:
            columns[name] = pd.to_numeric(frame[name]).to_numpy(np.float64)
    arrays: Arrays = evidence.graphs.arrays() | {
        "leaning": evidence.smooth_taste,
        MOMENT: np.array(evidence.moment),
    }
    cities = evidence.events.cities.of_users
    known = cities.codes[:-1] < cities.size - 1
    columns["city"] = np.where(known, cities.codes[:-1], UNKNOWN_CITY)  # a number, not the name
    arrays |= {f"{PREFIX}{name}": array for name, array in columns.items()}
    space = evidence.events.words.space
    arrays |= {"words.idf": space.idf, "words.components": space.components}
    return arrays if rotation is None else arrays | {"turn": rotation}


def holds_events(content: bytes) -> bool:
    """Whether the content of an evidence.npz is that of a model that knows time."""
    return MOMENT in read_arrays(content)


def read_timed_evidence(
    content: bytes, users: list[str], items: list[str]
) -> tuple[TimedEvidence, Rotation]:
    """What ``event_arrays`` described; ``users`` and ``items`` are the ids by position.

    Raises ValueError when arrays are missing or do not fit together.
    """
    arrays = read_arrays(content)
    try:
        smooth_taste = np.asarray(arrays["leaning"], np.float32)
        space = WordSpace(
            np.asarray(arrays["words.idf"], np.float32),
            np.asarray(arrays["words.components"], np.float32),
        )
        if space.idf.shape != (BUCKETS,) or len(space.components) != BUCKETS:
            raise ValueError(f"words are {space.idf.shape} and {space.components.shape}")
        evidence = TimedEvidence(
            ShopEvents(_logs(arrays, users, items), space),
            np.datetime64(arrays[MOMENT].item(), "s"),
            Graphs.from_arrays(arrays),
            smooth_taste,
        )
    except KeyError as error:
        raise ValueError(f"there is no array {error}") from error
    return evidence, read_rotation(arrays, smooth_taste)


def _logs(arrays: Arrays, users: list[str], items: list[str]) -> Logs:
    frame = pd.DataFrame(index=pd.Index(items, dtype="str"))
    for name in (*TEXTS, *NUMBERS):
        if (stored := arrays.get(f"{PREFIX}{name}")) is not None:
            frame[name] = _fitting(name, _unpacked(stored) if name in TEXTS else stored, items)
    people = pd.DataFrame(index=pd.Index(users, dtype="str"))
    codes = _fitting("city", arrays[f"{PREFIX}city"].tolist(), users)
    people["city"] = [None if code == UNKNOWN_CITY else str(code) for code in codes]
    columns: dict[str, Any] = {
        field.name: arrays[f"{PREFIX}{field.name}"]
        for field in fields(Logs)
        if field.name not in ("users", "items", "version")
    }
    return Logs(users=people, items=frame, version="", **columns)


def _fitting(name: str, values: Any, ids: list[str]) -> Any:
    """The values of an attribute, one for each of ``ids``; raises ValueError where there are more or fewer."""
    if len(values) != len(ids):
        raise ValueError(f"{name} has {len(values)} values for {len(ids)} entries")
    return values


def _packed(texts: list[str]) -> NDArray[np.uint8]:
    """Texts as bytes, each ended by a zero: as an array of texts all would be as long as the longest."""
    joined = "".join(f"{text.replace(chr(0), '')}{chr(0)}" for text in texts)
    return np.frombuffer(joined.encode(), np.uint8)


def _unpacked(stored: NDArray[np.generic]) -> list[str]:
    """The texts that ``_packed`` joined."""
    return stored.tobytes().decode().split(chr(0))[:-1]
