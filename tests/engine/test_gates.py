"""Gates over a whole shop equal those of the explanations, are sampled fairly, and are saved whole or not at all."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shops import TinyShop
from whole_shop import Shop

from db.logs import FAILED, OPEN, SUCCESSFUL, Logs
from db.read_logs import read_logs
from db.store import Store
from engine.bundle.files import GATES
from engine.gates import PARTS, ShopGates, count_gates, draw_cases, load_gates, save_gates
from engine.recommender import Recommender


@pytest.fixture(scope="module")
def logs(trained: Shop) -> Logs:
    return read_logs(Store.open(trained.db))


@pytest.fixture(scope="module")
def gates(recommender: Recommender, logs: Logs) -> ShopGates:
    return count_gates(recommender, logs)


def large_shop(popular: int, rare: int) -> Logs:
    """One item with ``popular`` groups and ``rare`` items with one, all by different people."""
    size = popular + rare
    people = pd.DataFrame(index=pd.Index([f"u{k}" for k in range(2 * size)], dtype="str"))
    goods = pd.DataFrame(index=pd.Index([f"i{k}" for k in range(rare + 1)], dtype="str"))
    return Logs(
        users=people,
        items=goods,
        group_initiator=np.arange(size, dtype=np.int32),
        group_item=np.concatenate([np.zeros(popular), np.arange(1, rare + 1)]).astype(np.int32),
        group_status=np.full(size, SUCCESSFUL, np.int8),
        group_launched_at=np.full(size, "NaT", "datetime64[s]"),
        group_filled_at=np.full(size, "NaT", "datetime64[s]"),
        group_expires_at=np.full(size, "NaT", "datetime64[s]"),
        join_group=np.arange(size, dtype=np.int32),
        join_participant=np.arange(size, 2 * size, dtype=np.int32),
        join_at=np.full(size, "NaT", "datetime64[s]"),
        friendships=np.empty((0, 2), np.int32),
        version="made up",
    )


def test_a_shop_of_moderate_size_is_covered_completely(logs: Logs) -> None:
    cases, groups = draw_cases(logs)
    joined = np.isin(np.arange(len(logs.group_item)), logs.join_group)
    assert len(cases) == int((joined & (logs.group_status == SUCCESSFUL)).sum())
    assert set(cases.stands_for.tolist()) == {1.0}
    assert (logs.items.index[logs.group_item[groups]] == cases.items).all()


def test_every_case_is_a_successful_group_with_one_of_its_participants(logs: Logs) -> None:
    users, items = logs.users.index, logs.items.index
    real = {
        (users[logs.group_initiator[g]], items[logs.group_item[g]], users[p])
        for g, p in zip(logs.join_group.tolist(), logs.join_participant.tolist(), strict=True)
        if logs.group_status[g] not in (FAILED, OPEN)
    }
    cases, _ = draw_cases(logs)
    drawn = zip(cases.initiators, cases.items, cases.participants, strict=True)
    assert set(drawn) <= real


def test_a_sample_of_a_large_shop_holds_rare_kinds_and_represents_all_groups() -> None:
    shop = large_shop(popular=5_000, rare=50)
    cases, _ = draw_cases(shop, most=500, least=40)
    rare = cases.item_groups == 1
    assert rare.sum() == 40
    assert (~rare).sum() == 495
    assert cases.stands_for.sum() == pytest.approx(5_050)
    assert cases.stands_for[rare].sum() == pytest.approx(50)
    again, _ = draw_cases(shop, most=500, least=40)
    np.testing.assert_array_equal(again.initiators, cases.initiators)


def test_the_history_of_a_user_leaves_out_the_group_itself(tiny_shop: TinyShop) -> None:
    cases, _ = draw_cases(read_logs(tiny_shop.store))
    first = cases.at(np.flatnonzero(cases.items == "book"))
    assert first.initiators.tolist() == ["ann"]
    assert first.initiator_others.tolist() == [3]  # milk, wipes (failed) and toys
    assert first.item_groups.tolist() == [1]
    cold = large_shop(popular=1, rare=1)
    assert draw_cases(cold)[0].initiator_others.tolist() == [0, 0]


@pytest.fixture(scope="module")
def before(recommender: Recommender, logs: Logs) -> Recommender:
    """The model over the logs without the first part of the cases."""
    _, groups = draw_cases(logs)
    kept = np.ones(len(logs.group_item), bool)
    kept[groups[::PARTS]] = False
    return recommender.over(logs.with_groups(kept))


def test_gates_are_those_of_the_explanations_before_the_group_was_launched(
    recommender: Recommender, before: Recommender, gates: ShopGates
) -> None:
    moved = 0.0
    for k in range(0, len(gates.cases), PARTS * (len(gates.cases) // (6 * PARTS))):
        asked = (gates.cases.initiators[k], gates.cases.items[k], gates.cases.participants[k])
        for task in before.explain(*map(str, asked)).tasks:
            np.testing.assert_allclose(gates.weights[task.task][k], task.gate, atol=1e-4)
        today = recommender.explain(*map(str, asked)).tasks[1].gate
        moved = max(moved, float(np.abs(today - gates.weights["participants"][k]).max()))
    assert moved > 0.01  # a group that is known already is another case


def test_a_group_does_not_affect_its_own_gates(tiny_shop: TinyShop) -> None:
    """Each gate equals that of the model over all other groups."""
    logs = read_logs(tiny_shop.store)
    model = tiny_shop.open()
    cases, groups = draw_cases(logs)
    assert len(groups) <= PARTS  # each stands alone in its part
    gates = count_gates(model, logs)
    for k, group in enumerate(groups.tolist()):
        others = logs.with_groups(np.arange(len(logs.group_item)) != group)
        alone = cases.at(np.array([k]))
        found = model.over(others).gates(alone.initiators.tolist(), alone.items.tolist())
        np.testing.assert_allclose(gates.weights["items"][k], found[0], atol=1e-6)


def test_gates_do_not_depend_on_the_other_cases_or_their_order(
    before: Recommender, gates: ShopGates
) -> None:
    first = np.arange(len(gates.cases))[::PARTS][:40]
    reversed_cases = gates.cases.at(first[::-1])
    alone = before.gates(
        reversed_cases.initiators.tolist(),
        reversed_cases.items.tolist(),
        reversed_cases.participants.tolist(),
    )
    np.testing.assert_allclose(alone[::-1], gates.weights["participants"][first], atol=1e-5)


def test_progress_only_grows_and_ends_at_one(recommender: Recommender, logs: Logs) -> None:
    heard: list[float] = []
    count_gates(recommender, logs, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1)


def test_a_shop_without_groups_has_no_cases(recommender: Recommender, logs: Logs) -> None:
    nothing = dataclasses.replace(logs, group_status=np.full_like(logs.group_status, FAILED))
    found = count_gates(recommender, nothing)
    assert len(found.cases) == 0
    assert found.weights["items"].shape == (0, len(found.experts["items"]))


@pytest.fixture
def saved(tiny_shop: TinyShop) -> tuple[Path, ShopGates]:
    """A model's folder with its gates in it, counted on the logs "today"."""
    found = count_gates(tiny_shop.open(), read_logs(tiny_shop.store))
    save_gates(tiny_shop.folder, "today", found)
    return tiny_shop.folder, found


def test_saved_gates_load_unchanged(saved: tuple[Path, ShopGates]) -> None:
    folder, found = saved
    back = load_gates(folder, "today")
    assert back is not None
    assert back.experts == found.experts
    for task, weights in found.weights.items():
        np.testing.assert_array_equal(back.weights[task], weights)
    assert back.cases.items.tolist() == found.cases.items.tolist()
    assert [path.name for path in folder.glob(".*")] == []


def test_a_model_with_saved_gates_opens(saved: tuple[Path, ShopGates], tiny_shop: TinyShop) -> None:
    assert tiny_shop.open().version == saved[0].name


def test_gates_of_other_logs_or_of_another_model_are_not_loaded(
    saved: tuple[Path, ShopGates],
) -> None:
    folder, _ = saved
    assert load_gates(folder, "tomorrow") is None
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text() + " ")
    assert load_gates(folder, "today") is None


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_truncated_or_missing_file_loads_as_none(
    saved: tuple[Path, ShopGates], content: bytes | None
) -> None:
    file = saved[0] / GATES
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert load_gates(saved[0], "today") is None
    file.unlink()
    assert load_gates(saved[0], "today") is None


def test_a_flipped_byte_anywhere_is_noticed(saved: tuple[Path, ShopGates]) -> None:
    file = saved[0] / GATES
    whole = file.read_bytes()
    for place in range(0, len(whole), 61):
        harmed = bytearray(whole)
        harmed[place] ^= 0xFF
        file.write_bytes(harmed)
        assert load_gates(saved[0], "today") is None
    file.write_bytes(whole)
    assert load_gates(saved[0], "today") is not None


def test_the_file_is_a_plain_numpy_archive(saved: tuple[Path, ShopGates]) -> None:
    with np.load(saved[0] / GATES, allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["weights.items"], saved[1].weights["items"])
