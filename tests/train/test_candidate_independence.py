"""A candidate's score is the same alone, in a list, and in that list shuffled; in torch and in ONNX."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from small_shops import quick, random_shop

from db.logs import Query, Task
from engine.bundle.files import Roles
from engine.model_settings import ModelSettings
from engine.presets import preset
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.evaluate.splits import split_groups
from train.export.onnx import (
    Head,
    ServingModule,
    WholeGraph,
    served_roles,
    serving_inputs,
    serving_views,
    token_averages,
    write_onnx,
)
from train.learn.fit_network import build_network
from train.nn.attention import Heads, attend, attend_one_query
from train.nn.network import Network
from train.nn.tokens import token_inputs
from train.prepare.dataset import build_dataset
from train.training_run import TrainingRun

SETTINGS: dict[str, Callable[[], ModelSettings]] = {
    "default": quick,
    "views, no shared bank": lambda: quick("tokens=views", "shared=false", "experts=1"),
    "two levels": lambda: quick("levels=2", "evidence=false", "products=false"),
    "no attention": lambda: quick("attention=false"),
    "paper": lambda: preset("paper", ["dim=4", "heads=2", "hidden=8", "out=8"]),
}
Answer = Callable[[int, int, NDArray[np.int64], NDArray[np.float32]], list[NDArray[np.float32]]]


@dataclass(frozen=True)
class Built:
    """An untrained network in evaluation mode over a small shop, and what is served of it."""

    settings: ModelSettings
    network: Network
    snapshot: int
    lists: dict[Task, CandidateLists]
    evidence: dict[Task, NDArray[np.float32]]
    roles: Roles
    modules: dict[tuple[Task, str], ServingModule]  # by task and kind: whole or head
    graphs: dict[tuple[Task, str], onnxruntime.InferenceSession]  # or ranking

    def torch_answer(self, task: Task, kind: str = "whole") -> Answer:
        def answer(
            u: int, i: int, candidates: NDArray[np.int64], evidence: NDArray[np.float32]
        ) -> list[NDArray[np.float32]]:
            inputs = self.inputs(task, kind, u, i, candidates, evidence)
            with torch.no_grad():
                return [output.numpy() for output in self.modules[task, kind](**inputs)]

        return answer

    def onnx_answer(self, task: Task, kind: str = "whole") -> Answer:
        def answer(
            u: int, i: int, candidates: NDArray[np.int64], evidence: NDArray[np.float32]
        ) -> list[NDArray[np.float32]]:
            session = self.graphs[task, kind]
            module = "whole" if kind == "whole" else "head"
            feeds = self.inputs(task, module, u, i, candidates, evidence)
            names = {entry.name for entry in session.get_inputs()}
            outputs = [entry.name for entry in session.get_outputs()]
            return list(session.run(outputs, {name: feeds[name].numpy() for name in names}))

        return answer

    def inputs(
        self,
        task: Task,
        kind: str,
        u: int,
        i: int,
        candidates: NDArray[np.int64],
        evidence: NDArray[np.float32],
    ) -> dict[str, torch.Tensor]:
        query = Query(u, None if task == Task.ITEMS else i)
        module = self.modules[task, kind]
        return serving_inputs(module, self.roles, query, candidates, torch.from_numpy(evidence))


@pytest.fixture(scope="module", params=SETTINGS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    run = TrainingRun(SETTINGS[request.param]())
    logs = random_shop()
    split = split_groups(logs, run.settings, 0)
    lists = draw_candidate_lists(logs, split.validation[:6], 0)
    dataset = build_dataset(logs, split, lists, run)
    torch.manual_seed(0)
    network, snapshot = build_network(dataset, run)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):  # as if it had been trained
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2)
    network.eval()
    views = serving_views(network, dataset.seen)
    roles = served_roles(views)
    modules: dict[tuple[Task, str], ServingModule] = {}
    graphs: dict[tuple[Task, str], onnxruntime.InferenceSession] = {}
    path: Path = tmp_path_factory.mktemp("graphs") / "graph.onnx"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    for task in Task:
        evidence = torch.from_numpy(dataset.evidence[task])
        averages = token_averages(network, views, lists[task], evidence)
        whole, head = (kind(network, task, views, averages).eval() for kind in (WholeGraph, Head))
        modules |= {(task, "whole"): whole, (task, "head"): head}
        for kind, module in (("whole", whole), ("head", head), ("ranking", head)):
            write_onnx(module, roles, path, kind == "ranking")
            graphs[task, kind] = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
    return Built(run.settings, network, snapshot, lists, dataset.evidence, roles, modules, graphs)


def first_list(built: Built, task: Task) -> tuple[int, int, NDArray[np.int64], NDArray[np.float32]]:
    lists = built.lists[task]
    item = 0 if lists.item is None else int(lists.item[0])
    return int(lists.initiator[0]), item, lists.candidates[0, :20], built.evidence[task][0, :20]


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
@pytest.mark.parametrize("task", Task)
def test_a_score_is_the_same_alone_in_a_list_and_shuffled(
    built: Built, task: Task, runtime: str
) -> None:
    answer = built.torch_answer(task) if runtime == "torch" else built.onnx_answer(task)
    u, i, candidates, evidence = first_list(built, task)
    scores, gate, _ = answer(u, i, candidates, evidence)
    assert np.unique(scores).size > 3, "a constant would pass and rank nothing"
    order = np.random.default_rng(0).permutation(len(candidates))
    shuffled = answer(u, i, candidates[order], evidence[order])
    np.testing.assert_allclose(shuffled[0], scores[order], atol=1e-5)
    np.testing.assert_allclose(shuffled[1], gate[order], atol=1e-5)
    for place in (0, 7, 19):
        alone = answer(u, i, candidates[[place]], evidence[[place]])
        np.testing.assert_allclose(alone[0], scores[[place]], atol=1e-5)


@pytest.mark.parametrize("task", Task)
def test_lists_in_one_batch_do_not_affect_each_other(built: Built, task: Task) -> None:
    lists, evidence = built.lists[task], built.evidence[task]
    together = built.network.score_lists(lists, evidence, built.snapshot)
    for row in range(len(lists.initiator)):
        part = slice(row, row + 1)
        alone = built.network.score_lists(lists.part(part), evidence[part], built.snapshot)
        np.testing.assert_allclose(alone[0], together[row], atol=1e-5)


@pytest.mark.parametrize("task", Task)
def test_served_scores_are_the_ones_that_were_measured(built: Built, task: Task) -> None:
    u, i, candidates, evidence = first_list(built, task)
    served = built.torch_answer(task)(u, i, candidates, evidence)[0]
    lists = built.lists[task].part(slice(1))
    measured = built.network.score_lists(lists, built.evidence[task][:1], built.snapshot)
    np.testing.assert_allclose(served, measured[0, :20], atol=1e-5)


@pytest.mark.parametrize("task", Task)
def test_onnx_gives_the_outputs_of_torch(built: Built, task: Task) -> None:
    query = first_list(built, task)
    for theirs, ours in zip(
        built.onnx_answer(task)(*query), built.torch_answer(task)(*query), strict=True
    ):
        assert theirs.shape == ours.shape
        np.testing.assert_allclose(theirs, ours, atol=1e-4)


@pytest.mark.parametrize("task", Task)
def test_the_head_over_role_vectors_gives_the_outputs_of_the_whole_graph(
    built: Built, task: Task
) -> None:
    query = first_list(built, task)
    whole = built.onnx_answer(task)(*query)
    for answer in (built.torch_answer(task, "head"), built.onnx_answer(task, "head")):
        for theirs, ours in zip(answer(*query), whole, strict=True):
            np.testing.assert_allclose(theirs, ours, atol=1e-4)


@pytest.mark.parametrize("task", Task)
def test_the_ranking_graph_gives_the_scores_of_the_explaining_graph(
    built: Built, task: Task
) -> None:
    u, i, candidates, evidence = first_list(built, task)
    assert [output.name for output in built.graphs[task, "ranking"].get_outputs()] == ["score"]
    whole = built.onnx_answer(task, "head")(u, i, candidates, evidence)[0]
    answer = built.onnx_answer(task, "ranking")
    np.testing.assert_allclose(answer(u, i, candidates, evidence)[0], whole, atol=1e-5)
    alone = answer(u, i, candidates[[4]], evidence[[4]])[0]
    np.testing.assert_allclose(alone, whole[[4]], atol=1e-5)


@pytest.mark.parametrize("task", Task)
def test_other_role_vectors_give_other_scores(built: Built, task: Task) -> None:
    u, i, candidates, evidence = first_list(built, task)
    answer = built.onnx_answer(task, "ranking")
    there = answer(u, i, candidates, evidence)[0]
    tables = built.roles.items if task == Task.ITEMS else built.roles.users
    elsewhere = (candidates + 1) % len(tables)
    assert np.abs(answer(u, i, elsewhere, evidence)[0] - there).max() > 1e-6


@pytest.mark.parametrize("own", [{1, 3, 4}, {0, 1, 2, 3, 4}, {2}])
def test_attention_for_one_query_equals_attention_for_many(own: set[int]) -> None:
    torch.manual_seed(1)
    heads = Heads(experts=2, heads=4, size=3)
    weight = torch.randn(3 * 2 * 12, 12)
    tokens = [torch.randn(12, 1, 7 if place in own else 1) for place in range(5)]
    mixed, shares = attend(weight, tokens, heads)
    mixed_one, shares_one = attend_one_query(weight, tokens, heads)
    torch.testing.assert_close(shares_one, shares, rtol=1e-4, atol=1e-4)
    for one, many in zip(mixed_one, mixed, strict=True):
        torch.testing.assert_close(one, many.expand(-1, -1, -1, 7), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("task", Task)
def test_gates_and_attention_sum_to_one(built: Built, task: Task) -> None:
    _, gate, attention = built.onnx_answer(task)(*first_list(built, task))
    banks = 2 if built.settings.shared else 1
    assert gate.shape == (20, banks * built.settings.experts)
    assert (gate >= 0).all()
    np.testing.assert_allclose(gate.sum(1), 1, atol=1e-5)
    heads = built.settings.heads if built.settings.attention else 0
    tokens = 3 if built.settings.levels > 1 else len(token_inputs(built.settings)[task])
    assert attention.shape == (20, gate.shape[1], heads, tokens, tokens)
    np.testing.assert_allclose(attention.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("task", Task)
def test_replacing_a_token_by_its_average_changes_the_score(built: Built, task: Task) -> None:
    u, i, candidates, evidence = first_list(built, task)
    whole = built.torch_answer(task)(u, i, candidates, evidence)[0]
    names = list(token_inputs(built.settings)[task])
    inputs = built.inputs(task, "whole", u, i, candidates, evidence)
    for place, name in enumerate(names):
        inputs["kept"] = torch.ones(len(names))
        inputs["kept"][place] = 0
        with torch.no_grad():
            without = built.modules[task, "whole"](**inputs)[0].numpy()
        averaged = task == Task.ITEMS and name.startswith(
            "participant"
        )  # p-bar is an average already
        assert (np.abs(without - whole).max() > 1e-6) != averaged, name


def test_both_tasks_have_the_same_number_of_tokens(built: Built) -> None:
    items, participants = (token_inputs(built.settings)[task] for task in Task)
    assert len(items) == len(participants)
    assert [name.split()[0] for name in items][:3] == [name.split()[0] for name in participants][:3]
