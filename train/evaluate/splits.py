"""Which groups a model learns from and which are held out for validation, and the folds of the former.

Where the logs have launch times, what is held out are the last weeks: a model is asked about the weeks after its
training, and a random sample of the past is a far easier question. Without times a random sample has to do.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from db.errors import DataError
from db.logs import SUCCESSFUL, Logs
from engine.candidates import Question, asked_question
from engine.model_settings import ModelSettings
from train.random_keys import Purpose, generator

MIN_GROUPS = 50
TIMED_SHARE = 0.95  # of the groups have a launch time: the others count as older
MIN_WEEKS = 4  # between the first launch and the last: with less there are no last weeks
WINDOW = np.timedelta64(91, "D")  # the most that is held out by time
MIN_HELD_OUT = 50  # groups, even where the window holds fewer: nothing is measured on less
# Of the groups; where more share the last day, times do not tell earlier from later.
MOST_HELD_OUT = 0.5
YEAR = np.timedelta64(365, "D")  # what nobody launched for that long is off the shelf
WARM_UP = (
    0.1  # of the groups: the first ones are evidence alone, since hardly anything came before them
)


@dataclass(frozen=True)
class Split:
    """Positions of successful groups: ``training`` with the ``fold`` of each, and ``validation``.

    ``question`` is what Task I is asked. ``cut`` is the moment from which on groups are held out: nothing that was
    launched at or after it may be known, successful or not. None where they are a random sample. ``slow`` groups were
    launched before the cut and filled after it: they belong to neither part. ``block_starts`` are the starts of the
    blocks in time that take the place of folds where evidence is timed.
    """

    training: NDArray[np.int64]
    fold: NDArray[np.int64]
    validation: NDArray[np.int64]
    question: Question = Question.NEW
    cut: np.datetime64 | None = None
    slow: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    block_starts: NDArray[np.datetime64] = field(
        default_factory=lambda: np.empty(0, "datetime64[s]")
    )

    def visible_groups(self, logs: Logs, without_fold: int | None = None) -> NDArray[np.bool_]:
        """The groups [G] that may be in the graphs: all but validation, and but ``without_fold`` where it is given."""
        visible = np.ones(len(logs.group_item), bool)
        visible[self.validation] = False
        if self.cut is not None:
            visible &= ~(logs.group_launched_at >= self.cut)
        if without_fold is not None:
            visible[self.training[self.fold == without_fold]] = False
        return visible


def split_groups(logs: Logs, settings: ModelSettings, seed: int) -> Split:
    """The last weeks for validation, or a random sample by seed where the logs have no times.

    Raises DataError where there are too few groups to learn from.
    """
    usable = usable_groups(logs, settings.min_groups)
    rng = generator(Purpose.VALIDATION, seed)
    held_out, rest, cut = hold_out_groups(logs, usable, settings.validation, rng)
    question = asked_question(logs, settings.question)
    slow = _filled_after(logs, rest, cut)
    training = np.sort(rest[~slow])
    fold = np.zeros(len(training), np.int64)
    split = Split(training, fold, np.sort(held_out), question, cut, np.sort(rest[slow]))
    return with_parts(logs, split, settings, seed)


def _filled_after(
    logs: Logs, groups: NDArray[np.int64], cut: np.datetime64 | None
) -> NDArray[np.bool_]:
    """Which of ``groups`` [n], launched before the cut, were not known to succeed by then.

    None of them where most were not: then all that is known is when the shop wrote its groups down.
    """
    if cut is None:
        return np.zeros(len(groups), bool)
    slow = (logs.closed_at[groups] >= cut) & (logs.group_launched_at[groups] < cut)
    return slow if slow.mean() <= MOST_HELD_OUT else np.zeros(len(groups), bool)


def settle(logs: Logs, settings: ModelSettings) -> ModelSettings:
    """The settings with what ``auto`` means for these logs: evidence is timed where they have launch times."""
    able = settings.evidence and settings.embeddings == "taste"
    wanted = settings.timed_evidence
    timed = able and (wanted == "on" or (wanted == "auto" and has_times(logs.group_launched_at)))
    return settings.replace(timed_evidence="on" if timed else "off")


def with_parts(logs: Logs, split: Split, settings: ModelSettings, seed: int) -> Split:
    """The same split with its training groups in folds by seed or, where evidence is timed, in blocks by time."""
    if settings.knows_time:
        return _with_blocks(logs, split, settings)
    return with_folds(logs, split, settings.folds, seed)


def _with_blocks(logs: Logs, split: Split, settings: ModelSettings) -> Split:
    """The latest training groups but for the warm-up, in blocks of about the same number of groups."""
    launched = logs.group_launched_at[split.training]
    order = np.argsort(launched, kind="stable")
    order = order[max(int(len(order) * WARM_UP), len(order) - settings.recent_groups) :]
    recent = np.sort(launched[order])
    starts = np.unique(recent[np.arange(settings.blocks) * len(recent) // settings.blocks])
    block = np.searchsorted(starts, launched[np.sort(order)], side="right") - 1
    return replace(split, training=split.training[np.sort(order)], fold=block, block_starts=starts)


def hold_out_groups(
    logs: Logs, groups: NDArray[np.int64], share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], np.datetime64 | None]:
    """About ``share`` of the ``groups`` to hold out, in a random order; the other groups; and the cut.

    With times, these are the groups launched in the last days (whole days, [cut, end)): as many days as hold the share,
    but no more than ``WINDOW``, unless that holds fewer than ``MIN_HELD_OUT`` groups.
    """
    order = rng.permutation(groups)
    wanted = max(1, round(len(order) * share))
    cut = _cut(logs.group_launched_at[order], wanted)
    if cut is None:
        return order[:wanted], order[wanted:], None
    late = logs.group_launched_at[order] >= cut
    return order[late], order[~late], cut


def has_times(launched_at: NDArray[np.datetime64]) -> bool:
    """Whether groups launched at these moments [n] can be divided into earlier and later ones."""
    known = launched_at[~np.isnat(launched_at)]
    if len(known) < max(1, TIMED_SHARE * len(launched_at)):
        return False
    return bool(known.max() - known.min() >= np.timedelta64(7 * MIN_WEEKS, "D"))


def _cut(launched_at: NDArray[np.datetime64], wanted: int) -> np.datetime64 | None:
    """The start of the day from which on about ``wanted`` groups were launched; None where times do not tell."""
    if not has_times(launched_at):
        return None
    days = np.sort(launched_at[~np.isnat(launched_at)].astype("datetime64[D]"))
    fewest = days[-min(MIN_HELD_OUT, wanted)]
    start = min(max(days[-wanted], days[-1] - WINDOW + np.timedelta64(1, "D")), fewest)
    if (days >= start).mean() > MOST_HELD_OUT:
        return None
    return np.datetime64(start, "s")


def usable_groups(logs: Logs, k: int) -> NDArray[np.int64]:
    """The successful groups with participants in the ``k``-core; raises DataError where they are too few."""
    joined = np.bincount(logs.join_group, minlength=len(logs.group_item)) > 0
    usable = np.flatnonzero((logs.group_status == SUCCESSFUL) & joined)
    usable = usable[k_core(logs, usable, k)]
    if len(usable) < MIN_GROUPS:
        raise DataError("train.too_few_groups", groups=len(usable), least=MIN_GROUPS)
    return usable


def with_folds(logs: Logs, split: Split, folds: int, seed: int) -> Split:
    """The same split with its training groups cut into ``folds`` folds by seed.

    Where Task I asks for something new, all launches of an item by the same initiator are in one fold: each is then
    described by graphs in which the initiator has not launched it.
    """
    rng = generator(Purpose.FOLDS, seed)
    training = split.training
    if split.question is Question.ANY:
        return replace(split, fold=rng.integers(0, folds, len(training)))
    pairs = logs.group_initiator[training].astype(np.int64) * len(logs.items)
    _, pair = np.unique(pairs + logs.group_item[training], return_inverse=True)
    return replace(split, fold=rng.integers(0, folds, pair.max(initial=0) + 1)[pair])


def k_core(logs: Logs, groups: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """Which of ``groups`` remain when every initiator, item and participant must be in at least ``k`` of them."""
    stays = np.ones(len(groups), bool)
    if k <= 1:
        return stays
    index = np.full(len(logs.group_item), -1, np.int64)
    index[groups] = np.arange(len(groups))
    joins = index[logs.join_group] >= 0
    joined, participant = index[logs.join_group[joins]], logs.join_participant[joins]
    while True:
        users = np.bincount(logs.group_initiator[groups[stays]], minlength=len(logs.users))
        users = users + np.bincount(participant[stays[joined]], minlength=len(logs.users))
        items = np.bincount(logs.group_item[groups[stays]], minlength=len(logs.items))
        rare = np.zeros(len(groups), bool)
        np.logical_or.at(rare, joined, users[participant] < k)
        rare |= users[logs.group_initiator[groups]] < k
        rare |= items[logs.group_item[groups]] < k
        after = stays & ~rare
        if (after == stays).all():
            return stays
        stays = after


def spread_sample(groups: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """At most ``size`` of the groups, spread evenly."""
    if len(groups) <= size:
        return groups
    return groups[np.linspace(0, len(groups) - 1, size).astype(int)]
