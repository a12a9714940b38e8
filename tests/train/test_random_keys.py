"""Groups that are drawn for different purposes meet by chance only."""

from itertools import combinations

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import Task
from engine.evidence.graphs import Graphs
from train.benchmark.protocols import hold_out
from train.evaluate.sampled_ranking import draw_candidate_lists, validation_lists
from train.evaluate.splits import split_groups
from train.export.calibration_sample import draw_calibration_sample
from train.random_keys import Purpose, generator


@pytest.mark.parametrize(("first", "second"), list(combinations(Purpose, 2)))
def test_samples_for_two_purposes_share_as_much_as_chance_makes_them(
    first: Purpose, second: Purpose
) -> None:
    size, share = 4000, 0.1
    count = round(size * share)
    shared = []
    for seed in range(20):
        drawn = [
            set(generator(purpose, seed).permutation(size)[:count].tolist())
            for purpose in (first, second)
        ]
        shared.append(len(drawn[0] & drawn[1]) / count)
    assert np.mean(shared) == pytest.approx(share, abs=0.02)


def test_the_same_purpose_seed_and_part_draw_the_same_and_others_do_not() -> None:
    def drawn(*key: int) -> list[int]:
        return generator(Purpose.FOLDS, *key).integers(0, 1000, 20).tolist()

    assert drawn(3, 1) == drawn(3, 1)
    assert len({tuple(drawn(*key)) for key in [(3, 1), (3, 2), (4, 1), (3,), (1, 3)]}) == 5


def test_test_groups_validation_groups_and_calibration_groups_meet_by_chance_only() -> None:
    logs = random_shop(users=300, groups=2000)
    settings = quick("validation=0.2")
    split = split_groups(logs, settings, 0)
    test = set(hold_out(logs, "sampled", settings, 0).lists[Task.PARTICIPANTS].group.tolist())
    both = len(test & set(split.validation.tolist())) / len(test)
    assert both == pytest.approx(0.2, abs=0.08)
    graphs = Graphs.from_logs(logs, split.visible_groups(logs))
    sample = draw_calibration_sample(logs, split, graphs, Task.ITEMS, 100, 0)
    scored = set(validation_lists(logs, split, 100, 0)[Task.ITEMS].group.tolist())
    both = len(scored & set(sample.lists.group.tolist())) / len(scored)
    assert both == pytest.approx(100 / len(split.validation), abs=0.15)


def test_lists_of_validation_and_of_test_have_candidates_of_their_own() -> None:
    logs = random_shop()
    groups = np.flatnonzero(logs.group_status == 0)
    drawn = [
        draw_candidate_lists(logs, groups, 0, purpose=purpose)[Task.PARTICIPANTS].candidates
        for purpose in (Purpose.TEST, Purpose.VALIDATION, Purpose.KEPT_ASIDE)
    ]
    for one, other in combinations(drawn, 2):
        assert (one[:, 0] == other[:, 0]).all()
        assert (one[:, 1:] == other[:, 1:]).mean() < 0.1
