"""Eq. 1 to 6 of the paper: the graphs and the roles agree with an independent reading in numpy."""

import numpy as np
import pytest
import torch
from paper_equations import Shop
from paper_reading import (
    FRIENDS,
    ITEMS,
    SHOP,
    USERS,
    Reading,
    assert_agrees,
    groups_of,
    read,
)
from paper_weights import embeddings_of
from scipy import sparse
from small_shops import random_shop

from db.logs import FAILED
from engine.evidence.graphs import Graphs
from engine.presets import preset
from train.nn.embeddings import GraphConvolutions, normalised
from train.nn.tokens import item_inputs, participant_inputs


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read()


def test_a_star_of_three_is_normalised_by_hand_with_its_self_loops() -> None:
    star = sparse.csr_matrix(np.array([[0.0, 1, 1], [1, 0, 0], [1, 0, 0]]))
    ray = 1 / np.sqrt(3 * 2)  # degrees with the loop: 3 in the middle, 2 at the ends
    assert_agrees(
        normalised(star).to_dense(), np.array([[1 / 3, ray, ray], [ray, 1 / 2, 0], [ray, 0, 1 / 2]])
    )


def test_each_graph_is_convolved_with_self_loops_symmetric_normalisation_and_a_sigmoid(
    reading: Reading,
) -> None:
    views, paper = reading.network.views(), reading.paper.embeddings
    assert_agrees(views.initiator[0, :USERS], paper.initiator[:USERS])  # eq. 1
    assert_agrees(views.launched[0, :ITEMS], paper.initiator[USERS:])
    assert_agrees(views.participant[0, :USERS], paper.participant[:USERS])  # eq. 2
    assert_agrees(views.joined[0, :ITEMS], paper.participant[USERS:])
    assert_agrees(views.social[0, :USERS], paper.social)  # eq. 3


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_a_graph_has_as_many_layers_as_the_settings_say(layers: int) -> None:
    reading = read(f"layers={layers}")
    views, paper = reading.network.views(), reading.paper.embeddings
    assert_agrees(views.initiator[0, :USERS], paper.initiator[:USERS])
    assert_agrees(views.social[0, :USERS], paper.social)


def test_failed_launches_and_friendships_are_edges_where_the_settings_ask_for_them() -> None:
    class Wider(Shop):
        def initiator_graph(self) -> set[tuple[int, int]]:
            failed = {(group.initiator, USERS + group.item) for group in groups_of(FAILED)}
            return super().initiator_graph() | failed

        def social_graph(self) -> set[tuple[int, int]]:
            return super().social_graph() | set(FRIENDS)

    wider = Wider(USERS, ITEMS, SHOP.groups)
    assert wider.initiator_graph() > SHOP.initiator_graph()
    network = read("failed_launches=true", "friendships=true").network
    assert isinstance(network.views, GraphConvolutions)
    views, paper = network.views(), embeddings_of(network.views, wider)
    assert_agrees(views.initiator[0, :USERS], paper.initiator[:USERS])
    assert_agrees(views.participant[0, :USERS], paper.participant[:USERS])
    assert_agrees(views.social[0, :USERS], paper.social)


def test_e_u_is_what_the_initiator_graph_and_the_social_graph_say(reading: Reading) -> None:
    users = torch.arange(USERS)[:, None]
    nothing = torch.empty(USERS, 1, 0)
    vectors, settings = reading.vectors(USERS), reading.settings
    expected = np.stack([reading.paper.embeddings.e_u(u) for u in range(USERS)])  # eq. 4
    for inputs in (
        item_inputs(settings, vectors, users, users % ITEMS, nothing),
        participant_inputs(settings, vectors, users, users % ITEMS, users, nothing),
    ):
        assert_agrees(inputs["initiator"][:, 0], expected)


def test_e_i_is_what_the_initiator_graph_and_the_participant_graph_say(reading: Reading) -> None:
    items = torch.arange(ITEMS)[:, None]
    nothing = torch.empty(ITEMS, 1, 0)
    vectors, settings = reading.vectors(ITEMS), reading.settings
    expected = np.stack([reading.paper.embeddings.e_i(i) for i in range(ITEMS)])  # eq. 5
    for inputs in (
        item_inputs(settings, vectors, items, items, nothing),
        participant_inputs(settings, vectors, items, items, items, nothing),
    ):
        assert_agrees(inputs["item"][:, 0], expected)


def test_e_p_is_what_the_participant_graph_and_the_social_graph_say(reading: Reading) -> None:
    users = torch.arange(USERS)[:, None]
    nothing = torch.empty(USERS, 1, 0)
    vectors, settings = reading.vectors(USERS), reading.settings
    expected = np.stack([reading.paper.embeddings.e_p(p) for p in range(USERS)])  # eq. 6
    for inputs in (
        item_inputs(settings, vectors, users, users % ITEMS, nothing, users),
        participant_inputs(settings, vectors, users, users % ITEMS, users, nothing),
    ):
        assert_agrees(inputs["participant"][:, 0], expected)


def test_task_1_has_the_mean_of_all_who_joined_a_training_group_for_its_participant(
    reading: Reading,
) -> None:
    assert 0 not in SHOP.joiners()
    one = torch.zeros(1, 1, dtype=torch.int64)
    inputs = item_inputs(reading.settings, reading.vectors(1), one, one, torch.empty(1, 1, 0))
    assert_agrees(inputs["participant"][0, 0], reading.paper.embeddings.e_p(None))


def test_the_learned_vectors_start_small_and_nothing_else_is_stored_with_the_weights() -> None:
    graphs = Graphs.from_logs(random_shop(users=300, items=100))
    torch.manual_seed(0)
    views = GraphConvolutions(preset("paper"), graphs)
    for start in views.start.values():
        values = start.detach().numpy()
        assert values.std() == pytest.approx(0.1, rel=0.05)
        assert abs(values.mean()) < 0.01
    assert set(views.state_dict()) == {name for name, _ in views.named_parameters()}
