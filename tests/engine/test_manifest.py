"""One model writes and reads manifest.json, and manifests of other versions of the program load."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from db.errors import BundleRefused
from db.logs import Task
from engine.bundle.manifest import Canary, Manifest, read_manifest

MANIFEST: dict[str, Any] = {
    "version": "v1",
    "created_at": "2025-07-01T00:00:00+00:00",
    "preset": "demo",
    "settings": {"friendships": False, "heads": 2},
    "seed": 3,
    "code_version": "abc",
    "data_version": "def",
    "known_before": None,
    "last_event": None,
    "counts": {"users": 2, "items": 1, "groups": 1, "training_groups": 1, "validation_groups": 0},
    "metrics": {"items/mrr@10": {"value": 0.5, "low": 0.4, "high": 0.6, "popularity": 0.3}},
    "metrics_by_part": {"repeats": {"items/mrr@10": {"value": 0.9}}},
    "validated_from": "2025-03-01T00:00:00",
    "id_maps": {"users": "users.json", "items": "items.json"},
    "tasks": {
        "items": {
            "graph": "items.onnx",
            "inside": "items-inside.onnx",
            "ranking": "items-ranking.onnx",
            "experts": ["task 1"],
            "tokens": ["initiator", "item"],
            "heads": 2,
            "evidence": [],
        }
    },
    "evidence_version": 2,
    "question": "any",
    "repeats": 0.4,
    "calibration": {
        "items": {
            "shares": [-1.0, 0.0],
            "logits": [-2.0, 1.0],
            "temperature": 1.5,
            "normalised": True,
            "reliability_error": 0.1,
            "noise": 0.02,
            "noise_limit": 0.05,
            "bins": [{"promised": 0.2, "observed": 0.1, "right": 1.0, "expected": 2.0, "half": 1}],
            "cases": 5,
            "shown": 20,
        }
    },
    "item_calibrations": {},
    "canaries": [
        {"task": "items", "initiator": 0, "item": None, "candidates": [0], "scores": [0.5]}
    ],
    "files": {"users.json": {"sha256": "0" * 64, "bytes": 9}},
}


def read(manifest: dict[str, Any]) -> Manifest:
    return read_manifest(json.dumps(manifest).encode(), "v1/manifest.json")


def test_what_is_written_is_read_back() -> None:
    manifest = read(MANIFEST)
    assert read_manifest(manifest.to_json().encode(), "v1/manifest.json") == manifest
    written = json.loads(manifest.to_json())
    assert written | {"settings": MANIFEST["settings"]} == MANIFEST
    assert list(written) == list(MANIFEST)
    assert written["settings"]["heads"] == 2


def test_entries_of_newer_programs_and_settings_of_older_ones_are_ignored() -> None:
    other = MANIFEST | {"drift": {"seen": 1}, "settings": {"friendships": False, "hats": 3}}
    other["tasks"] = {"items": MANIFEST["tasks"]["items"] | {"flavour": "sweet"}}
    manifest = read(other)
    assert manifest.tasks == read(MANIFEST).tasks
    assert not manifest.settings.friendships


def test_what_older_programs_did_not_write_has_a_default() -> None:
    older = {name: value for name, value in MANIFEST.items() if name not in ("seed", "counts")}
    older["calibration"] = {"items": {"shares": [-1, 0], "logits": [-2, 1]}}
    assert read(older).calibration[Task.ITEMS].bins == []


@pytest.mark.parametrize(
    ("spoil", "entry"),
    [
        (lambda raw: raw["calibration"].clear(), "calibration.items"),
        (lambda raw: raw["calibration"]["items"].update(shares=[0, -1]), "calibration.items"),
        (lambda raw: raw["calibration"]["items"].update(shares=[]), "calibration.items"),
        (lambda raw: raw["settings"].update(heads=0), "settings"),
        (lambda raw: raw["tasks"]["items"].update(ranking="../x.onnx"), "tasks.items.ranking"),
        (lambda raw: raw["tasks"].update(dance={}), "tasks.dance"),
        (lambda raw: raw["files"].update(a={"sha256": "0"}), "files.a.bytes"),
        (lambda raw: raw["canaries"][0].pop("scores"), "canaries.0.scores"),
        (lambda raw: raw["canaries"].clear(), "canaries (items)"),
        (lambda raw: raw["canaries"][0].update(candidates=[], scores=[]), "canaries.0.candidates"),
        (lambda raw: raw["calibration"]["items"].update(logits=[math.nan, 1]), "calibration.items"),
        (lambda raw: raw["calibration"]["items"].update(shares=[0, math.inf]), "calibration.items"),
        (lambda raw: raw["calibration"]["items"].update(noise=math.nan), "calibration.items.noise"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(
    spoil: Callable[[dict[str, Any]], object], entry: str
) -> None:
    raw = json.loads(json.dumps(MANIFEST))
    spoil(raw)
    with pytest.raises(BundleRefused) as refused:
        read(raw)
    assert f" {entry}" in str(refused.value)
    assert "v1/manifest.json" in str(refused.value)


def test_a_canary_agrees_within_the_tolerance_of_its_size() -> None:
    canary = Canary(task=Task.ITEMS, initiator=0, item=None, candidates=[0, 1], scores=[0.5, 200])
    assert canary.gap(np.array([0.5, 200.01], np.float32)) == pytest.approx(5e-5, rel=0.1)
    assert canary.gap(np.array([0.5], np.float32)) == float("inf")
    assert not canary.gap(np.array([np.nan, 200], np.float32)) <= 1
