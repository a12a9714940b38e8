"""The world that a model serves with: it knows every group, those of validation too.

Its taste vectors take as long to find as any others, and hang on nothing that is learned. In a large shop a process of
its own finds them while the rest is counted.
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import torch

from db.evidence.evidence import Evidence
from db.evidence.graphs import Graphs
from db.logs import Logs
from db.settings import settings
from train.apart import apart
from train.config import Config
from train.embeddings import FixedViews, Views
from train.errors import TrainError
from train.examples import FEW_GROUPS
from train.network import Network
from train.prepared import Prepared
from train.worlds import TasteVectors, World, world

# The world of everything, once what the others have to agree with is known.
Serving = Callable[[Prepared], World]


@contextlib.contextmanager
def serving_world(logs: Logs, config: Config) -> Iterator[Serving]:
    """Begins with the vectors where a core is free for them, and hands out what gives the world in the end."""
    if len(logs.group_item) < FEW_GROUPS or settings().threads == 1 or config.embeddings == "gcn":
        yield lambda prepared: _world(logs, config, prepared, None)
        return
    helper = ThreadPoolExecutor(1)
    try:
        found = helper.submit(_vectors, logs, config)
        yield lambda prepared: _world(logs, config, prepared, found.result())
    finally:
        helper.shutdown(wait=False)  # whoever stops a training does not wait for them


def _vectors(logs: Logs, config: Config) -> TasteVectors | None:
    """``None`` where memory ran out for a second process: they are found later, then."""
    try:
        return apart(vectors_of_all, logs, config)
    except TrainError:
        return None


def vectors_of_all(logs: Logs, config: Config) -> TasteVectors:
    """The sharp and the smooth taste vectors of the items over all groups."""
    graphs = Graphs.from_logs(logs, None, config.friendships)
    evidence = Evidence.of(graphs, config.taste_rank, config.leaning_rank)
    return evidence.taste, evidence.leaning


def _world(logs: Logs, config: Config, prepared: Prepared, vectors: TasteVectors | None) -> World:
    """Learned vectors stay as they are."""
    if config.embeddings == "gcn" or prepared.seen.evidence is None:
        return prepared.seen
    return world(logs, config, None, prepared.seen.item_vectors, vectors)


def serving_views(network: Network, serving: World) -> Views:
    """The tables of the one world that is served, [1, rows, d]."""
    if serving.tables is not None and isinstance(network.views, FixedViews):
        views: Views = FixedViews([serving.tables])()
        return views
    with torch.no_grad():
        learned: Views = network.views()
        return learned
