"""A bundle serves only as it was exported; anything else is refused with a message."""

import json
from pathlib import Path

import pytest
from shops import TinyShop
from tiny_bundle import Tiny, write_manifest, write_tiny

from db.errors import BundleRefused, NoModel, UnknownModel
from db.store import Store
from engine.loading import load_bundle
from engine.recommender import Recommender

FILES = ("users.json", "items.json", "items.onnx", "participants.onnx", "evidence.npz", "roles.npz")


def refused(shop: TinyShop) -> str:
    with pytest.raises(BundleRefused) as caught:
        shop.open()
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_noticed_in_any_file(tiny_shop: TinyShop, name: str) -> None:
    path = tiny_shop.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert name in refused(tiny_shop)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("left", [0, 0.5])
def test_a_truncated_file_is_noticed(tiny_shop: TinyShop, name: str, left: float) -> None:
    path = tiny_shop.folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content))])
    assert name in refused(tiny_shop)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_named(tiny_shop: TinyShop, name: str) -> None:
    (tiny_shop.folder / name).unlink()
    assert name in refused(tiny_shop)


def test_a_file_that_the_manifest_does_not_list_is_not_used(tiny_shop: TinyShop) -> None:
    edited = json.loads((tiny_shop.folder / "manifest.json").read_text())
    del edited["files"]["evidence.npz"]
    (tiny_shop.folder / "manifest.json").write_text(json.dumps(edited))
    assert "evidence.npz" in refused(tiny_shop)


@pytest.mark.parametrize(
    "entry",
    ["version", "data_version", "settings", "files", "id_maps", "tasks", "calibration"],
)
def test_a_manifest_without_an_entry_is_refused(tiny_shop: TinyShop, entry: str) -> None:
    edited = json.loads((tiny_shop.folder / "manifest.json").read_text())
    del edited[entry]
    (tiny_shop.folder / "manifest.json").write_text(json.dumps(edited))
    assert entry in refused(tiny_shop)


def test_a_manifest_cannot_point_outside_its_folder(tiny_shop: TinyShop) -> None:
    edited = json.loads((tiny_shop.folder / "manifest.json").read_text())
    edited["files"]["../../secret"] = {"sha256": "0", "bytes": 1}
    (tiny_shop.folder / "manifest.json").write_text(json.dumps(edited))
    assert "../../secret" in refused(tiny_shop)


@pytest.mark.parametrize("content", [b"[]", b"null", b'{"a": 1}', b"\xff\xfe", b"PK\x03\x04"])
def test_a_file_that_is_not_a_manifest_is_refused(tiny_shop: TinyShop, content: bytes) -> None:
    (tiny_shop.folder / "manifest.json").write_bytes(content)
    assert "manifest.json" in refused(tiny_shop)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(".json")])
def test_garbage_with_a_matching_hash_is_still_refused(tiny_shop: TinyShop, name: str) -> None:
    (tiny_shop.folder / name).write_bytes(b"rubbish")
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    assert name in refused(tiny_shop)


def test_ids_that_are_not_a_list_of_strings_are_refused(tiny_shop: TinyShop) -> None:
    (tiny_shop.folder / "users.json").write_text("[1, 2]")
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    assert "users.json" in refused(tiny_shop)


def test_a_model_that_scores_its_canaries_as_the_export_did_is_opened(tiny_shop: TinyShop) -> None:
    tiny_shop.tiny.canaries = [canary([0.5, 0.0])]
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    assert tiny_shop.open().version == tiny_shop.tiny.version


@pytest.mark.parametrize("scores", [[0.5, 0.01], [float("nan"), 0.0], [0.5], []])
def test_a_model_that_scores_its_canaries_differently_is_refused(
    tiny_shop: TinyShop, scores: list[float]
) -> None:
    tiny_shop.tiny.canaries = [canary(scores)]
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    assert "canaries" in refused(tiny_shop)


def test_a_model_with_a_canary_outside_its_catalogue_is_refused(tiny_shop: TinyShop) -> None:
    tiny_shop.tiny.canaries = [canary([0.5, 0.0]) | {"candidates": [0, 1000]}]
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    assert "canaries" in refused(tiny_shop)


def canary(scores: list[float]) -> dict[str, object]:
    """The scores of bea for milk, which bea has joined, and for toys."""
    return {"task": "items", "initiator": 1, "item": None, "candidates": [0, 3], "scores": scores}


def test_a_refused_version_loads_once_its_file_is_restored(tiny_shop: TinyShop) -> None:
    path = tiny_shop.folder / "items.onnx"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    refused(tiny_shop)
    path.write_bytes(whole)
    assert tiny_shop.open().rank_items("bea").results


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match=r"manifest\.json"):
        load_bundle(tmp_path, threads=1)
    with pytest.raises(BundleRefused, match=r"manifest\.json"):
        load_bundle(tmp_path / "nowhere", threads=1)


def test_without_a_promotion_no_model_serves(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="train fit"):
        Recommender.open(Store.open(f"sqlite:///{tmp_path / 'empty.db'}"), models=tmp_path)


@pytest.mark.parametrize("version", ["tiny-2", "", "..", "/etc"])
def test_only_recorded_versions_can_be_opened(tiny_shop: TinyShop, version: str) -> None:
    with pytest.raises(UnknownModel, match="engine models"):
        Recommender.open(tiny_shop.store, version, tiny_shop.models)


def test_the_bundle_of_one_version_is_not_taken_for_another(tiny_shop: TinyShop) -> None:
    other = Tiny(tiny_shop.tiny.logs, tiny_shop.tiny.weights, version="tiny-2")
    folder = write_tiny(other, tiny_shop.models)
    for path in tiny_shop.folder.iterdir():
        path.unlink()
    for path in folder.iterdir():
        path.rename(tiny_shop.folder / path.name)
    assert "tiny-2" in refused(tiny_shop)
