"""An export copies a whole, undamaged bundle, or nothing."""

import json
import re
import shutil
from pathlib import Path

import pytest
from whole_shop import Shop

from db.errors import SettingError, TrainError
from db.models import registry
from engine.bundle.writer import export_bundle
from train.command import main


@pytest.fixture
def version(trained: Shop) -> str:
    serving = registry.serving(trained.store())
    assert serving is not None
    return serving.version


@pytest.fixture
def models(trained: Shop, version: str, tmp_path: Path) -> Path:
    """A copy of the models, to be damaged."""
    shutil.copytree(trained.models / version, tmp_path / "models" / version)
    return tmp_path / "models"


def test_an_export_equals_the_bundle_file_by_file(
    trained: Shop,
    version: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained.enter(monkeypatch)
    out = tmp_path / "away" / "copy"
    assert main(["export", version, "--out", str(out)]) == 0
    bundle = trained.models / version
    # Whatever the manifest names, and nothing else: the page Gates keeps a cache in the bundle's folder.
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    assert {path.name for path in out.iterdir()} == {*files, "manifest.json"}
    for path in out.iterdir():
        assert path.read_bytes() == (bundle / path.name).read_bytes()
    assert main(["export", version, "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "items.onnx",
        "items-ranking.onnx",
        "roles.npz",
        "evidence.npz",
        "users.json",
        "manifest.json",
    ],
)
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_a_damaged_bundle_is_not_exported(
    models: Path, version: str, name: str, damage: str, tmp_path: Path
) -> None:
    path = models / version / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[1 if name == "manifest.json" else len(content) // 2] ^= 1
        path.write_bytes(content)
    out = tmp_path / "exports" / version
    with pytest.raises(TrainError, match=rf"{re.escape(version)} is damaged.*Nothing was exported"):
        export_bundle(models, version, out)
    assert not list((tmp_path / "exports").glob("*"))
    assert not list((tmp_path / "exports").glob(".*"))


def test_a_manifest_cannot_reach_outside_its_bundle(
    models: Path, version: str, tmp_path: Path
) -> None:
    path = models / version / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../secret"] = manifest["files"]["users.json"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(TrainError, match="is damaged"):
        export_bundle(models, version, tmp_path / "out")


def test_without_a_trained_model_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"no model version 'x'.*none yet"):
        export_bundle(tmp_path / "models", "x", tmp_path / "out")
