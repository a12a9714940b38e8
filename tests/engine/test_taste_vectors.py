"""Taste vectors, role vectors made from them, and the eigensolver against the dense one."""

import numpy as np
import pytest
import scipy.sparse as sp
from small_shops import five_groups, random_shop

from engine.evidence import taste_vectors as module
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import item_vectors, procrustes_rotation, propagate_views
from engine.evidence.taste_vectors import fold_in_items, leading_eigenvectors, taste_vectors


def normalised_history(items: int = 40) -> sp.csr_matrix:
    return Graphs.from_logs(random_shop(items=items)).normalised_history


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of 300 items is too large for the dense solver, with vectors of up to 75 numbers."""
    monkeypatch.setattr(module, "SMALL", 100)


@pytest.mark.parametrize(("items", "rank"), [(40, 12), (300, 8)])  # dense solver, sparse solver
def test_vectors_are_orthonormal_and_deterministic(large: None, items: int, rank: int) -> None:
    matrix = normalised_history(items)
    vectors = taste_vectors(matrix, rank)
    assert vectors.shape == (items + 1, rank)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(rank), atol=1e-3)
    assert (taste_vectors(matrix, rank) == vectors).all()


def test_taste_vectors_are_the_leading_singular_vectors() -> None:
    matrix = normalised_history()
    vectors = taste_vectors(matrix, 5)
    values = np.linalg.svd(matrix.toarray(), compute_uv=False)
    explained = np.linalg.norm(matrix @ vectors, axis=0)
    np.testing.assert_allclose(explained, values[:5], rtol=1e-3)


def test_both_solvers_find_the_same_vectors(large: None) -> None:
    matrix = normalised_history(300)
    sparse = taste_vectors(matrix, 4)
    dense = taste_vectors(matrix, 90)[:, :4]
    np.testing.assert_allclose(np.abs(sparse.T @ dense), np.eye(4), atol=0.02)


def test_columns_beyond_the_number_of_items_are_zero() -> None:
    vectors = taste_vectors(Graphs.from_logs(five_groups()).normalised_history, 16)
    assert vectors.shape == (4, 16)
    assert not vectors[:, 3:].any()  # three items were chosen by anybody
    assert vectors[:, 0].any()


def test_small_components_get_no_vectors(large: None) -> None:
    """Each would have the largest eigenvalue, and thousands of them would leave nothing for the rest."""
    matrix = normalised_history(300)
    alone = sp.csr_matrix(np.ones((1, 1), np.float32))  # an item with a user who knows no other
    vectors = taste_vectors(sp.block_diag([matrix[:, :-1], *[alone] * 30]).tocsr(), 8)
    assert not vectors[300:].any()
    np.testing.assert_allclose(
        np.abs(vectors[:300].T @ taste_vectors(matrix, 8)[:-1]), np.eye(8), atol=0.02
    )


def test_two_large_components_share_the_vectors() -> None:
    matrix = normalised_history(40)[:, :-1]
    vectors = taste_vectors(sp.block_diag([matrix, matrix]).tocsr(), 6)
    chosen = matrix.getnnz(0) > 0
    for half in (vectors[:40], vectors[40:]):
        assert np.abs(half[chosen]).sum(1).all()


def test_a_shop_without_history_has_no_taste() -> None:
    assert not taste_vectors(sp.csr_matrix((5, 9), dtype=np.float32), 3).any()


def test_views_have_rows_of_one_length_and_a_zero_cold_start_row() -> None:
    logs = random_shop()
    evidence = Evidence.from_graphs(Graphs.from_logs(logs), 8, 8)
    tables = propagate_views(evidence, procrustes_rotation(evidence, 6, None))
    both = np.concatenate([tables.participant, tables.social], 1)
    joined = Graphs.from_logs(logs).user_counts[:, 2] > 0
    np.testing.assert_allclose(tables.average, both[joined].mean(0), rtol=1e-5)
    for name, table in tables.__dict__.items():
        if name == "average":
            continue
        assert table.shape[1] == 6
        assert not table[-1].any(), name
        length = np.linalg.norm(table, axis=1)
        assert np.isclose(length[length > 0], np.sqrt(6), rtol=1e-4).all(), name


def test_the_procrustes_rotation_aligns_another_snapshot() -> None:
    logs = random_shop(groups=400)
    rng = np.random.default_rng(0)
    whole, part = (
        Evidence.from_graphs(Graphs.from_logs(logs, mask), 8, 12)
        for mask in (None, rng.random(len(logs.group_item)) < 0.8)
    )
    agreed = item_vectors(whole, procrustes_rotation(whole, 4, None))
    rotated, plain = (
        item_vectors(part, procrustes_rotation(part, 4, like)) for like in (agreed, None)
    )
    assert np.linalg.norm(rotated - agreed) < 0.7 * np.linalg.norm(plain - agreed)
    np.testing.assert_allclose(rotated.T @ rotated, np.eye(4), atol=0.02)


def test_an_item_with_the_users_of_another_is_folded_in_at_its_vector() -> None:
    matrix = normalised_history()
    vectors = taste_vectors(matrix, 6)
    items, twin = matrix.shape[1] - 1, 3
    nothing = sp.csr_matrix((matrix.shape[0], 1), dtype=np.float32)
    later = sp.hstack([matrix[:, :items], matrix[:, [twin]], nothing, nothing]).tocsr()
    extended = fold_in_items(vectors, later)
    assert extended.shape == (items + 3, 6)
    assert (extended[:items] == vectors[:items]).all()
    np.testing.assert_allclose(extended[items], vectors[twin], atol=1e-4)
    assert not extended[items + 1 :].any()  # an item that nobody chose, and the cold-start row


def test_without_later_items_all_keep_their_vectors() -> None:
    matrix = normalised_history()
    vectors = taste_vectors(matrix, 6)
    assert (fold_in_items(vectors, matrix) == vectors).all()


Matrix = np.ndarray


def with_eigenvalues(values: Matrix, seed: int = 0) -> sp.csr_matrix:
    """A full symmetric matrix with these eigenvalues and random vectors."""
    n = len(values)
    basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    return sp.csr_matrix((basis * values) @ basis.T, dtype=np.float32)


def residual(matrix: sp.csr_matrix, values: Matrix, vectors: Matrix) -> float:
    return float(np.linalg.norm(matrix @ vectors - vectors * values, axis=0).max())


@pytest.mark.parametrize("count", [1, 5, 16, 40])
def test_values_and_vectors_are_those_of_the_dense_solver(count: int) -> None:
    matrix = with_eigenvalues(0.97 ** np.arange(200))
    values, vectors = leading_eigenvectors(matrix, count)
    _, exact = np.linalg.eigh(matrix.toarray().astype(np.float64))
    np.testing.assert_allclose(values, 0.97 ** np.arange(count), rtol=1e-4)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(count), atol=1e-4)
    np.testing.assert_allclose(
        np.abs(vectors.T @ exact[:, ::-1][:, :count]), np.eye(count), atol=0.03
    )


def test_close_eigenvalues_are_found_after_restarts() -> None:
    matrix = with_eigenvalues(np.linspace(1, 0.5, 600))
    values, vectors = leading_eigenvectors(matrix, 32)
    np.testing.assert_allclose(values, np.linspace(1, 0.5, 600)[:32], rtol=1e-4)
    assert residual(matrix, values, vectors) < 2 * module.TOLERANCE


@pytest.mark.parametrize(
    "steps", [48, 49, 50, 70]
)  # the basis is full at the 49th, and again later
def test_the_vectors_found_within_the_step_limit_are_returned(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    matrix = with_eigenvalues(np.linspace(1, 0.5, 600))
    monkeypatch.setattr(module, "STEPS", steps)
    values, vectors = leading_eigenvectors(matrix, 32)
    assert residual(matrix, values, vectors) > 2 * module.TOLERANCE
    assert (values < np.linspace(1, 0.5, 600)[:32] + 1e-5).all()
    assert (values > 0.8).all()
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(32), atol=1e-4)


def test_a_matrix_of_fewer_dimensions_than_asked_for_is_exhausted() -> None:
    """What is left over is rounding, and must not be taken for vectors that repeat those found."""
    matrix = with_eigenvalues(np.array([1.0, 0.5, 0.2] + [0.0] * 97))
    values, vectors = leading_eigenvectors(matrix, 20)
    np.testing.assert_allclose(values, [1, 0.5, 0.2] + [0] * 17, atol=1e-5)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(20), atol=1e-4)


@pytest.mark.parametrize("matrix", [sp.identity(90, format="csr"), sp.csr_matrix((90, 90))])
def test_a_multiple_eigenvalue_is_found(matrix: sp.csr_matrix) -> None:
    values, vectors = leading_eigenvectors(matrix.astype(np.float32), 20)
    assert residual(matrix, values, vectors) < 1e-5
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(20), atol=1e-4)


def test_eigenvectors_of_both_components_are_found() -> None:
    half = with_eigenvalues(0.9 ** np.arange(100))
    values, vectors = leading_eigenvectors(sp.block_diag([half, half]).tocsr(), 32)
    np.testing.assert_allclose(values, np.repeat(0.9 ** np.arange(16), 2), rtol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(vectors[:100]) ** 2, 16, rtol=0.01)


def test_the_same_matrix_gives_the_same_vectors() -> None:
    matrix = with_eigenvalues(0.97 ** np.arange(200))
    first, second = (leading_eigenvectors(matrix, 10)[1] for _ in range(2))
    assert (first == second).all()
