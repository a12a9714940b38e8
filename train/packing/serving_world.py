"""The world that a model serves with: it knows every group, those of validation too."""

import torch

from db.logs import Logs
from train.config import Config
from train.nn.embeddings import FixedViews, Views
from train.nn.network import Network
from train.prepare.prepared import Prepared
from train.prepare.worlds import World, world


def serving_world(logs: Logs, config: Config, prepared: Prepared) -> World:
    """The world of all groups, its item vectors turned to agree with those that were learned on.

    Learned vectors stay as they are, and so does their world.
    """
    if config.embeddings == "gcn" or prepared.seen.evidence is None:
        return prepared.seen
    return world(logs, config, None, prepared.seen.item_vectors, prepared.all_vectors)


def serving_views(network: Network, serving: World) -> Views:
    """The tables of the one world that is served, [1, rows, d]."""
    if serving.tables is not None and isinstance(network.views, FixedViews):
        views: Views = FixedViews.of(serving.tables)()
        return views
    with torch.no_grad():
        learned: Views = network.views()
        return learned
