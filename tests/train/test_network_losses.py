"""The terms of the loss of the preset ``default``, from the logits of the same network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from paper_equations import Array, softmax
from random_network import ITEMS, SNAPSHOTS, USERS, assert_agrees, network_of
from torch import Tensor

from db.logs import Task
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.model_settings import ModelSettings
from train.nn.embeddings import BatchViews
from train.nn.network import Batch

COUNT, WRONG = 5, 3


def batch_of(settings: ModelSettings) -> Batch:
    """Triples over both snapshots with random evidence, a few of them with an answer that has no history."""
    rng = np.random.default_rng(4)
    swaps = settings.auxiliary_negatives

    def evidence(columns: Sequence[str], candidates: int, *shared: str) -> Tensor:
        """Random, and the same for all candidates of a list where it is about what they share."""
        values = rng.normal(size=(COUNT, candidates, len(columns)))
        alike = [name.startswith(shared) for name in columns]
        values[:, :, alike] = values[:, :1, alike]
        return torch.from_numpy(values)

    return {
        "initiator": torch.from_numpy(rng.integers(0, USERS, COUNT)),
        "items": torch.from_numpy(rng.integers(0, ITEMS, (COUNT, 1 + WRONG))),
        "participants": torch.from_numpy(rng.integers(0, USERS, (COUNT, 1 + WRONG))),
        "item_evidence": evidence(ITEM_EVIDENCE, 1 + WRONG, "initiator_"),
        "participant_evidence": evidence(PARTICIPANT_EVIDENCE, 1 + WRONG, "initiator_", "item_"),
        "swapped_evidence": evidence(PARTICIPANT_EVIDENCE, swaps, "initiator_", "participant_"),
        "snapshot": torch.arange(COUNT) % SNAPSHOTS,
        "known": torch.tensor(
            [[True, True], [True, False], [False, True], [True, True], [True, True]]
        ),
    }


@dataclass(frozen=True)
class Scored:
    """The terms of the loss, and the logits that they are made of: those of the network on the same candidates."""

    terms: dict[str, Tensor]
    items: Array
    participants: Array
    triples: Array  # (u, i, p), the (u, i, p') and the (u, i', p)
    swapped: Array  # the (u, i', p) of Task II
    gates: dict[Task, Array]


def scored(*changes: str) -> Scored:
    """In evaluation mode, so that a logit is the same in whichever list it is."""
    network = network_of(*changes)
    batch = batch_of(network.settings)
    vectors = BatchViews(network.views(), batch["snapshot"])
    u, items, people = batch["initiator"][:, None], batch["items"], batch["participants"]
    true_item, true_person = items[:, :1], people[:, :1]
    seen = batch["item_evidence"]
    first = network.score_items(vectors, u, items, seen)
    second = network.score_participants(
        vectors, u, true_item, people, batch["participant_evidence"]
    )
    triples = [
        (true_item, true_person, seen[:, :1]),
        (true_item, people[:, 1:2], seen[:, :1]),
        (true_item, people[:, 2:3], seen[:, :1]),
        (items[:, 1:2], true_person, seen[:, 1:2]),
        (items[:, 2:3], true_person, seen[:, 2:3]),
    ]
    auxiliary = [network.score_items(vectors, u, i, e, p).score for i, p, e in triples]
    swapped = network.score_participants(
        vectors, u, items[:, 1:3], true_person, batch["swapped_evidence"]
    )
    return Scored(
        network.losses(batch),
        first.score.detach().numpy(),
        second.score.detach().numpy(),
        torch.cat(auxiliary, 1).detach().numpy(),
        swapped.score.detach().numpy(),
        {
            Task.ITEMS: first.gate.detach().numpy(),
            Task.PARTICIPANTS: second.gate.detach().numpy(),
        },
    )


ITEM_KNOWN, PERSON_KNOWN, BOTH_KNOWN = [0, 1, 3, 4], [0, 2, 3, 4], [0, 3, 4]


def cross_entropy(lists: Array) -> float:
    return float(-np.log(softmax(lists)[:, 0]).mean())


def bpr(positive: Array, negatives: Array) -> float:
    return float(np.log1p(np.exp(-(positive - negatives))).mean())


def test_each_task_learns_by_a_softmax_over_the_lists_whose_answer_has_a_history() -> None:
    found = scored("task_weight=0.6")
    assert_agrees(found.terms["items"], cross_entropy(found.items[ITEM_KNOWN]))
    expected = 0.6 * cross_entropy(found.participants[PERSON_KNOWN])
    assert_agrees(found.terms["participants"], expected)


@pytest.mark.parametrize("on", ["logit", "probability"])
def test_each_task_learns_by_pairs_where_the_settings_say_so(on: str) -> None:
    found = scored("loss=bpr", f"bpr_on={on}")
    items, people = found.items, found.participants
    if on == "probability":
        items, people = 1 / (1 + np.exp(-items)), 1 / (1 + np.exp(-people))
    assert_agrees(found.terms["items"], bpr(items[ITEM_KNOWN, :1], items[ITEM_KNOWN, 1:]))
    expected = bpr(people[PERSON_KNOWN, :1], people[PERSON_KNOWN, 1:])
    assert_agrees(found.terms["participants"], expected)


def test_the_auxiliary_losses_count_triples_with_their_own_evidence() -> None:
    found = scored("auxiliary_1=0.3", "auxiliary_2=0.2")
    relevant = -np.log(softmax(found.triples[BOTH_KNOWN])[:, :3]).mean()
    assert_agrees(found.terms["auxiliary_items"], 0.3 * relevant)
    true, swapped = found.participants[BOTH_KNOWN, :1], found.swapped[BOTH_KNOWN]
    assert_agrees(found.terms["auxiliary_participants"], 0.2 * bpr(true, swapped))


def test_the_gates_of_the_right_answers_are_balanced() -> None:
    found = scored("balance=0.7")
    means = [gate[:, 0].mean(0) for gate in found.gates.values()]
    expected = sum(np.log(len(mean)) + (mean * np.log(mean)).sum() for mean in means)
    assert_agrees(found.terms["balance"], 0.7 * expected)


def test_a_weight_of_zero_leaves_its_term_out_and_one_task_has_only_its_own() -> None:
    bare = scored("auxiliary_1=0", "auxiliary_2=0", "balance=0").terms
    assert set(bare) == {"items", "participants"}
    first, second = (scored(f"tasks={task}").terms for task in ("items", "participants"))
    assert set(first) == {"items", "auxiliary_items", "balance"}
    assert set(second) == {"participants", "auxiliary_participants", "balance"}
