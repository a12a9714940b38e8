"""``python -m train`` from end to end on a demo shop: fit, jobs, kills."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update
from whole_shop import ROOT, Shop, shop_in

from db.demo.generate import load_demo
from db.jobs import queue as jobs
from db.jobs.queue import TrainingStatus, TrainingTask
from db.models import registry
from db.parts import sweep_parts
from db.schema import jobs as table
from engine.bundle.writer import BundleWriter
from engine.presets import preset
from train.command import main
from train.fit import train_from_store
from train.training_run import TrainingRun
from train.worker import work

pytestmark = pytest.mark.slow  # trains for real

QUICK = (
    "epochs=1",
    "least_steps=1",
    "negatives=2",
    "folds=2",
    "taste_rank=8",
    "heads=2",
    "experts=1",
    "batch=64",
    "attention=false",  # exported in no time
)

# A training that is stopped where its files are written, and not yet under their name.
UNFINISHED = """
import sys
from engine.bundle.writer import BundleWriter
from train.command import main

def wait(*_):
    print("halfway", flush=True)
    sys.stdin.read()  # until we are killed

BundleWriter.finish = wait
main(sys.argv[1:])
"""


def set_to(changes: tuple[str, ...]) -> list[str]:
    """The settings as words of a command."""
    return [word for change in changes for word in ("--set", change)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, str]:
    """A shop with a model that serves; tests leave both as they are."""
    shop = shop_in(tmp_path_factory.mktemp("trained"))
    with closing(shop.store()) as store:
        load_demo(store, 100, until=date(2025, 6, 30))
    done = shop.run("train", "fit", "--preset", "demo", "--promote", "--json", *set_to(QUICK))
    assert done.returncode == 0, done.stderr
    return shop, json.loads(done.stdout)["version"]


@pytest.fixture
def shop(trained: tuple[Shop, str], tmp_path: Path) -> tuple[Shop, str]:
    """A copy to be changed."""
    shutil.copytree(trained[0].folder, tmp_path, dirs_exist_ok=True)
    return shop_in(tmp_path), trained[1]


def test_fit_records_a_checked_bundle_and_lets_it_serve(trained: tuple[Shop, str]) -> None:
    shop, version = trained
    store = shop.store()
    (known,) = registry.versions(store)
    serving = registry.serving(store)
    assert serving is not None
    assert known.version == serving.version == version
    manifest = json.loads((shop.models / version / "manifest.json").read_text())
    assert set(known.metrics) == set(manifest["metrics"])
    assert all(
        figure["low"] <= figure["value"] <= figure["high"] for figure in known.metrics.values()
    )
    assert all(0 < figure["popularity"] < 1 for figure in known.metrics.values())
    assert manifest["settings"]["heads"] == 2
    assert {path.name for path in shop.models.iterdir()} <= {version, ".training"}
    assert not list((shop.models / ".training").glob("*"))
    answer = shop.run("engine", "rank-items", "--initiator", "U100001", "--top", "3", "--json")
    assert answer.returncode == 0, answer.stderr
    assert len(json.loads(answer.stdout)["results"]) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("fit", "--set", "heads=3"), "heads=3 does not divide"),
        (("fit", "--set", "hats=3"), "There is no setting 'hats=3'"),
        (("benchmark", "--systems", "oracle"), "no system 'oracle'"),
        (("benchmark", "--seeds", "one"), "--seeds 'one' must be whole numbers"),
        (("sweep", "--param", "hats", "--values", "1"), "There is no setting 'hats=1'"),
        (("export", "nothing"), "no model version 'nothing'"),
        (("export", "../models"), "no model version '../models'"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(
    trained: tuple[Shop, str],
    words: tuple[str, ...],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained[0].enter(monkeypatch)
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert sentence in said.err
    assert not said.out


def test_an_empty_store_is_a_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop_in(tmp_path).enter(monkeypatch)
    assert main(["fit", "--progress", "none"]) == 2
    assert "python -m db demo" in capsys.readouterr().err
    assert not list(tmp_path.glob("models/*"))


def test_help_needs_no_torch() -> None:
    code = "import sys, train.command; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_killed_training_leaves_the_serving_model_and_the_next_one_cleans_up(
    shop: tuple[Shop, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, version = shop
    words = ["fit", "--preset", "demo", "--promote", "--progress", "none", *set_to(QUICK)]
    with subprocess.Popen(
        [sys.executable, "-c", UNFINISHED, *words],
        cwd=ROOT,
        env=os.environ | place.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"halfway\n"
        (part,) = place.models.glob(".*.part")
        assert sweep_parts(place.models) == []  # it is being written
        os.kill(child.pid, signal.SIGKILL)
    store = place.store()
    serving = registry.serving(store)
    assert serving is not None
    assert serving.version == version
    assert [known.version for known in registry.versions(store)] == [version]
    assert part.exists()
    # The next training is one that the app has queued.
    task = TrainingTask(preset="demo", changes=tuple(QUICK), promote=True)
    number = jobs.enqueue(store, task)
    place.enter(monkeypatch)
    assert work(store) == 1
    job = jobs.find_job(store, number)
    assert job.state == "done", job.outcome
    assert job.progress.fraction == 1
    assert not list(place.models.glob(".*.part"))
    newest, oldest = registry.versions(store)
    assert oldest.version == version
    serving = registry.serving(store)
    assert serving is not None
    assert serving.version == newest.version


def test_a_cancelled_job_stops_and_the_serving_model_stays(shop: tuple[Shop, str]) -> None:
    place, version = shop
    store = place.store()
    task = TrainingTask(preset="demo", changes=(*QUICK, "epochs=100000"))
    number = jobs.enqueue(store, task)
    with subprocess.Popen(
        [sys.executable, "-m", "train", "work"], cwd=ROOT, env=os.environ | place.environment
    ) as worker:
        while jobs.find_job(store, number).progress == TrainingStatus():
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended before it was cancelled, with {worker.wait(0.1)}")
        jobs.request_cancel(store, number)
        assert worker.wait() == 0
    assert jobs.find_job(store, number).state == "cancelled"
    serving = registry.serving(store)
    assert serving is not None
    assert serving.version == version
    assert [known.version for known in registry.versions(store)] == [version]
    assert not list(place.models.glob(".*.part"))


def test_a_training_killed_while_it_is_recorded_is_not_repeated(
    shop: tuple[Shop, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Ends everything, as a kill does."""

    def kill(*_: object) -> None:
        raise Killed

    place, _ = shop
    place.enter(monkeypatch)
    before = set(place.models.glob("[!.]*"))
    passes: list[str] = []
    run = TrainingRun(
        preset("demo", QUICK), "demo", report=lambda progress: passes.append(progress.stage)
    )
    with monkeypatch.context() as patch:
        patch.setattr("train.fit.record_bundle", kill)
        with pytest.raises(Killed):
            train_from_store(place.store(), run)
    assert passes.count("epoch") > 0
    [checkpoint] = (place.models / ".training").glob("*.pt")
    passes.clear()
    [left] = set(place.models.glob("[!.]*")) - before
    fitted = train_from_store(place.store(), run)
    assert passes.count("epoch") == 0
    assert not checkpoint.exists()
    assert fitted.folder == left
    assert registry.versions(place.store())[0].version == left.name


def test_a_faulty_job_fails_with_a_message_and_the_next_one_runs(shop: tuple[Shop, str]) -> None:
    place, _ = shop
    store = place.store()
    wrong = jobs.enqueue(store, TrainingTask(preset="demo", changes=("heads=3",)))
    other = jobs.enqueue(store, TrainingTask())
    with store.write() as connection:
        connection.execute(update(table).where(table.c.id == other).values(kind="dance"))
    assert work(store) == 2
    refused, unknown = jobs.find_job(store, wrong), jobs.find_job(store, other)
    assert refused.state == unknown.state == "failed"
    assert "heads=3 does not divide" in str(refused.outcome and refused.outcome.message)
    assert f"cannot run job {other}" in str(unknown.outcome and unknown.outcome.message)


def test_only_what_no_living_process_writes_is_swept_whatever_its_process_id(
    tmp_path: Path,
) -> None:
    written = BundleWriter(tmp_path, "v1")
    abandoned = tmp_path / f".v2.{os.getpid()}.part"  # its id was given out again, to us
    others = (".training", "v3", ".v4.part")
    for name in (abandoned.name, *others):
        (tmp_path / name).mkdir()
    (tmp_path / f"{abandoned.name}.lock").touch()
    assert sweep_parts(tmp_path) == [abandoned]
    assert written.folder.is_dir()
    written.discard()
    assert {path.name for path in tmp_path.iterdir()} == {*others}
