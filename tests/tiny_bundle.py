"""A bundle whose every answer can be worked out by hand, over any store.

Task I: an item's score is its weight in ``popularity`` plus 0.5 for each unit of its evidence
``joined_before``. Task II: a participant's score is their weight in ``eagerness`` plus one for each
unit of ``friend``. Other evidence counts where ``counted`` names it. The two tokens are "entity"
(the weight) and "evidence". The gate leans on
expert "task 1" with the softmax of (score, 0). The attention is even.

A weight is a candidate's role vector: the one number of their participant view, or of the item's launched
one. With a ``rotation`` of zeros that number is 0 for all once the model follows the logs.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from recorded_versions import record_version

from db.logs import Logs
from db.store import Store
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs

VERSION = "tiny-1"
COLUMNS = {"items": ITEM_EVIDENCE, "participants": PARTICIPANT_EVIDENCE}
WEIGHT = {"items": 0, "participants": 1}  # its column in the candidates' role vectors
COUNTED = {"items": ("joined_before", 0.5), "participants": ("friend", 1.0)}


@dataclass
class Tiny:
    """What goes into the bundle; tests change what they are about."""

    logs: Logs
    weights: dict[str, NDArray[np.float32]]  # by task, of each candidate and of the cold-start row
    version: str = VERSION
    canaries: list[dict[str, Any]] = field(default_factory=list)
    evidence: bool = True
    rotation: tuple[float, float] | None = (0, 0)  # None: the model cannot follow the logs
    # By task: the evidence that counts, and how much a unit of it.
    counted: dict[str, tuple[str, float]] = field(default_factory=lambda: dict(COUNTED))


def write_tiny(tiny: Tiny, models: Path) -> Path:
    """Write the bundle into its folder below ``models``."""
    folder = models / tiny.version
    folder.mkdir(parents=True)
    for kind, frame in (("users", tiny.logs.users), ("items", tiny.logs.items)):
        (folder / f"{kind}.json").write_text(json.dumps(list(frame.index)))
    for task in tiny.weights:
        model = _graph(task, tiny.evidence, *tiny.counted[task])
        (folder / f"{task}.onnx").write_bytes(model.SerializeToString())
    users = np.zeros((len(tiny.logs.users) + 1, 3), np.float32)
    items = np.zeros((len(tiny.logs.items) + 1, 2), np.float32)
    for task, table in (("items", items), ("participants", users)):
        table[:, WEIGHT[task]] = tiny.weights[task]
    np.savez(folder / "roles.npz", users=users, items=items)
    if tiny.evidence:
        evidence = Evidence.from_graphs(Graphs.from_logs(tiny.logs), 4, 2)
        arrays = evidence.graphs.arrays() | {
            "taste": evidence.taste,
            "leaning": evidence.smooth_taste,
        }
        if tiny.rotation is not None:
            arrays["turn"] = np.array(tiny.rotation, np.float32)[:, None]
        np.savez(folder / "evidence.npz", **arrays)
    write_manifest(tiny, folder)
    return folder


def write_manifest(tiny: Tiny, folder: Path) -> None:
    """Write the manifest of the files as they are now, as raw JSON: the format of files on disk must not change."""
    files = {
        path.name: {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }
    manifest = {
        "version": tiny.version,
        "created_at": "2025-07-01T00:00:00+00:00",
        "preset": "demo",
        "data_version": tiny.logs.version,
        "settings": {"friendships": True},
        "files": files,
        "id_maps": {"users": "users.json", "items": "items.json"},
        "tasks": {
            task: {
                "inside": f"{task}.onnx",
                "ranking": f"{task}.onnx",
                "experts": ["task 1", "shared 1"],
                "tokens": ["entity", "evidence"],
                "heads": 1,
                "evidence": list(COLUMNS[task]) if tiny.evidence else [],
            }
            for task in tiny.weights
        },
        # a line: half the share and a quarter
        "calibration": {
            task: {"shares": [-100, 100], "logits": [-49.75, 50.25]} for task in tiny.weights
        },
        "canaries": [*tiny.canaries, *_canaries(tiny, {one["task"] for one in tiny.canaries})],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _canaries(tiny: Tiny, without: set[str]) -> list[dict[str, Any]]:
    """A canary for each other task: what the first user is asked about the first and the unknown candidate."""
    graphs = Graphs.from_logs(tiny.logs)
    evidence = replace(Evidence.from_graphs(graphs, 4, 2), version=1)
    initiator = np.array([0], np.int64)
    found = []
    for task in sorted(tiny.weights.keys() - without):
        item = None if task == "items" else 0
        scores = np.asarray(tiny.weights[task], np.float32).copy()
        if tiny.evidence:
            facts = (
                evidence.items(initiator, None)
                if item is None
                else evidence.participants(initiator, np.array([item], np.int64), None)
            )[0]
            column, worth = tiny.counted[task]
            scores += worth * facts[:, COLUMNS[task].index(column)]
        asked = [0, len(scores) - 1]
        found.append(
            {
                "task": task,
                "initiator": 0,
                "item": item,
                "candidates": asked,
                "scores": scores[asked].tolist(),
            }
        )
    return found


def record(tiny: Tiny, store: Store) -> None:
    """Let the store know the version."""
    record_version(store, tiny.version, tiny.logs.version)


def _graph(task: str, evidence: bool, name: str, worth: float) -> onnx.ModelProto:
    counted = np.zeros((len(COLUMNS[task]), 1), np.float32)
    counted[COLUMNS[task].index(name)] = worth
    constants = {
        "place": np.array(WEIGHT[task], np.int64),
        "counted": counted,
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "column": np.array([1], np.int64),
        "inside": np.array([2, 1, 2, 2], np.int64),
        "half": np.full((1, 2, 1, 2, 2), 0.5, np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["candidates", "place"], ["entity"], axis=1),
        helper.make_node("Gather", ["kept", "zero"], ["kept_entity"]),
        helper.make_node("Mul", ["entity", "kept_entity"], ["shown_entity"]),
    ]
    inputs = [
        helper.make_tensor_value_info("initiator", TensorProto.FLOAT, [1, 3]),
        helper.make_tensor_value_info("candidates", TensorProto.FLOAT, ["N", 2 + WEIGHT[task]]),
        helper.make_tensor_value_info("kept", TensorProto.FLOAT, [2]),
    ]
    if evidence:
        inputs.append(
            helper.make_tensor_value_info("evidence", TensorProto.FLOAT, ["N", len(counted)])
        )
        nodes += [
            helper.make_node("MatMul", ["evidence", "counted"], ["facts"]),
            helper.make_node("Squeeze", ["facts", "column"], ["flat_facts"]),
            helper.make_node("Gather", ["kept", "one"], ["kept_facts"]),
            helper.make_node("Mul", ["flat_facts", "kept_facts"], ["shown_facts"]),
            helper.make_node("Add", ["shown_entity", "shown_facts"], ["score"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["shown_entity"], ["score"]))
    nodes += [
        helper.make_node("Unsqueeze", ["score", "column"], ["leaning"]),
        helper.make_node("Sub", ["leaning", "leaning"], ["nothing"]),
        helper.make_node("Concat", ["leaning", "nothing"], ["logits"], axis=1),
        helper.make_node("Softmax", ["logits"], ["gate"], axis=1),
        helper.make_node("Shape", ["score"], ["count"]),
        helper.make_node("Concat", ["count", "inside"], ["shape"], axis=0),
        helper.make_node("Expand", ["half", "shape"], ["attention"]),
    ]
    outputs = [
        helper.make_tensor_value_info("score", TensorProto.FLOAT, ["N"]),
        helper.make_tensor_value_info("gate", TensorProto.FLOAT, ["N", 2]),
        helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["N", 2, 1, 2, 2]),
    ]
    graph = helper.make_graph(
        nodes,
        task,
        inputs,
        outputs,
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
