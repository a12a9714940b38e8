"""Sparse products at chosen cells are those of the dense matrices, for chosen candidates and for all of them."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from engine.evidence.sparse_products import (
    Candidates,
    dot_products,
    product_cells,
    scale_columns,
    select_cells,
    select_values,
    transposed_product_cells,
)

QUERIES, WIDTH, ALL = 4, 9, 7
RNG = np.random.default_rng(0)
CHOSEN = RNG.integers(0, ALL, (QUERIES, 3))
CHOSEN[0] = [0, ALL - 1, ALL - 1]  # the first, and the last twice


def sparse(rows: int, columns: int) -> sp.csr_matrix:
    values = RNG.integers(1, 9, (rows, columns)) * (RNG.random((rows, columns)) < 0.4)
    values[1] = 0  # an empty row
    return sp.csr_matrix(values.astype(np.float32))


ROWS, WEIGHTS = sparse(QUERIES, ALL), sparse(QUERIES, WIDTH)
BY_COLUMN, BY_ROW = sparse(WIDTH, ALL), sparse(ALL, WIDTH)


def at(dense: NDArray[np.float32], candidates: Candidates) -> NDArray[np.float32]:
    return dense if candidates is None else np.take_along_axis(dense, candidates, 1)


@pytest.mark.parametrize("candidates", [CHOSEN, None], ids=["chosen", "all"])
def test_cells_and_products_are_those_of_dense_matrices(candidates: Candidates) -> None:
    rows, weights = ROWS.toarray(), WEIGHTS.toarray()
    assert (select_cells(ROWS, candidates) == at(rows, candidates)).all()
    expected = at(weights @ BY_COLUMN.toarray(), candidates)
    assert (product_cells(WEIGHTS, BY_COLUMN, candidates) == expected).all()
    expected = at(weights @ BY_ROW.toarray().T, candidates)
    for _ in range(2):  # what the first call left in its scratch array would change the second
        found = transposed_product_cells(BY_ROW, BY_ROW.T.tocsr(), WEIGHTS, candidates)
        assert (found == expected).all()


@pytest.mark.parametrize("candidates", [CHOSEN, None], ids=["chosen", "all"])
def test_nothing_selected_from_empty_rows_is_zero(candidates: Candidates) -> None:
    nothing = sp.csr_matrix((QUERIES, ALL), dtype=np.float32)
    found = select_cells(nothing, candidates)
    assert found.shape == (QUERIES, 3 if candidates is not None else ALL)
    assert not found.any()


def test_cells_are_found_in_rows_whose_columns_are_not_sorted() -> None:
    matrix = sp.csr_matrix(
        (np.array([5, 3], np.float32), np.array([4, 1]), np.array([0, 2])), (1, 6)
    )
    assert select_cells(matrix, np.array([[1, 4, 0, 5]])).tolist() == [[3, 5, 0, 0]]


def test_columns_are_scaled_by_their_factors() -> None:
    factors = RNG.random(ALL).astype(np.float32)
    np.testing.assert_allclose(scale_columns(ROWS, factors).toarray(), ROWS.toarray() * factors)


def test_values_and_dot_products_are_those_of_the_candidates() -> None:
    values, table = RNG.random(ALL), RNG.random((ALL, 5))
    query = RNG.random((QUERIES, 5))
    assert (select_values(values, CHOSEN, QUERIES) == values[CHOSEN]).all()
    assert (select_values(values, None, QUERIES) == np.tile(values, (QUERIES, 1))).all()
    np.testing.assert_allclose(dot_products(query, table, None), query @ table.T)
    np.testing.assert_allclose(dot_products(query, table, CHOSEN), at(query @ table.T, CHOSEN))
