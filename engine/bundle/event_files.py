"""The events of a shop with launch times in the evidence of a bundle: its logs by position, without anybody's id."""

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Logs
from engine.bundle.files import Arrays, Rotation, read_arrays, read_rotation
from engine.evidence.graphs import Graphs
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.evidence.timed.words import WordSpace

PREFIX = "events."
MOMENT = "moment"
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
            columns[name] = frame[name].fillna("").to_numpy("U")
    for name in NUMBERS:
        if name in frame:
            columns[name] = pd.to_numeric(frame[name]).to_numpy(np.float64)
    arrays: Arrays = evidence.graphs.arrays() | {
        "leaning": evidence.smooth_taste,
        MOMENT: np.array(evidence.moment),
    }
    if "city" in logs.users:
        columns["city"] = pd.factorize(logs.users["city"])[0]  # a number, not the name
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
        if f"{PREFIX}{name}" in arrays:
            values = arrays[f"{PREFIX}{name}"]
            if len(values) != len(items):
                raise ValueError(f"{name} has {len(values)} values for {len(items)} items")
            frame[name] = values
    columns: dict[str, Any] = {
        field.name: arrays[f"{PREFIX}{field.name}"]
        for field in fields(Logs)
        if field.name not in ("users", "items", "version")
    }
    people = pd.DataFrame(index=pd.Index(users, dtype="str"))
    if f"{PREFIX}city" in arrays:
        codes = pd.Series(arrays[f"{PREFIX}city"])
        if len(codes) != len(users):
            raise ValueError(f"city has {len(codes)} values for {len(users)} users")
        people["city"] = codes.where(codes >= 0).astype("Int64").astype("string").to_numpy()
    return Logs(users=people, items=frame, version="", **columns)
