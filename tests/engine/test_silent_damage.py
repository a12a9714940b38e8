"""Damage that no hash inside a bundle shows, and files that ask for more memory than they hold, are refused."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from shops import TinyShop
from sqlalchemy import create_engine, text
from tiny_bundle import write_manifest

from db.atomic import write_atomically
from db.errors import BundleRefused
from db.forget import forget_user
from db.migrate import upgrade_schema
from db.models import registry
from db.store import Store
from engine.bundle.array_files import read_arrays


def manifest_sha256(shop: TinyShop) -> str:
    return hashlib.sha256((shop.folder / "manifest.json").read_bytes()).hexdigest()


@pytest.fixture
def recorded(tiny_shop: TinyShop) -> TinyShop:
    """The tiny shop, whose registry knows the hash of the manifest."""
    registry.note_manifest(tiny_shop.store, tiny_shop.tiny.version, manifest_sha256(tiny_shop))
    return tiny_shop


def refused(shop: TinyShop) -> str:
    with pytest.raises(BundleRefused) as caught:
        shop.open()
    said = str(caught.value)
    assert said.endswith("lists them).")
    return said


def test_a_changed_manifest_is_refused_though_every_file_fits_it(recorded: TinyShop) -> None:
    assert recorded.open().version == recorded.tiny.version
    path = recorded.folder / "manifest.json"
    edited = json.loads(path.read_text())
    edited["calibration"]["items"]["logits"] = [-50, 51]  # promises more than was measured
    path.write_text(json.dumps(edited))
    assert "is not the manifest that was recorded" in refused(recorded)


def test_a_version_that_was_recorded_without_a_hash_is_opened(tiny_shop: TinyShop) -> None:
    known = registry.find(tiny_shop.store, tiny_shop.tiny.version)
    assert known is not None
    assert known.manifests == ()
    assert tiny_shop.open().version == tiny_shop.tiny.version


def test_versions_of_older_stores_get_the_hash_of_the_manifest_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMGBR_MODELS", str(tmp_path / "models"))
    (tmp_path / "models/there").mkdir(parents=True)
    (tmp_path / "models/there/manifest.json").write_text("{}")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        upgrade_schema(connection, "0010")
        for version in ("there", "gone"):
            connection.execute(
                text(
                    "INSERT INTO models (version, preset, data_version, metrics, created_at) "
                    "VALUES (:version, 'demo', 'abc', '{}', 7)"
                ),
                {"version": version},
            )
    engine.dispose()
    store = Store.open(url)
    hashes = {known.version: known.manifests for known in registry.versions(store)}
    assert hashes == {"there": (hashlib.sha256(b"{}").hexdigest(),), "gone": ()}
    store.close()


def test_the_registry_follows_the_manifest_when_a_person_is_forgotten(recorded: TinyShop) -> None:
    before = manifest_sha256(recorded)
    forget_user(recorded.store, "ann", recorded.models)
    assert manifest_sha256(recorded) != before
    known = registry.find(recorded.store, recorded.tiny.version)
    assert known is not None
    assert known.manifests == (manifest_sha256(recorded),)
    assert recorded.open().version == recorded.tiny.version


def test_a_kill_while_a_person_is_forgotten_leaves_a_model_that_opens(
    recorded: TinyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("db.models.bundle_ids.write_atomically", once_then(killed))
    with pytest.raises(
        KeyboardInterrupt
    ):  # after the registry knows the new manifest, before it is there
        forget_user(recorded.store, "ann", recorded.models)
    monkeypatch.undo()
    assert recorded.open().version == recorded.tiny.version
    Store.open(str(recorded.store.url)).close()  # completes what was begun
    known = registry.find(recorded.store, recorded.tiny.version)
    assert known is not None
    assert known.manifests == (manifest_sha256(recorded),)
    assert "ann" not in recorded.open()._bundle.users.ids


def once_then(fail: Callable[..., None]) -> Callable[..., None]:
    """``write_atomically`` once, then ``fail``."""
    calls = iter([write_atomically])
    return lambda *given: next(calls, fail)(*given)


def test_forgetting_a_person_does_not_bless_a_changed_manifest(recorded: TinyShop) -> None:
    path = recorded.folder / "manifest.json"
    path.write_text(path.read_text() + "\n")
    report = forget_user(recorded.store, "ann", recorded.models)
    assert report.models.failed == (recorded.tiny.version,)
    assert "is not the manifest that was recorded" in refused(recorded)


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test where a session is made."""

    def made(*_: object) -> None:
        pytest.fail("a session was made")

    monkeypatch.setattr("engine.onnx_session._session", made)


def spoiled_graph(shop: TinyShop, spoil: Callable[[onnx.ModelProto], None]) -> str:
    """What is said of a bundle whose graph was spoiled before its hashes were taken."""
    path = shop.folder / "items.onnx"
    whole = path.read_bytes()
    model = onnx.load_model_from_string(whole)
    spoil(model)
    path.write_bytes(model.SerializeToString())
    write_manifest(shop.tiny, shop.folder)
    said = refused(shop)
    path.write_bytes(whole)
    return said


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("inside_a_node", [False, True])
def test_a_graph_with_external_data_is_refused_before_a_session_is_made(
    tiny_shop: TinyShop, inside_a_node: bool
) -> None:
    def spoil(model: onnx.ModelProto) -> None:
        tensor = numpy_helper.from_array(np.zeros(2, np.float32), "secret")
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/hostname")
        if inside_a_node:
            model.graph.node.append(helper.make_node("Constant", [], ["more"], value=tensor))
        else:
            model.graph.initializer.append(tensor)

    said = spoiled_graph(tiny_shop, spoil)
    assert "items.onnx refers to another file (/etc/hostname)" in said


@pytest.mark.usefixtures("no_session")
def test_a_graph_that_declares_a_terabyte_is_refused_before_a_session_is_made(
    tiny_shop: TinyShop,
) -> None:
    def hollow(model: onnx.ModelProto) -> None:
        tensor = TensorProto(name="large", data_type=TensorProto.FLOAT, dims=[1 << 40])
        model.graph.initializer.append(tensor)

    def unfolded(model: onnx.ModelProto) -> None:
        shape = numpy_helper.from_array(np.array([1 << 20, 1 << 20], np.int64), "shape_of_it")
        model.graph.initializer.append(shape)
        model.graph.node.append(helper.make_node("ConstantOfShape", ["shape_of_it"], ["large"]))

    assert "declares 1099511627776 numbers" in spoiled_graph(tiny_shop, hollow)
    assert "large is [1048576, 1048576] large" in spoiled_graph(tiny_shop, unfolded)


def spoiled_header(shape: str, kind: str = "<f4") -> bytes:
    """An .npz file of 300 bytes with one array of this shape, and no data for it."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        length = len(header).to_bytes(2, "little")
        archive.writestr("users.npy", b"\x93NUMPY\x01\x00" + length + header)
    return content.getvalue()


def test_arrays_that_declare_a_terabyte_are_refused_before_they_are_made(
    tiny_shop: TinyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(*_: object, **__: object) -> None:
        pytest.fail("arrays were made")

    monkeypatch.setattr(np, "load", made)
    (tiny_shop.folder / "roles.npz").write_bytes(spoiled_header("(549755813888,)"))
    (tiny_shop.folder / "evidence.npz").write_bytes(spoiled_header("(549755813888,)"))
    write_manifest(tiny_shop.tiny, tiny_shop.folder)
    assert "users.npy declares 2199023255631 bytes and has 79" in refused(tiny_shop)


@pytest.mark.parametrize("shape", ["(-1,)", "(2, 'a')", "(((", "(1e9,)", "[3]", "(True,)"])
@pytest.mark.parametrize("kind", ["<f4", "O", "<U999999999", "?!"])
def test_a_header_that_is_none_is_a_sentence(shape: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_arrays(spoiled_header(shape, kind))


def arrays() -> bytes:
    content = io.BytesIO()
    np.savez(content, users=np.arange(12, dtype=np.float32).reshape(4, 3), items=np.zeros(2))
    return content.getvalue()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_bytes_of_arrays_change_they_are_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(arrays())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        read = read_arrays(bytes(content))
    except ValueError:
        return
    assert all(isinstance(array, np.ndarray) for array in read.values())
