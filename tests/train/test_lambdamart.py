"""LambdaMART's columns are what MAMGBR's head reads, of all training groups, a byte a cell."""

import numpy as np
import pytest
import torch
from small_shops import quick, random_shop

from db.logs import Task
from train.benchmark.protocols import Holdout, hold_out
from train.benchmark.systems.lambdamart import LambdaMart, RankedLists, Rows
from train.benchmark.systems.searched import Tuning
from train.benchmark.systems.vector_products import (
    item_products,
    participant_products,
    product_columns,
    product_names,
)
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.evaluate.splits import split_groups
from train.nn.embeddings import BatchViews, FixedViews
from train.nn.tokens import item_inputs, participant_inputs
from train.prepare.dataset import Dataset, build_dataset
from train.training_run import TrainingRun

SETTINGS = quick("evidence=false")
SHOP = random_shop(groups=300)


@pytest.fixture(scope="module")
def prepared() -> Dataset:
    split = split_groups(SHOP, SETTINGS, 0)
    lists = draw_candidate_lists(SHOP, split.validation, 0)
    return build_dataset(SHOP, split, lists, TrainingRun(SETTINGS))


def test_products_are_those_of_mamgbrs_tokens(prepared: Dataset) -> None:
    examples, tables = prepared.examples, prepared.tables
    assert tables is not None
    at, u = examples.snapshot, examples.initiator
    vectors = BatchViews(FixedViews(tables)(), torch.from_numpy(at))
    who, items, people = map(torch.from_numpy, (u[:, None], examples.items, examples.participants))
    none = torch.empty(len(u), 1, 0)
    token = item_inputs(SETTINGS, vectors, who, items, none)["match"]
    products = item_products(tables, at, u, examples.items)
    np.testing.assert_allclose(products.reshape(token.shape), token, rtol=1e-6)
    token = participant_inputs(SETTINGS, vectors, who, items[:, :1], people, none)["match"]
    products = participant_products(tables, at, u, examples.items[:, 0], examples.participants)
    np.testing.assert_allclose(products.reshape(token.shape), token, rtol=1e-6)


@pytest.mark.parametrize("task", list(Task))
def test_every_product_has_a_column_with_a_name(task: Task, prepared: Dataset) -> None:
    views = 3 if task == Task.ITEMS else 4
    products = np.random.default_rng(0).normal(size=(2, 5, views, 8)).astype(np.float32)
    for kind, count in (("dots", views), ("products", views + views * 8)):
        columns = product_columns(products, kind)
        names = product_names(task, 8, kind)
        assert columns.shape == (2, 5, count)
        assert len(set(names)) == len(names) == count
        np.testing.assert_allclose(columns[:, :, :views], products.sum(3), rtol=1e-5)


@pytest.mark.parametrize("kind", ["evidence", "dots", "products"])
def test_rows_are_the_candidates_of_the_lists_in_order(kind: str, prepared: Dataset) -> None:
    examples = prepared.examples
    assert prepared.tables is not None
    evidence = np.random.default_rng(0).normal(size=(*examples.items.shape, 2)).astype(np.float32)
    lists = RankedLists(
        prepared.tables, examples.snapshot, examples.initiator, None, examples.items, evidence
    )
    rows, columns = Rows(lists, kind), lists.columns(slice(None), kind)
    flat = columns.reshape(-1, columns.shape[2])
    assert len(rows) == len(flat)
    for index in (0, 1, 5, len(rows) - 1):
        assert (rows[index] == flat[index]).all()
    for part in (slice(0, 3), slice(2, 11), slice(len(rows) - 5, len(rows))):
        assert (rows[part] == flat[part]).all()
    assert (rows[[7, 2]] == flat[[7, 2]]).all()
    np.testing.assert_allclose(columns[:, :, :2], evidence, atol=1e-3)  # rounded to steps


@pytest.fixture(scope="module")
def holdout() -> Holdout:
    return hold_out(random_shop(groups=900), "sampled", quick(), 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["evidence", "dots", "products"])
def test_it_learns_from_all_training_groups_whatever_its_columns(
    kind: str, holdout: Holdout
) -> None:
    chosen = {scope: {"columns": kind} for scope in ("items", "participants")}
    system = LambdaMart(effort=0.02, tuning=Tuning(chosen, "searched"))
    system.fit(holdout.known, holdout.split, 0)
    known = len(holdout.split.training)
    assert 0.95 * known < system.settings()["groups"] <= known
    for lists in holdout.lists.values():
        assert np.ptp(system.score(lists)) > 0
