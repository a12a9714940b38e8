"""The score command: lists in, scores out, line by line."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shops import TinyShop, askable
from whole_shop import Shop

from db.errors import EngineError, InputRefused
from db.logs import Logs, Task
from db.read_logs import read_logs
from db.store import Store
from engine.cli import score_file as module
from engine.cli.score_file import Times, score_file
from engine.moment import Moment
from engine.recommender import Recommender


def write(path: Path, lines: list[object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def read(path: Path) -> list[list[float]]:
    return [json.loads(line)["scores"] for line in path.read_text().splitlines()]


def score(
    recommender: Recommender,
    task: Task,
    source: Path,
    target: Path,
    threads: int,
    store: Store | None = None,
) -> int:
    """Scores a file; lines may have moments of their own if there is a store."""

    def read() -> Logs:
        assert store is not None, "the logs are read only for lines with a moment of their own"
        return read_logs(store)

    return score_file(recommender, task, source, target, threads, Times(recommender, "UTC", read))


def test_scores_come_in_the_order_of_lines_and_candidates(
    tiny_shop: TinyShop, tmp_path: Path
) -> None:
    tiny_shop.tiny.weights["items"][:] = 0
    lines = [
        {"initiator": "bea", "candidates": ["toys", "milk", "nothing", "milk"]},
        {"initiator": "nobody", "candidates": ["milk"]},
        {"initiator": "bea", "candidates": []},
        {"initiator": "bea", "candidates": ["wipes", "toys"], "more": "is ignored"},
    ]
    source = write(tmp_path / "lists.jsonl", lines)
    assert score(tiny_shop.open(), Task.ITEMS, source, tmp_path / "out", 2) == 4
    assert read(tmp_path / "out") == [[0, 0.5, 0, 0.5], [0], [], [0.5, 0]]


def test_numbers_are_ids_and_blank_lines_are_skipped(tiny_shop: TinyShop, tmp_path: Path) -> None:
    source = tmp_path / "lists.jsonl"
    source.write_text('\n{"initiator": 7, "item": "milk", "candidates": [8, " dan"]}\n\n')
    assert score(tiny_shop.open(), Task.PARTICIPANTS, source, tmp_path / "out", 1) == 1
    assert read(tmp_path / "out") == [[0, 0]]


def test_scores_in_the_file_equal_those_of_the_ranking(
    trained: Shop, recommender: Recommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small windows and blocks, so that lists are cut, sorted and put together again.
    monkeypatch.setattr(module, "WINDOW_LINES", 7)
    monkeypatch.setattr(module, "PIECE", 64)
    monkeypatch.setattr(module, "BLOCK_CELLS", 256)
    logs = read_logs(Store.open(trained.db))
    users, items = askable(logs), list(logs.items.index)
    drawn = random.Random(5)
    for task, everyone in (("items", items), ("participants", users)):
        lines: list[object] = []
        expected = []
        for _ in range(12):
            initiator, item = drawn.choice(users), drawn.choice(items)
            candidates = [*drawn.sample(everyone, drawn.randrange(200)), "unknown"]
            candidates = [id for id in candidates if id != initiator]
            lines.append({"initiator": initiator, "item": item, "candidates": candidates})
            ranking = (
                recommender.rank_items(initiator, len(items), exclude_launched=False, show_all=True)
                if task == "items"
                else recommender.rank_participants(initiator, item, len(users))
            )
            scores = {result.id: result.score for result in ranking.results}
            expected.append([scores[id] for id in candidates[:-1]])
        source = write(tmp_path / f"{task}.jsonl", lines)
        score(recommender, Task(task), source, tmp_path / f"{task}.out", 2)
        found = read(tmp_path / f"{task}.out")
        for got, want in zip(found, expected, strict=True):
            np.testing.assert_allclose(got[:-1], want, atol=1e-4)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"candidates": []}', "initiator"),
        ('{"initiator": "ann"}', "candidates"),
        ('{"initiator": "ann", "candidates": "milk"}', "candidates"),
        ('{"initiator": "ann", "candidates": [null]}', "null"),
        ('{"initiator": "ann", "candidates": [true]}', "true"),
        ('{"initiator": ["ann"], "candidates": []}', "initiator"),
        ("[" * 100_000, "nested"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(
    tiny_shop: TinyShop, tmp_path: Path, line: str, wrong: str
) -> None:
    source, target = tmp_path / "lists.jsonl", tmp_path / "out"
    source.write_text('{"initiator": "ann", "candidates": ["milk"]}\n' * 2 + line + "\n")
    target.write_text("what was there")
    before = set(tmp_path.iterdir())
    with pytest.raises(InputRefused, match=r"line 3") as caught:
        score(tiny_shop.open(), Task.ITEMS, source, target, 1)
    assert wrong in str(caught.value)
    assert target.read_text() == "what was there"
    assert set(tmp_path.iterdir()) == before


def test_participants_need_an_item(tiny_shop: TinyShop, tmp_path: Path) -> None:
    source = write(tmp_path / "lists.jsonl", [{"initiator": "ann", "candidates": ["bea"]}])
    with pytest.raises(InputRefused, match='line 1: it lacks "item"'):
        score(tiny_shop.open(), Task.PARTICIPANTS, source, tmp_path / "out", 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda source, target: source.unlink(),
        lambda source, target: source.write_bytes(b"\xff\xfe\x00"),
        lambda source, target: target.mkdir(),
    ],
)
def test_unusable_files_are_refused(
    tiny_shop: TinyShop, tmp_path: Path, spoil: Callable[[Path, Path], object]
) -> None:
    source = write(tmp_path / "lists.jsonl", [])
    target = tmp_path / "out"
    spoil(source, target)
    with pytest.raises(EngineError):
        score(tiny_shop.open(), Task.ITEMS, source, target, 1)


def test_a_full_disk_ends_in_an_error_and_leaves_no_file(
    tiny_shop: TinyShop, tmp_path: Path
) -> None:
    line = {"initiator": "bea", "candidates": ["milk"] * 1000}
    source, target = write(tmp_path / "lists.jsonl", [line] * 20), tmp_path / "out"
    recommender = tiny_shop.open()
    before = set(tmp_path.iterdir())
    import resource  # not available on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # no file may grow beyond
    try:
        with pytest.raises(EngineError, match="cannot be written"):
            score(recommender, Task.ITEMS, source, target, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert set(tmp_path.iterdir()) == before


def test_each_line_is_scored_as_of_its_own_moment(tiny_shop: TinyShop, tmp_path: Path) -> None:
    moments = ["2025-06-02 10:00:00", "2025-06-02T10:00:01", "2025-06-05", None, "2026-01-01"]
    lines: list[object] = [
        {"initiator": "bea", "candidates": ["milk", "book", "wipes", "toys", "unknown"]}
        | ({} if moment is None else {"as_of": moment})
        for moment in [*moments, *reversed(moments)]
    ]
    source, out = write(tmp_path / "lists.jsonl", lines), tmp_path / "out"
    score(tiny_shop.open(), Task.ITEMS, source, out, 2, tiny_shop.store)
    # Joined before: milk from the first group on, the book from the second, which launched at ten.
    expected = [[0.5, 0, 0, 0, 0], [0.5, 0.5, 0, 0, 0], *[[0.5, 0.5, 0.5, 0, 0]] * 3]
    assert read(out) == [*expected, *reversed(expected)]


@pytest.mark.parametrize("task", list(Task))
def test_a_line_with_a_moment_scores_as_the_list_as_of_that_moment(
    trained: Shop, tmp_path: Path, task: Task
) -> None:
    store = trained.store()
    logs = read_logs(store)
    drawn = random.Random(11)
    days = [logs.last_event - np.timedelta64(days, "D") for days in (1, 12, 40)]
    lines: list[object] = []
    expected: dict[int, list[float]] = {}
    for day in days:
        moment = Moment(day)
        recommender = Recommender.open(store, models=trained.models, as_of=moment)
        for _ in range(3):
            initiator, item = (
                drawn.choice(list(frame.index)) for frame in (logs.users, logs.items)
            )
            listed = (
                recommender.rank_items(initiator, 50, exclude_launched=False)
                if task is Task.ITEMS
                else recommender.rank_participants(initiator, item, 50)
            ).results
            expected[len(lines)] = [one.score for one in listed]
            lines.append(
                {
                    "initiator": initiator,
                    "item": item,
                    "candidates": [one.id for one in listed],
                    "as_of": str(moment),
                }
            )
    order = drawn.sample(range(len(lines)), len(lines))
    source, out = write(tmp_path / "lists.jsonl", [lines[k] for k in order]), tmp_path / "out"
    now = Recommender.open(store, models=trained.models)
    score(now, task, source, out, 2, store)
    for k, found in zip(order, read(out), strict=True):
        np.testing.assert_allclose(found, expected[k], atol=2e-4)


@pytest.mark.parametrize("said", ['"yesterday"', "20250601", '"2025-13-01"'])
def test_a_moment_that_cannot_be_read_is_named(
    tiny_shop: TinyShop, tmp_path: Path, said: str
) -> None:
    source = tmp_path / "lists.jsonl"
    source.write_text(f'{{"initiator": "ann", "candidates": [], "as_of": {said}}}\n')
    with pytest.raises(InputRefused, match="line 1") as caught:
        score(tiny_shop.open(), Task.ITEMS, source, tmp_path / "out", 1, tiny_shop.store)
    assert said.strip('"') in str(caught.value)
