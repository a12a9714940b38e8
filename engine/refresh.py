"""A trained model over the logs as they are now.

What was learned depends on evidence and role vectors, never on ids. So imports and undos since the training take effect
at once: evidence and role vectors are computed from the current logs, and new users and items are described by the
groups that they are in, like all others.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from db.logs import Logs, Task
from db.read_logs import data_version, read_logs
from db.store import Store
from engine.catalogue import IdMap
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import propagate_views
from engine.evidence.taste_vectors import fold_in_items
from engine.loading import Bundle
from engine.scorer import Scorer


def can_follow_logs(bundle: Bundle) -> bool:
    """Whether the model can serve other logs than those of its training: not if its role vectors were learned."""
    return bundle.evidence is not None and bundle.rotation is not None


def refresh_if_stale(bundle: Bundle, store: Store) -> Bundle:
    """The bundle over what the store holds now, or as it is if nothing has changed since the training.

    A model that cannot follow the logs stays as it is, too. Raises StoreError if the logs cannot be read.
    """
    if not can_follow_logs(bundle) or data_version(store) == bundle.manifest.data_version:
        return bundle
    return refresh_bundle(bundle, read_logs(store))


def refresh_bundle(bundle: Bundle, logs: Logs) -> Bundle:
    """The bundle over these logs; raises ValueError if the model cannot follow them.

    Trained users and items keep their positions, later ones follow. Items keep the taste vectors that the head was
    trained with; later ones are folded in.
    """
    if bundle.evidence is None or bundle.rotation is None:
        raise ValueError(f"the model version {bundle.manifest.version} cannot follow the logs")
    users = bundle.users.with_later(logs.users.index)
    items = bundle.items.with_later(logs.items.index)
    graphs = Graphs.from_logs(
        _in_model_positions(logs, users, items), friendships=bundle.manifest.settings.friendships
    )
    evidence = Evidence(
        graphs,
        fold_in_items(bundle.evidence.taste, graphs.normalised_history),
        fold_in_items(bundle.evidence.smooth_taste, graphs.smoothed_history),
        bundle.evidence.version,
    )
    roles = propagate_views(evidence, bundle.rotation).concatenated()

    def refreshed(scorer: Scorer) -> Scorer:
        return replace(
            scorer,
            head=scorer.head.with_roles(roles),
            evidence=evidence,
            size=(items if scorer.task is Task.ITEMS else users).cold_start,
        )

    scorers = {task: refreshed(scorer) for task, scorer in bundle.scorers.items()}
    return replace(bundle, users=users, items=items, evidence=evidence, scorers=scorers)


def _in_model_positions(logs: Logs, users: IdMap, items: IdMap) -> Logs:
    """The logs in the positions of these id maps; the attributes of users and items are dropped.

    An undo may have removed users and items that the model knows: they keep their positions and have no groups.
    """
    user, item = (
        known.positions(list(frame.index)).astype(np.int32)
        for known, frame in ((users, logs.users), (items, logs.items))
    )
    return replace(
        logs,
        users=pd.DataFrame(index=pd.Index(users.ids, dtype="str")),
        items=pd.DataFrame(index=pd.Index(items.ids, dtype="str")),
        group_initiator=user[logs.group_initiator],
        group_item=item[logs.group_item],
        join_participant=user[logs.join_participant],
        friendships=user[logs.friendships],
    )
