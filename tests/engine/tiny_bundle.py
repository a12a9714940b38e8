"""A bundle whose every answer can be worked out by hand, over any store.

Task I: an item's score is its weight in ``popularity`` plus 0.5 for each unit of its evidence
``joined_before``. Task II: a participant's score is her weight in ``eagerness`` plus one for each
unit of ``friend``. The two tokens are "entity" (the weight) and "evidence". The gate leans on
expert "task 1" with the softmax of (score, 0). The attention is even.

The model follows the logs: a candidate's weight takes a shift, the one number of her joiner's view
or of the item's launched one. With a ``turn`` of zeros that number is 0 for everybody.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from db.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from db.evidence.evidence import Evidence
from db.evidence.graphs import Graphs
from db.logs import Logs
from db.registry import record_ready
from db.store import Store

VERSION = "tiny-1"
COLUMNS = {"items": ITEM_EVIDENCE, "participants": PARTICIPANT_EVIDENCE}
SHIFTS = {
    "items": {"candidate": ["launched"]},
    "participants": {"candidate": ["joiner"]},
}
COUNTED = {"items": ("joined_before", 0.5), "participants": ("friend", 1.0)}


@dataclass
class Tiny:
    """What goes into the bundle; tests change what they are about."""

    logs: Logs
    weights: dict[str, NDArray[np.float32]]  # by task, of each candidate and of the newcomer
    version: str = VERSION
    canaries: list[dict[str, Any]] = field(default_factory=list)
    evidence: bool = True
    turn: tuple[float, float] | None = (0, 0)  # None: it cannot follow the logs

    @property
    def follows(self) -> bool:
        """Whether later logs can be served."""
        return self.evidence and self.turn is not None


def write_tiny(tiny: Tiny, models: Path) -> Path:
    """Write the bundle into its folder below ``models``."""
    folder = models / tiny.version
    folder.mkdir(parents=True)
    for kind, frame in (("users", tiny.logs.users), ("items", tiny.logs.items)):
        (folder / f"{kind}.json").write_text(json.dumps(list(frame.index)))
    for task, weights in tiny.weights.items():
        model = _graph(task, weights, tiny.evidence, tiny.follows)
        (folder / f"{task}.onnx").write_bytes(model.SerializeToString())
    if tiny.evidence:
        evidence = Evidence.of(Graphs.from_logs(tiny.logs), 4, 2)
        arrays = evidence.graphs.arrays() | {"taste": evidence.taste, "leaning": evidence.leaning}
        if tiny.turn is not None:
            arrays["turn"] = np.array(tiny.turn, np.float32)[:, None]
        np.savez(folder / "evidence.npz", **arrays)
    write_manifest(tiny, folder)
    return folder


def write_manifest(tiny: Tiny, folder: Path) -> None:
    """Vouch for the files as they are now."""
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
                "graph": f"{task}.onnx",
                "experts": ["task 1", "shared 1"],
                "tokens": ["entity", "evidence"],
                "heads": 1,
                "evidence": list(COLUMNS[task]) if tiny.evidence else [],
                "shifts": SHIFTS[task] if tiny.follows else {},
            }
            for task in tiny.weights
        },
        "calibration": {task: {"slope": 0.5, "intercept": 0.25} for task in tiny.weights},
        "canaries": tiny.canaries,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def record(tiny: Tiny, store: Store) -> None:
    """Let the store know the version."""
    record_ready(store, tiny.version, "demo", tiny.logs.version, {})


def _graph(
    task: str, weights: NDArray[np.float32], evidence: bool, follows: bool
) -> onnx.ModelProto:
    name, worth = COUNTED[task]
    counted = np.zeros((len(COLUMNS[task]), 1), np.float32)
    counted[COLUMNS[task].index(name)] = worth
    constants = {
        "weights": weights.astype(np.float32),
        "counted": counted,
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "column": np.array([1], np.int64),
        "inside": np.array([2, 1, 2, 2], np.int64),
        "half": np.full((1, 2, 1, 2, 2), 0.5, np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["weights", "candidates"], ["stored"]),
        helper.make_node("Gather", ["kept", "zero"], ["kept_entity"]),
        helper.make_node("Mul", ["entity", "kept_entity"], ["shown_entity"]),
    ]
    inputs = [
        helper.make_tensor_value_info("initiator", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("candidates", TensorProto.INT64, ["N"]),
        helper.make_tensor_value_info("kept", TensorProto.FLOAT, [2]),
    ]
    if follows:
        inputs.append(helper.make_tensor_value_info("candidate_shift", TensorProto.FLOAT, ["S", 1]))
        nodes[1:1] = [
            helper.make_node("Squeeze", ["candidate_shift", "column"], ["flat_shift"]),
            helper.make_node("Add", ["stored", "flat_shift"], ["entity"]),
        ]
    else:
        nodes.insert(1, helper.make_node("Identity", ["stored"], ["entity"]))
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
