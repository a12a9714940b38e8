"""A training until a day learns what a store that ends on that day would have taught it."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_shops import QUICK, random_shop

from db.importing.pipeline import import_files
from db.logs import SUCCESSFUL, Logs
from db.read_logs import data_version, read_logs
from db.store import Store
from engine.model_settings import preset
from engine.moment import Moment
from engine.recommender import Recommender
from train.command import main
from train.fit import FittedModel, train_from_store
from train.training_run import TrainingRun

SHOP = random_shop(groups=240)
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


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, Store]:
    """A store that goes on, and one that ends before the day."""
    monkeypatch.setenv("MAMGBR_MODELS", str(tmp_path / "models"))
    made = []
    for name, last in (("long", 240), ("short", 160)):
        store = Store.open(f"sqlite:///{tmp_path / name}.db")
        import_files(store, [write(tmp_path / f"{name}.csv", SHOP, range(last))])
        made.append(store)
    return made[0], made[1]


def train(store: Store, until: Moment | None = None) -> FittedModel:
    run = TrainingRun(preset("default", [*QUICK]), device="cpu", until=until)
    return train_from_store(store, run, promote_it=True)


def learned(model: FittedModel) -> dict[str, object]:
    """What the manifest says of the training; without names, times and versions."""
    manifest = json.loads((model.folder / "manifest.json").read_text())
    others = ("version", "created_at", "data_version", "known_before", "files")
    return {key: value for key, value in manifest.items() if key not in others}


def test_a_training_until_a_day_is_that_of_a_store_that_ends_there(
    stores: tuple[Store, Store],
) -> None:
    long, short = stores
    until, ended = train(long, UNTIL), train(short)
    assert learned(until) == learned(ended)
    for name in ("users.json", "items.json", "roles.npz"):
        assert (until.folder / name).read_bytes() == (ended.folder / name).read_bytes()
    manifest = json.loads((until.folder / "manifest.json").read_text())
    assert manifest["known_before"] == "2025-06-10T00:00:00"
    assert manifest["data_version"] != data_version(long)
    assert json.loads((ended.folder / "manifest.json").read_text())["known_before"] is None


def test_settings_until_a_day_are_searched_without_what_came_later(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long, short = stores
    given = []
    monkeypatch.setattr("train.benchmark.commands.Store.open", lambda: long)
    monkeypatch.setattr(
        "train.benchmark.tune.run_search", lambda *values: given.append(values) or []
    )
    words = ["tune", "--systems", "lambdamart", "--out", str(tmp_path)]
    assert main([*words, "--until", "2025-06-10"]) == 0
    assert main(words) == 0
    assert [len(logs.group_item) for logs, *_ in given] == [160, 240]
    assert "--until 2025-06-10" in given[0][1].command
    assert given[0][0].users.index.tolist() == read_logs(short).users.index.tolist()


def test_a_model_of_the_past_serves_with_all_that_is_known_now(
    stores: tuple[Store, Store],
) -> None:
    long, _ = stores
    train(long, UNTIL)
    now = Recommender.open(long)
    then = Recommender.open(long, as_of=UNTIL)
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
    stores: tuple[Store, Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tmp_path / 'long.db'}")
    words = ["fit", "--progress", "none", *(f"--set={change}" for change in QUICK)]
    assert main([*words, "--until", "soon"]) == 2
    assert "'soon' is no moment" in capsys.readouterr().err
    assert main([*words, "--until", "2025-06-10"]) == 0
    assert "It learned what was known before 2025-06-10." in capsys.readouterr().out
