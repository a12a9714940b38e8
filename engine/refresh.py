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
from engine.bundle.files import Roles
from engine.evidence.evidence import Evidence
from engine.evidence.few_rows import FewRowGraphs
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import propagate_views
from engine.evidence.taste_vectors import fold_in_items
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence, day_of, moment_after
from engine.loading import Bundle
from engine.scorer import Scorer


def can_follow_logs(bundle: Bundle) -> bool:
    """Whether the model can serve other logs than those of its training: not if its role vectors were learned."""
    return bundle.evidence is not None and bundle.rotation is not None


def refresh_if_stale(bundle: Bundle, store: Store, moment: np.datetime64 | None = None) -> Bundle:
    """The bundle over what the store holds now, or as it is if nothing has changed since the training.

    A model that cannot follow the logs stays as it is, too. One that knows time is asked as of the ``moment``, or just
    after the last event. Raises StoreError if the logs cannot be read.
    """
    if not can_follow_logs(bundle):
        return bundle
    if data_version(store) == bundle.manifest.data_version:
        return as_of(bundle, moment)
    return refresh_bundle(bundle, read_logs(store), moment)


def refresh_bundle(bundle: Bundle, logs: Logs, moment: np.datetime64 | None = None) -> Bundle:
    """The bundle over these logs, as of the ``moment``; raises ValueError if the model cannot follow them.

    Trained users and items keep their positions, later ones follow. Items keep the taste vectors that the head was
    trained with; later ones are folded in.
    """
    extended = with_later(bundle, logs)
    return serve_logs(extended, in_model_positions(extended, logs), moment=moment)


def with_later(bundle: Bundle, logs: Logs) -> Bundle:
    """The bundle with positions for the users and items of the logs that came later, of which it knows nothing yet."""
    return replace(
        bundle,
        users=bundle.users.with_later(logs.users.index),
        items=bundle.items.with_later(logs.items.index),
    )


def serve_logs(
    bundle: Bundle,
    logs: Logs,
    graphs: type[Graphs] = Graphs,
    moment: np.datetime64 | None = None,
) -> Bundle:
    """The bundle over logs that are in its positions, described by ``graphs``; ValueError if it cannot follow them.

    A model that knows time is asked as of the ``moment``, or just after the last event.
    """
    if bundle.evidence is None or bundle.rotation is None:
        raise ValueError(f"the model version {bundle.manifest.version} cannot follow the logs")
    described = graphs.from_logs(logs, friendships=bundle.manifest.settings.friendships)
    smooth_taste = fold_in_items(bundle.evidence.smooth_taste, described.smoothed_history)
    if isinstance(bundle.evidence, TimedEvidence):
        last = moment_after(logs.last_event) if moment is None else moment
        timed = replace(
            bundle.evidence,
            events=ShopEvents(logs, bundle.evidence.events.words.space),
            moment=last,
            graphs=described,
            smooth_taste=smooth_taste,
        )
        return _with_evidence(bundle, timed, _roles_of_day(bundle, logs, last))
    taste = fold_in_items(bundle.evidence.taste, described.normalised_history)
    evidence = Evidence(described, taste, smooth_taste, bundle.evidence.version)
    roles = propagate_views(evidence, bundle.rotation).concatenated()
    return _with_evidence(bundle, evidence, roles)


def as_of(bundle: Bundle, moment: np.datetime64 | None) -> Bundle:
    """The bundle over the same logs as of the moment; as it is without one, and where it knows no time."""
    evidence = bundle.evidence
    if moment is None or not isinstance(evidence, TimedEvidence):
        return bundle
    if day_of(moment) == day_of(evidence.moment):
        return _with_evidence(bundle, evidence.as_of(moment), None)
    roles = _roles_of_day(bundle, evidence.events.logs, moment)
    return _with_evidence(bundle, evidence.as_of(moment), roles)


def _roles_of_day(bundle: Bundle, logs: Logs, moment: np.datetime64) -> Roles:
    """The role vectors as of the first second of the moment's day.

    They move slowly and take longer to compute than everything else about a moment; evidence is exact to the second.
    """
    assert bundle.rotation is not None  # noqa: S101  the callers have checked
    assert bundle.evidence is not None  # noqa: S101
    known = logs.known_before(day_of(moment))
    graphs = FewRowGraphs.from_logs(known, friendships=bundle.manifest.settings.friendships)
    vectors = fold_in_items(bundle.evidence.smooth_taste, graphs.smoothed_history)
    return propagate_views(Evidence(graphs, vectors, vectors), bundle.rotation).concatenated()


def _with_evidence(
    bundle: Bundle, evidence: Evidence | TimedEvidence, roles: Roles | None
) -> Bundle:
    """The bundle with this evidence, and with these role vectors or its own."""

    def refreshed(scorer: Scorer) -> Scorer:
        size = (bundle.items if scorer.task is Task.ITEMS else bundle.users).cold_start
        head = scorer.head if roles is None else scorer.head.with_roles(roles)
        described = evidence if scorer.manifest.evidence else None
        return replace(scorer, head=head, evidence=described, size=size)

    scorers = {task: refreshed(scorer) for task, scorer in bundle.scorers.items()}
    return replace(bundle, evidence=evidence, scorers=scorers)


def in_model_positions(bundle: Bundle, logs: Logs) -> Logs:
    """The logs in the positions of a bundle that has all their users and items; of users' attributes the city stays.

    An undo may have removed users and items that the model knows: they keep their positions and have no groups.
    """
    user, item = (
        known.positions(list(frame.index)).astype(np.int32)
        for known, frame in ((bundle.users, logs.users), (bundle.items, logs.items))
    )
    return replace(
        logs,
        users=logs.users.reindex(pd.Index(bundle.users.ids, dtype="str"), columns=["city"]),
        items=logs.items.reindex(pd.Index(bundle.items.ids, dtype="str")),
        group_initiator=user[logs.group_initiator],
        group_item=item[logs.group_item],
        join_participant=user[logs.join_participant],
        friendships=user[logs.friendships],
    )
