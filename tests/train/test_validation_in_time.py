"""A model that knows time is validated twice: each launch as of its own moment, and all as of the cut."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_shops import quick
from test_time_split import timed_shop

from db.logs import FAILED, OPEN, Logs
from engine.bundle.manifest import read_manifest
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence
from train import command
from train.evaluate.splits import settle, split_groups
from train.evaluate.validation_weeks import validation_weeks
from train.export.validation_in_time import without_later
from train.fit import FittedModel, fit
from train.prepare.timed_dataset import timed_snapshot
from train.training_run import TrainingRun

# One evaluation: of several, those of the day would choose which step is kept. Without attention it is exported in no
# time.
SETTINGS = quick("question=any", "epochs=2", "evaluations=1", "attention=false", "experts=1")
SHOP = timed_shop(groups=500)


def with_failures_after_the_cut(logs: Logs) -> Logs:
    """The logs with a failed launch by everybody, a second after the cut, of the item launched last before it."""
    cut = split_groups(logs, SETTINGS, 0).cut
    assert cut is not None
    before = np.flatnonzero(logs.group_launched_at < cut)
    latest = before[np.argmax(logs.group_launched_at[before])]
    people = np.arange(len(logs.users), dtype=np.int32)
    unknown = np.full(len(people), "NaT", "datetime64[s]")
    later = np.full(len(people), cut + np.timedelta64(1, "s"))
    return replace(
        logs,
        group_initiator=np.append(logs.group_initiator, people),
        group_item=np.append(logs.group_item, np.full_like(people, logs.group_item[latest])),
        group_status=np.append(logs.group_status, np.full(len(people), FAILED, np.int8)),
        group_launched_at=np.append(logs.group_launched_at, later),
        group_filled_at=np.append(logs.group_filled_at, unknown),
        group_expires_at=np.append(logs.group_expires_at, unknown),
    )


def trained(logs: Logs, models: Path) -> FittedModel:
    return fit(logs, TrainingRun(SETTINGS, device="cpu"), models)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> FittedModel:
    return trained(SHOP, tmp_path_factory.mktemp("models"))


def test_what_happens_after_the_cut_counts_for_the_day_and_not_for_the_cut(
    fitted: FittedModel, tmp_path: Path
) -> None:
    other = trained(with_failures_after_the_cut(SHOP), tmp_path)
    assert other.metrics_by_part["nothing_later"] == fitted.metrics_by_part["nothing_later"]
    assert other.metrics != fitted.metrics


def test_both_are_of_the_same_lists_in_both_tasks_and_in_the_manifest(fitted: FittedModel) -> None:
    alone = fitted.metrics_by_part["nothing_later"]
    assert alone.keys() == fitted.metrics.keys()
    assert {name: one["lists"] for name, one in alone.items()} == {
        name: one["lists"] for name, one in fitted.metrics.items()
    }
    path = fitted.folder / "manifest.json"
    assert read_manifest(path.read_bytes(), str(path)).metrics_by_part["nothing_later"] == alone


def test_fit_prints_both_and_says_which_is_which(
    fitted: FittedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    command._print_fitted(fitted, in_json=False, promoted=False, until=None)
    said = capsys.readouterr().out
    since = str(fitted.validated_from)[:10]
    daily, alone = (
        said.index(f"On groups that filled since {since}, each asked as of its own launch"),
        said.index(f"The same groups, with nothing known since {since}:"),
    )
    value = fitted.metrics_by_part["nothing_later"]["items/mrr@10"]["value"]
    assert daily < alone < said.index(f"{value:.4f}", alone)
    assert "nothing later known" not in said


def test_the_interval_allows_for_what_earlier_weeks_differed_by_and_fit_says_so(
    fitted: FittedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert all(figure["drift"] >= 0 for figure in fitted.metrics.values())
    command._print_fitted(fitted, in_json=False, promoted=False, until=None)
    assert "for the weeks to come, which differ as earlier weeks did" in capsys.readouterr().out
    manifest = read_manifest((fitted.folder / "manifest.json").read_bytes(), "manifest.json")
    assert manifest.metrics == fitted.metrics
    by_part = fitted.metrics_by_part["nothing_later"]["items/mrr@100"]
    assert (
        by_part["low"] <= by_part["value"] - 1.96 * by_part["drift"] + 1e-9 or by_part["low"] == 0
    )


def test_a_store_of_closed_groups_does_not_know_at_the_cut_what_was_open() -> None:
    settings = settle(SHOP, SETTINGS)
    for opened in (True, False):
        logs = SHOP if opened else SHOP.with_groups(SHOP.group_status != OPEN)
        split = split_groups(logs, settings, 0)
        assert split.cut is not None
        late = np.array([split.training[-1]])  # fills long after the cut
        filled = logs.group_filled_at.copy()
        filled[late] = logs.last_event
        logs = replace(logs, group_filled_at=filled)
        weeks = validation_weeks(logs, split_groups(logs, settings, 0), 100, 0)
        seen = timed_snapshot(ShopEvents(logs), settings, split.cut)
        alone = without_later(weeks, seen).evidence
        assert isinstance(alone, TimedEvidence)
        item, at = logs.group_item[late].astype(np.int64), np.array([split.cut])
        every = seen.evidence.events.item_launches.at(item, at).count
        assert alone.events.item_launches.at(item, at).count == every - (0 if opened else 1)
