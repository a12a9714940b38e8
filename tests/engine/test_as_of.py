"""As of a moment, everything is as a store would have had it that ends there, with the same model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from recorded_versions import record_version
from shops import TinyShop
from whole_shop import Shop

from db.errors import EngineError
from db.importing.pipeline import import_files
from db.logs import STATUSES, Logs
from db.models.registry import promote
from db.queries.arrivals import logs_before
from db.read_logs import read_logs
from db.store import Store
from engine import moment as moments
from engine.cli.command import main
from engine.moment import Moment
from engine.recommender import Recommender
from engine.results import InitiatorRanking, Ranking

WORDS = {status: word for word, status in STATUSES.items()}
HEADING = "group_id,initiator,item,participants,status,launched_at,filled_at,expires_at\n"
TIMED = """G1,ann,milk,bea,successful,2025-06-01 10:00:00,2025-06-03 10:00:00,
G2,ann,book,bea;cai,successful,2025-06-02 10:00:00,2025-06-02 11:00:00,
G3,cai,wipes,bea,successful,2025-06-03 10:00:00,2025-06-09 10:00:00,
G4,dan,milk,eve,successful,2025-06-04 10:00:00,2025-06-04 10:00:00,
G5,dan,wipes,,failed,2025-06-04 12:00:00,,2025-06-06 10:00:00
G6,fay,cups,ann,successful,2025-06-07 10:00:00,2025-06-07 10:00:00,
G7,eve,toys,gus,open,2025-06-08 10:00:00,,2025-06-20 10:00:00
"""


def write_known(logs: Logs, path: Path) -> Path:
    """The groups of logs as a file, and the friendships as another beside it."""

    def text(time: np.datetime64) -> str:
        return "" if np.isnat(time) else str(time).replace("T", " ")

    rows = []
    for k in range(len(logs.group_item)):
        members = logs.users.index[logs.join_participant[logs.join_group == k]]
        times = (logs.group_launched_at, logs.group_filled_at, logs.group_expires_at)
        cells = [
            f"group {k}",
            logs.users.index[logs.group_initiator[k]],
            logs.items.index[logs.group_item[k]],
            ";".join(members),
            WORDS[int(logs.group_status[k])],
            *(text(time[k]) for time in times),
        ]
        rows.append(",".join(cells) + "\n")
    path.write_text(HEADING + "".join(rows))
    friends = [f"{a},{b}\n" for a, b in logs.users.index.to_numpy()[logs.friendships]]
    path.with_suffix(".friends").write_text("user,friend\n" + "".join(friends))
    return path


def second_store(logs: Logs, folder: Path, model: Recommender) -> Store:
    """A store into which only these logs were imported, with the same model serving."""
    file = write_known(logs, folder / "known.csv")
    store = Store.open(f"sqlite:///{folder / 'second.db'}")
    friends = [file.with_suffix(".friends")] if len(logs.friendships) else []
    import_files(store, [file], [], friends)
    record_version(store, model.version, "")
    promote(store, model.version)
    return store


def what_was_known_besides(logs: Logs, folder: Path) -> list[Path]:
    """A file of items with their dates of sale and attributes, and a file of users with their wishes."""
    items, users = folder / "items.csv", folder / "users.csv"
    stated = ["on_sale_from", "on_sale_until", "category", "brand", "price", "group_price"]
    logs.items[stated].to_csv(items, index_label="item", date_format="%Y-%m-%d %H:%M:%S")
    logs.users[["contactable"]].to_csv(users, index_label="user")
    return [items, users]


def plain(ranking: Ranking | InitiatorRanking) -> list[tuple[object, ...]]:
    """Ids and reasons; the latter without names, which a store that ends earlier need not have."""
    counted = [
        [(reason.kind, {n: v for n, v in reason.values.items() if not isinstance(v, str)})]
        for one in ranking.results
        for reason in one.reasons
    ]
    return [*((one.id, len(one.reasons)) for one in ranking.results), *map(tuple, counted)]


def assert_same_lists(
    one: Recommender, other: Recommender, initiators: list[str], wanted: list[str]
) -> None:
    def compare(ask: Callable[[Recommender], Ranking | InitiatorRanking]) -> None:
        first, second = ask(one), ask(other)
        assert plain(first) == plain(second)
        assert first.candidates == second.candidates
        assert getattr(first, "ranked", 0) == getattr(second, "ranked", 0)
        for name in ("score", "probability"):
            values = [[getattr(each, name) for each in x.results] for x in (first, second)]
            np.testing.assert_allclose(values[0], values[1], rtol=1e-4, atol=2e-5)

    for initiator in initiators:
        for exclude in (True, False):
            compare(lambda model, u=initiator, e=exclude: model.rank_items(u, 50, e))
        for item in wanted:
            compare(lambda model, u=initiator, i=item: model.rank_participants(u, i, 50))
            explained = [model.explain(initiator, item) for model in (one, other)]
            past = [
                [
                    (group.initiator, group.item, set(group.participants))
                    for group in one.past_groups
                ]
                for one in explained
            ]
            assert past[0] == past[1]
            for first, second in zip(explained[0].tasks, explained[1].tasks, strict=True):
                assert (first.rank, first.candidates) == (second.rank, second.candidates)
    for item in wanted:
        compare(lambda model, i=item: model.rank_initiators(i, 20, exclude_launched=False))
        records = [model.track_records().of(item) for model in (one, other)]
        assert records[0] == records[1]


@pytest.mark.parametrize("day", ["2025-06-02", "2025-06-03 10:00:00", "2025-06-05", "2025-06-08"])
def test_a_moment_of_the_past_answers_as_a_store_that_ends_there(
    tiny_shop: TinyShop, tmp_path: Path, day: str
) -> None:
    (tmp_path / "timed.csv").write_text(HEADING + TIMED)
    store = Store.open(f"sqlite:///{tmp_path / 'first.db'}")
    import_files(store, [tmp_path / "timed.csv"])
    record_version(store, tiny_shop.tiny.version, "")
    moment = Moment.parse(day)
    picked = Recommender.open(store, tiny_shop.tiny.version, tiny_shop.models, moment)
    known = read_logs(store).known_before(moment.at)
    ended = second_store(known, tmp_path, picked)
    assert_same_lists(
        picked,
        Recommender.open(ended, models=tiny_shop.models),
        ["ann", "dan", "nobody"],
        ["milk", "wipes", "unheard of"],
    )


def test_a_month_of_the_demo_shop_is_left_out_as_if_it_had_not_happened(
    trained: Shop, tmp_path: Path
) -> None:
    store = trained.store()
    moment = Moment(read_logs(store).last_event - np.timedelta64(30, "D"))
    besides = what_was_known_besides(logs_before(store, moment.at), tmp_path)
    # The files say nothing of when somebody joined, so the whole shop is read back from one, too.
    (tmp_path / "whole").mkdir()
    whole = second_store(
        read_logs(store), tmp_path / "whole", Recommender.open(store, models=trained.models)
    )
    import_files(whole, besides)
    picked = Recommender.open(whole, models=trained.models, as_of=moment)
    known = read_logs(whole).known_before(moment.at)
    ended = second_store(known, tmp_path, picked)
    import_files(ended, besides)
    users, items = known.users.index, known.items.index
    assert_same_lists(
        picked,
        Recommender.open(ended, models=trained.models, as_of=moment),
        [users[known.group_initiator[k]] for k in (0, 5)],
        [items[known.group_item[k]] for k in (0, 9)],
    )


def test_a_model_asked_as_of_a_moment_after_all_logs_reads_the_store_as_always(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(store: Store) -> None:
        raise AssertionError("nothing is later: the logs need not be read")

    monkeypatch.setattr("engine.recommender.read_logs", refuse)
    store = trained.store()
    # A second: after an hour counts have faded enough for near equals to change places.
    later = Moment(moments.current_moment(store).at + np.timedelta64(1, "s"))
    now = Recommender.open(store, models=trained.models)
    asked = Recommender.open(store, models=trained.models, as_of=later)
    initiator = read_logs(store).users.index[0]
    assert plain(now.rank_items(initiator)) == plain(asked.rank_items(initiator))


def test_a_launch_dated_in_the_future_does_not_count_now(
    tiny_shop: TinyShop, tmp_path: Path
) -> None:
    before = plain(tiny_shop.open().rank_items("cai", exclude_launched=False))
    rows = "F1,cai,milk,bea,successful,2031-01-01 10:00:00,,\n"
    (tmp_path / "future.csv").write_text(HEADING + rows)
    import_files(tiny_shop.store, [tmp_path / "future.csv"])
    recommender = tiny_shop.open()
    assert recommender.moment is not None
    assert str(recommender.moment) == "2025-06-08 10:00:01"
    assert plain(recommender.rank_items("cai", exclude_launched=False)) == before
    assert (
        recommender.explain("cai", "milk").past_groups
        == tiny_shop.open().explain("cai", "milk").past_groups
    )
    assert "milk" in [
        one.id for one in recommender.rank_items("cai", exclude_launched=True).results
    ]


def test_a_model_that_cannot_follow_the_logs_is_not_asked_about_the_past(
    tiny_shop: TinyShop,
) -> None:
    from tiny_bundle import Tiny, record, write_tiny

    learned = Tiny(tiny_shop.tiny.logs, tiny_shop.tiny.weights, version="learned", rotation=None)
    write_tiny(learned, tiny_shop.models)
    record(learned, tiny_shop.store)
    with pytest.raises(EngineError, match="learned cannot be asked as of 2025-06-05"):
        Recommender.open(
            tiny_shop.store, "learned", tiny_shop.models, as_of=Moment.parse("2025-06-05")
        )


@pytest.mark.parametrize(
    "words",
    [
        ["rank-items", "--initiator", "ann"],
        ["rank-participants", "--initiator", "ann", "--item", "milk"],
        ["rank-initiators", "--item", "milk"],
        ["explain", "--initiator", "ann", "--item", "milk"],
    ],
)
def test_commands_answer_as_of_a_moment_and_name_a_wrong_one(
    tiny_shop: TinyShop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    import json

    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tiny_shop.store.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(tiny_shop.models))
    assert main([*words, "--as-of", "2025-06-02 10:00", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["as_of"] == "2025-06-02T10:00:00"
    assert main([*words, "--as-of", "2025-06-02"]) == 0
    assert "s of 2025-06-02." in capsys.readouterr().out
    assert main([*words, "--as-of", "yesterday"]) == 2
    assert "'yesterday' is no moment" in capsys.readouterr().err
