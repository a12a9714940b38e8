"""The dataset of a shop with launch times: a launch is described by what was known at its own moment, or ahead of it.

    | warm-up | block 1 | block 2 | ... | block B |  validation  |
                ^ role vectors of what had closed before        half-open: [start of a block, start of the next)
                                                  cut ^

Evidence is exact as of each moment. Role vectors cost an eigenproblem each, so a block has those of its start.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables, procrustes_rotation, propagate_views
from engine.evidence.taste_vectors import taste_vectors
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence, day_of, moment_after
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split
from train.prepare.dataset import PREPARED, STARTED, Dataset, stacked
from train.prepare.snapshot import Snapshot, list_evidence
from train.prepare.timed_examples import add_timed_evidence, timed_triples
from train.progress import TrainingProgress
from train.random_keys import Purpose, generator
from train.training_run import TrainingRun


def build_timed_dataset(
    logs: Logs, split: Split, lists: dict[Task, CandidateLists], run: TrainingRun
) -> Dataset:
    """The examples of the training groups, and the evidence of the validation ``lists`` as of their own moments."""
    settings, events = run.settings, ShopEvents(logs)
    starts = split.block_starts
    cut = moment_after(logs.last_event) if split.cut is None else split.cut
    run.report(TrainingProgress("evidence", "Reading past groups", STARTED))
    seen = timed_snapshot(events, settings, cut)
    tables = []
    for done, start in enumerate(starts, 1):
        tables.append(timed_snapshot(events, settings, start, seen.item_vectors).tables)
        message = f"Finding taste vectors, part {done} of {len(starts)}"
        share = STARTED + (PREPARED - STARTED) / 2 * done / len(starts)
        run.report(TrainingProgress("evidence", message, share))
    rng = generator(Purpose.EXAMPLES, run.seed)
    drawn, at = timed_triples(logs, split, settings.negatives, settings.days_ahead, rng)
    assert seen.evidence is not None  # noqa: S101  a timed snapshot has evidence
    examples = add_timed_evidence(drawn, at, seen.evidence, settings.auxiliary_negatives)
    evidence = {task: list_evidence(asked, seen, settings) for task, asked in lists.items()}
    run.report(TrainingProgress("evidence", "Evidence computed", PREPARED))
    return Dataset(split, examples, stacked([*tables, seen.tables]), seen, lists, evidence)


def timed_snapshot(
    events: ShopEvents,
    settings: ModelSettings,
    moment: np.datetime64,
    target: NDArray[np.float32] | None = None,
) -> Snapshot:
    """The snapshot of what had closed before the moment; its evidence is that of all events, as of any moment.

    Its item vectors are rotated towards the ``target`` [I+1, d] of a reference snapshot (orthogonal Procrustes). Views
    are as of the first second of the moment's day, as in serving (``engine.refresh``).
    """
    logs = events.logs
    graphs = Graphs.from_logs(logs, ~(logs.closed_at >= moment), settings.friendships)
    vectors = taste_vectors(graphs.smoothed_history, settings.leaning_rank)
    evidence = TimedEvidence(events, moment, graphs, vectors)
    rotation = procrustes_rotation(evidence, settings.dim, target)
    snapshot = Snapshot(graphs, evidence, None, rotation)
    return replace(snapshot, tables=views_of_day(snapshot, moment, settings))


def views_of_day(snapshot: Snapshot, moment: np.datetime64, settings: ModelSettings) -> ViewTables:
    """The views as of the first second of the moment's day, with the item vectors of the snapshot."""
    evidence, rotation = snapshot.evidence, snapshot.rotation
    assert isinstance(evidence, TimedEvidence)  # noqa: S101
    assert rotation is not None  # noqa: S101
    logs = evidence.events.logs
    graphs = Graphs.from_logs(logs, ~(logs.closed_at >= day_of(moment)), settings.friendships)
    vectors = evidence.smooth_taste
    return propagate_views(Evidence(graphs, vectors, vectors), rotation)
