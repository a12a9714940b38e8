"""Leading eigenvectors in blocks, against the dense solver."""

import numpy as np
import pytest
import scipy.sparse as sp

from engine.evidence import lanczos
from engine.evidence.lanczos import leading_eigenvectors

Matrix = np.ndarray


def with_eigenvalues(values: Matrix, seed: int = 0) -> sp.csr_matrix:
    """A full symmetric matrix with these eigenvalues and random vectors."""
    n = len(values)
    turn, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    return sp.csr_matrix((turn * values) @ turn.T, dtype=np.float32)


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


def test_eigenvalues_that_lie_close_take_restarts_and_are_found() -> None:
    matrix = with_eigenvalues(np.linspace(1, 0.5, 600))
    values, vectors = leading_eigenvectors(matrix, 32)
    np.testing.assert_allclose(values, np.linspace(1, 0.5, 600)[:32], rtol=1e-4)
    assert residual(matrix, values, vectors) < 2 * lanczos.TOLERANCE


@pytest.mark.parametrize(
    "steps", [48, 49, 50, 70]
)  # the basis is full at the 49th, and again later
def test_what_is_found_when_patience_ends_will_do(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    matrix = with_eigenvalues(np.linspace(1, 0.5, 600))
    monkeypatch.setattr(lanczos, "STEPS", steps)
    values, vectors = leading_eigenvectors(matrix, 32)
    assert residual(matrix, values, vectors) > 2 * lanczos.TOLERANCE
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
def test_where_all_directions_are_alike_any_will_do(matrix: sp.csr_matrix) -> None:
    values, vectors = leading_eigenvectors(matrix.astype(np.float32), 20)
    assert residual(matrix, values, vectors) < 1e-5
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(20), atol=1e-4)


def test_both_halves_of_a_matrix_in_two_parts_are_found() -> None:
    half = with_eigenvalues(0.9 ** np.arange(100))
    values, vectors = leading_eigenvectors(sp.block_diag([half, half]).tocsr(), 32)
    np.testing.assert_allclose(values, np.repeat(0.9 ** np.arange(16), 2), rtol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(vectors[:100]) ** 2, 16, rtol=0.01)


def test_the_same_matrix_gives_the_same_vectors() -> None:
    matrix = with_eigenvalues(0.97 ** np.arange(200))
    first, second = (leading_eigenvectors(matrix, 10)[1] for _ in range(2))
    assert (first == second).all()
