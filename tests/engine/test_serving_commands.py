"""``python -m engine``, as others call it."""

import gc
import json
from pathlib import Path

import pytest
from shops import TinyShop
from tiny_bundle import Tiny, record, write_tiny
from whole_shop import Shop, shop_in

from db.models import registry
from db.models.later_comparison import (
    AskedGroups,
    LaterComparison,
    PairedMetric,
    write_comparison,
)
from engine.cli.command import main
from engine.recommender import Recommender


@pytest.fixture
def shop(tiny_shop: TinyShop, monkeypatch: pytest.MonkeyPatch) -> TinyShop:
    """The tiny shop, with the settings pointing at it."""
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tiny_shop.store.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(tiny_shop.models))
    return tiny_shop


def second(shop: TinyShop) -> Tiny:
    tiny = Tiny(shop.tiny.logs, shop.tiny.weights, version="tiny-2")
    write_tiny(tiny, shop.models)
    record(tiny, shop.store)
    return tiny


def serving(shop: TinyShop) -> str:
    version = registry.serving(shop.store)
    assert version is not None
    return version.version


def test_rank_items_as_json(shop: TinyShop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank-items", "--initiator", "bea", "--top", "2", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["model"], shown["initiator"]) == ("tiny-1", "bea")
    assert [result["id"] for result in shown["results"]] == ["book", "milk"]
    assert {"rank", "id", "name", "score", "probability", "reasons"} <= shown["results"][0].keys()
    assert shown["results"][1]["name"] == "Milk powder"
    assert shown["results"][1]["reasons"] == ["Joined a group for this item before"]


def test_launched_items_are_left_out_when_asked(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["rank-items", "--initiator", "ann", "--json"]
    main([*ask, "--include-launched"])
    shown = json.loads(capsys.readouterr().out)
    assert (len(shown["results"]), shown["question"]) == (4, "any")
    # The tiny model was trained for something new, which is what it answers unless asked otherwise.
    for words in (ask, [*ask, "--exclude-launched"]):
        main(words)
        shown = json.loads(capsys.readouterr().out)
        assert [r["id"] for r in shown["results"]] == ["wipes"]
        assert shown["question"] == "new"


def test_rank_participants_as_json(shop: TinyShop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank-participants", "--initiator", "ann", "--item", "milk", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["item"] == "milk"
    assert [result["id"] for result in shown["results"]] == ["dan", "bea", "cai", "eve"]


def test_rank_initiators_as_json_and_as_a_table(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["rank-initiators", "--item", "milk", "--top", "2", "--exclude-launched"]
    assert main([*words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["model"], shown["item"], shown["candidates"]) == ("tiny-1", "milk", 3)
    first = shown["results"][0]
    assert (
        first["id"] == "eve"
    )  # of whose items milk has a larger share than of bea's, who joined more
    assert first["reasons"] == ["Joined a group for this item before"]
    assert {"rank", "id", "name", "score", "probability", "newcomer", "launches"} <= first.keys()
    assert main(words) == 0
    assert "Joined a group for this item before" in capsys.readouterr().out
    main([*words[:3], "--include-launched", "--least-launches", "2", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert {result["id"] for result in shown["results"]} == {"ann", "dan"}


def test_tables_show_names_and_reasons(shop: TinyShop, capsys: pytest.CaptureFixture[str]) -> None:
    main(["rank-items", "--initiator", "bea"])
    table = capsys.readouterr().out
    assert "Milk powder" in table
    assert "Joined a group for this item before" in table


def test_rankings_bring_the_track_record_of_the_item(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    wipes = {"rate": pytest.approx(34 / 49), "successes": 2, "closed": 3}
    main(["rank-items", "--initiator", "ann", "--json"])
    listed = {r["id"]: r["track_record"] for r in json.loads(capsys.readouterr().out)["results"]}
    assert listed["wipes"] == wipes
    main(["rank-participants", "--initiator", "ann", "--item", "wipes", "--json"])
    assert json.loads(capsys.readouterr().out)["track_record"] == wipes
    main(["rank-initiators", "--item", "wipes", "--json"])
    assert json.loads(capsys.readouterr().out)["track_record"] == wipes
    main(["rank-initiators", "--item", "wipes"])
    assert "track record 69 % (2 of 3); 71 % in the whole shop" in capsys.readouterr().out


def test_texts_say_what_a_percentage_is_a_share_of(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["rank-items", "--initiator", "bea"])
    items = capsys.readouterr().out
    assert "of launches" in items.splitlines()[1]
    assert "if the initiator launches and the group succeeds" in items
    main(["rank-participants", "--initiator", "bea", "--item", "milk"])
    people = capsys.readouterr().out
    assert "of spots" in people.splitlines()[1]
    assert "It is not a response rate." in people


def test_explain_as_json_contains_attention_and_contributions(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["explain", "--initiator", "bea", "--item", "milk", "--participant", "ann"]
    assert main([*words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [task["task"] for task in shown["tasks"]] == ["items", "participants"]
    assert shown["tasks"][0]["attention"][0][0] == [[0.5, 0.5], [0.5, 0.5]]
    assert shown["tasks"][0]["contributions"][1] == {"input": "evidence", "change": 0.5}
    assert shown["past_groups"][0]["why"] == "between_the_two"
    assert main(words) == 0
    assert "Milk powder ranks 2 of 4 items" in capsys.readouterr().out


def test_another_model_answers_when_named(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    second(shop)
    main(["rank-items", "--initiator", "bea", "--model", "tiny-2", "--json"])
    assert json.loads(capsys.readouterr().out)["model"] == "tiny-2"
    assert serving(shop) == "tiny-1"


def test_models_are_listed_promoted_and_rolled_back(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    second(shop)
    assert main(["promote", "tiny-2"]) == 0
    capsys.readouterr()
    assert main(["models", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {entry["version"]: entry["serving"] for entry in listed} == {
        "tiny-1": False,
        "tiny-2": True,
    }
    assert main(["rollback"]) == 0
    assert serving(shop) == "tiny-1"
    assert main(["models"]) == 0


@pytest.mark.parametrize("low", [-0.08, -0.02])
def test_a_version_that_ranks_worse_on_later_groups_is_promoted_with_a_warning(
    shop: TinyShop, capsys: pytest.CaptureFixture[str], low: float
) -> None:
    second(shop)
    metric = PairedMetric(0.45, 0.5, low + 0.03, low, low + 0.06, 80)
    asked = AskedGroups(80, "2025-06-01T00:00:00", "2025-06-30T20:00:00")
    found = LaterComparison("tiny-2", "tiny-1", "abc", asked, (), {"items/mrr@100": metric})
    write_comparison(shop.models, found)
    assert main(["promote", "tiny-2"]) == 0
    said = capsys.readouterr()
    assert said.out == "tiny-2 serves now.\n"
    worse = "on the same 80 groups launched since 2025-06-01 it ranks worse than tiny-1" in said.err
    assert worse == (low == -0.08)
    assert main(["promote", "tiny-1"]) == 0  # the other way round
    assert ("worse than tiny-2" in capsys.readouterr().err) is False


def test_a_damaged_model_is_not_promoted(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    second(shop)
    path = shop.models / "tiny-2" / "items.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    assert main(["promote", "tiny-2"]) == 1
    assert "items.onnx" in capsys.readouterr().err
    assert serving(shop) == "tiny-1"


def test_a_rollback_to_a_damaged_model_keeps_the_current_one_serving(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    second(shop)
    main(["promote", "tiny-2"])
    (shop.models / "tiny-1" / "items.onnx").unlink()
    assert main(["rollback"]) == 1
    assert "tiny-2 goes on serving" in capsys.readouterr().err
    assert serving(shop) == "tiny-2"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["promote", "tiny-9"], 2, "tiny-9"),
        (["rank-items", "--initiator", "ann", "--model", "tiny-9"], 2, "tiny-9"),
        (["rollback"], 2, "no earlier model"),
        (["score", "--task", "items", "--candidates", "no.jsonl", "--out", "o"], 2, "no.jsonl"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(
    shop: TinyShop, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(words) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("error: ")
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "words",
    [["rank-items"], ["rank-items", "--initiator", "a", "--top", "0"], ["score"], ["dance"], []],
)
def test_wrong_usage_is_exit_code_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_a_real_process_scores_a_file_without_noise(trained: Shop, tmp_path: Path) -> None:
    line = {"initiator": "u1", "candidates": ["i1", "unknown"]}
    (tmp_path / "lists.jsonl").write_text(json.dumps(line) + "\n")
    out = tmp_path / "scores.jsonl"
    done = trained.run(
        *("engine", "score", "--task", "items"),
        *("--candidates", str(tmp_path / "lists.jsonl"), "--out", str(out)),
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(out.read_text())["scores"]) == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Scored 1 lines with ")
    assert done.stderr.count("\n") == 1


def test_a_shop_without_a_model_fails_with_the_next_step(tmp_path: Path) -> None:
    empty = shop_in(tmp_path)
    done = empty.run("engine", "rank-items", "--initiator", "1")
    assert done.returncode == 1
    assert done.stderr.startswith("error: No model serves yet.")


def test_old_models_are_pruned_and_pinned_ones_stay(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tiny-2", "tiny-3", "tiny-4"):
        tiny = Tiny(shop.tiny.logs, shop.tiny.weights, version=name)
        write_tiny(tiny, shop.models)
        record(tiny, shop.store)
    assert main(["pin", "tiny-2"]) == 0
    assert main(["prune", "--keep", "1", "--dry-run"]) == 0
    said = capsys.readouterr().out
    for line in ("tiny-1   stays: serving", "tiny-2   stays: pinned", "tiny-3   goes"):
        assert line in said
    assert (shop.models / "tiny-3").exists()
    assert main(["prune", "--keep", "1"]) == 0
    assert "tiny-3 is removed." in capsys.readouterr().out
    assert sorted(path.name for path in shop.models.iterdir()) == ["tiny-1", "tiny-2", "tiny-4"]
    assert main(["promote", "tiny-3"]) == 2
    assert main(["unpin", "tiny-2"]) == 0
    assert main(["prune", "--keep", "1"]) == 0
    assert not (shop.models / "tiny-2").exists()


def test_a_model_in_use_is_not_pruned(shop: TinyShop, capsys: pytest.CaptureFixture[str]) -> None:
    second(shop)
    third = Tiny(shop.tiny.logs, shop.tiny.weights, version="tiny-3")
    write_tiny(third, shop.models)
    record(third, shop.store)
    answering = Recommender.open(shop.store, "tiny-2", shop.models)
    assert main(["prune", "--keep", "1"]) == 0
    assert "tiny-2 stays: somebody is using it." in capsys.readouterr().out
    assert answering.rank_items("bea", top=1).results
    del answering
    gc.collect()
    assert main(["prune", "--keep", "1"]) == 0
    assert "tiny-2 is removed." in capsys.readouterr().out
