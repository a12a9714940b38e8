"""A model whose item vectors are those of an earlier state of the logs.

A bundle keeps vectors of how items go together in all logs of its training, the weeks on which it was validated too.
Whoever asks it about those weeks would let it look at the answers.
"""

from dataclasses import replace

import numpy as np

from db.logs import Logs
from engine.catalogue import IdMap
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import item_vectors, procrustes_rotation
from engine.evidence.taste_vectors import taste_vectors
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.loading import Bundle
from engine.refresh import in_model_positions


def with_tastes_before(bundle: Bundle, logs: Logs, at: np.datetime64) -> Bundle:
    """The bundle with the item vectors of what was known of ``logs`` before ``at``.

    They are rotated towards its own, so that its heads can read them. Items without a launch before ``at`` are unknown
    to it and are folded in later, like all that come after a training. Raises ValueError if the model cannot follow the
    logs.
    """
    if bundle.evidence is None or bundle.rotation is None:
        raise ValueError(f"the model version {bundle.manifest.version} cannot follow the logs")
    known = logs.known_before(at)
    launched = np.unique(known.group_item)
    kept = [str(id) for id in logs.items.index[launched]]
    earlier = replace(
        bundle,
        users=bundle.users.with_later(logs.users.index),
        items=IdMap(kept, len(kept)),
    )
    shop = in_model_positions(earlier, known)
    graphs = Graphs.from_logs(shop, friendships=bundle.manifest.settings.friendships)
    own = bundle.evidence
    evidence: Evidence | TimedEvidence
    if isinstance(own, TimedEvidence):
        smooth = taste_vectors(graphs.smoothed_history, own.smooth_taste.shape[1])
        events = ShopEvents(shop, own.events.words.space)
        evidence = replace(own, events=events, moment=at, graphs=graphs, smooth_taste=smooth)
    else:
        ranks = own.taste.shape[1], own.smooth_taste.shape[1]
        evidence = replace(Evidence.from_graphs(graphs, *ranks), version=own.version)
    vectors = item_vectors(own, bundle.rotation)  # [I+1, d]
    target = vectors[[*bundle.items.positions(kept), bundle.items.cold_start]]
    return replace(
        earlier,
        evidence=evidence,
        rotation=procrustes_rotation(evidence, vectors.shape[1], target),
    )
