"""Products of graphs by the rows that are looked at give the numbers of the whole products."""

import numpy as np
import pytest
import scipy.sparse as sp
from small_shops import random_shop

from engine.evidence.evidence import Evidence, item_evidence, participant_evidence
from engine.evidence.few_rows import FewRowGraphs, RowsOfProduct
from engine.evidence.graphs import Graphs

SHOP = random_shop()


@pytest.mark.parametrize("diagonal", [True, False])
def test_rows_are_those_of_the_whole_product(diagonal: bool) -> None:
    rng = np.random.default_rng(0)
    left = sp.random(9, 6, 0.5, "csr", np.float32, rng=rng)
    whole = (left @ left.T).toarray()
    if not diagonal:
        np.fill_diagonal(whole, 0)
    product = RowsOfProduct(left, left.T.tocsr(), diagonal)
    for rows in ([3], [5, 5, 0], [5, 0], [8, 1, 8]):
        np.testing.assert_array_equal(product[np.array(rows)].toarray(), whole[rows])


def test_evidence_of_pairs_is_the_same_from_few_rows() -> None:
    rng = np.random.default_rng(1)
    whole = Evidence.from_graphs(Graphs.from_logs(SHOP), 8, 8)
    few = Evidence(FewRowGraphs.from_logs(SHOP), whole.taste, whole.smooth_taste, whole.version)
    users, items = whole.graphs.users, whole.graphs.items
    initiators = rng.integers(0, users + 1, 7)
    chosen = rng.integers(0, items + 1, (7, 12))
    found = [item_evidence(one, initiators, chosen) for one in (whole, few)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)
    people = rng.integers(0, users + 1, (7, 12))
    asked = rng.integers(0, items + 1, 7)
    found = [participant_evidence(one, initiators, asked, people) for one in (whole, few)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)
