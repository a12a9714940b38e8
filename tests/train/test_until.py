"""A training until a day learns what a store that ends on that day would have taught it."""

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from small_shops import QUICK, random_shop

from db.importing.pipeline import import_files
from db.logs import SUCCESSFUL, Logs
from db.models import registry
from db.read_logs import data_version, read_logs
from db.store import Store
from engine.moment import Moment
from engine.presets import preset
from engine.recommender import Recommender
from train.command import main
from train.fit import fit
from train.training_run import TrainingRun

SHOP = random_shop(groups=240)
SETTINGS = (*QUICK, "attention=false", "experts=1")  # exported in no time
FIRST = np.datetime64("2025-01-01T10:00:00", "s")
UNTIL = Moment.parse("2025-06-10")  # after the 160th group, which are a day apart


def day(number: int) -> str:
    return str(FIRST + np.timedelta64(number, "D")).replace("T", " ")


def write(path: Path, logs: Logs, groups: range) -> Path:
    """Closed groups, a launch a day; each fills at once."""
    rows = ["group_id,initiator,item,participants,status,launched_at,filled_at\n"]
    for k in groups:
        joined = logs.users.index[logs.join_participant[logs.join_group == k]]
        ended = logs.group_status[k] == SUCCESSFUL
        cells = [
            f"G{k}",
            logs.users.index[logs.group_initiator[k]],
            logs.items.index[logs.group_item[k]],
            ";".join(joined) if ended else "",
            "successful" if ended else "failed",
            day(k),
            day(k) if ended else "",
        ]
        rows.append(",".join(cells) + "\n")
    path.write_text("".join(rows))
    return path


@dataclass(frozen=True)
class Past:
    """A store that goes on, with a model of the past that serves, and one that ends before the day."""

    long: Store
    short: Store
    models: Path
    version: str  # trained on the long one until the day, by the command
    said: str  # what the command said


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    folder = tmp_path_factory.mktemp("past")
    made = []
    for name, last in (("long", 240), ("short", 160)):
        store = Store.open(f"sqlite:///{folder / name}.db")
        import_files(store, [write(folder / f"{name}.csv", SHOP, range(last))])
        made.append(store)
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setenv("MAMGBR_MODELS", str(folder / "models"))
        patch.setenv("MAMGBR_DB", str(made[0].url))
        words = ["fit", "--device", "cpu", "--promote", "--progress", "none"]
        settings = [f"--set={change}" for change in SETTINGS]
        assert main([*words, *settings, "--until", "2025-06-10"]) == 0
    version = registry.serving_name(made[0])
    assert version is not None
    yield Past(*made, folder / "models", version, said.getvalue())
    for store in made:
        store.close()


def learned(bundle: Path) -> dict[str, object]:
    """What the manifest says of the training; without names, times and versions."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    others = ("version", "created_at", "data_version", "known_before", "files")
    return {key: value for key, value in manifest.items() if key not in others}


def test_a_training_until_a_day_is_that_of_a_store_that_ends_there(
    past: Past, tmp_path: Path
) -> None:
    until = past.models / past.version
    run = TrainingRun(preset("default", SETTINGS), device="cpu")
    ended = fit(read_logs(past.short), run, tmp_path).folder
    assert learned(until) == learned(ended)
    for name in ("users.json", "items.json", "roles.npz"):
        assert (until / name).read_bytes() == (ended / name).read_bytes()
    manifest = json.loads((until / "manifest.json").read_text())
    assert manifest["known_before"] == "2025-06-10T00:00:00"
    assert manifest["data_version"] != data_version(past.long)
    assert json.loads((ended / "manifest.json").read_text())["known_before"] is None


def test_settings_until_a_day_are_searched_without_what_came_later(
    past: Past, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = []
    monkeypatch.setenv("MAMGBR_DB", str(past.long.url))
    monkeypatch.setattr(
        "train.benchmark.tune.run_search", lambda *values: given.append(values) or []
    )
    words = ["tune", "--systems", "lambdamart", "--out", str(tmp_path)]
    assert main([*words, "--until", "2025-06-10"]) == 0
    assert main(words) == 0
    assert [len(logs.group_item) for logs, *_ in given] == [160, 240]
    assert "--until 2025-06-10" in given[0][1].command
    assert given[0][0].users.index.tolist() == read_logs(past.short).users.index.tolist()


def test_a_model_of_the_past_serves_with_all_that_is_known_now(past: Past) -> None:
    now, then = (
        Recommender.open(past.long, models=past.models, as_of=moment) for moment in (None, UNTIL)
    )
    assert str(now.moment) == str(np.datetime64(day(239)) + np.timedelta64(1, "s")).replace(
        "T", " "
    )
    launches = [
        sum(model.track_records().counts[item][0] for item in model.track_records().counts)
        for model in (now, then)
    ]
    successes = SHOP.group_status == SUCCESSFUL
    assert launches == [successes.sum(), successes[:160].sum()]
    initiator = SHOP.users.index[SHOP.group_initiator[200]]
    scores = [
        {one.id: one.score for one in model.rank_items(initiator, 50, False).results}
        for model in (now, then)
    ]
    assert scores[0] != scores[1]


def test_the_command_says_until_when_and_refuses_what_is_no_day(
    past: Past, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "It learned what was known before 2025-06-10." in past.said
    monkeypatch.setenv("MAMGBR_DB", str(past.long.url))
    assert main(["fit", "--until", "soon"]) == 2
    assert "'soon' is no moment" in capsys.readouterr().err
