"""The trained head over the logs as they are now.

What was learned speaks of evidence and of vectors, never of ids. So what was imported or undone since the training
counts at once: evidence and vectors are made anew from the logs, and whoever is new in them is described by the groups
that she is in, as everybody else is.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from db.logs import Logs
from db.read_logs import data_version, read_logs
from db.store import Store
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import propagate_views
from engine.evidence.taste_vectors import fold_in_items
from engine.id_map import Entities
from engine.loading import Bundle
from engine.scorer import ITEMS, Scorer


def current(bundle: Bundle, store: Store) -> Bundle:
    """The bundle over what the store holds now; as it was loaded where nothing has changed since the training.

    So is a model whose vectors were learned or that reads no evidence: it cannot follow the logs. A StoreError says
    where the store cannot be read.
    """
    if bundle.rotation is None or data_version(store) == bundle.manifest.data_version:
        return bundle
    return brought_up_to_date(bundle, read_logs(store))


def brought_up_to_date(bundle: Bundle, logs: Logs) -> Bundle:
    """The bundle over these logs. Trained entities keep their positions, later ones follow.

    Items keep the vectors that the head was trained with, and later ones get theirs from the items that go with them.
    """
    if bundle.evidence is None or bundle.rotation is None:
        raise ValueError(f"the model version {bundle.manifest.version} cannot follow the logs")
    users = bundle.users.with_later(logs.users.index)
    items = bundle.items.with_later(logs.items.index)
    graphs = Graphs.from_logs(
        _by_position(logs, users, items), friendships=bundle.manifest.friendships
    )
    evidence = Evidence(
        graphs,
        fold_in_items(bundle.evidence.taste, graphs.normalised_history),
        fold_in_items(bundle.evidence.smooth_taste, graphs.smoothed_history),
    )
    roles = propagate_views(evidence, bundle.rotation).concatenated()

    def moved(scorer: Scorer) -> Scorer:
        return replace(
            scorer,
            graph=scorer.graph.with_roles(roles),
            evidence=evidence,
            known=(items if scorer.task == ITEMS else users).newcomer,
        )

    scorers = {task: moved(scorer) for task, scorer in bundle.scorers.items()}
    return replace(bundle, users=users, items=items, evidence=evidence, scorers=scorers)


def _by_position(logs: Logs, users: Entities, items: Entities) -> Logs:
    """The logs with the positions of these entities; of users and items nothing but the ids is left.

    An undo may have taken some that the model knows: they keep their positions and have no groups.
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
