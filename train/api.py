"""The public interface in memory: train on logs and rank, without a store or a models folder."""

import weakref
from collections.abc import Sequence
from pathlib import Path

from db.logs import Logs
from db.scratch import ScratchFolder
from db.settings import settings as environment
from engine.availability import LoggedAvailability
from engine.loading import load_bundle
from engine.presets import preset as preset_settings
from engine.recommender import Recommender
from engine.source import LogsSource


def fit(
    logs: Logs,
    preset: str = "demo",
    changes: Sequence[str] = (),
    seed: int = 0,
    device: str = "auto",
) -> Recommender:
    """Trains a model on the logs; it ranks and explains as a ``Recommender`` over a store does.

    ``preset`` and ``changes`` ("name=value") are those of ``python -m train fit``. The model is deleted with the object
    that is returned. Raises SettingError for an unknown or impossible setting, and DataError if the logs hold too few
    groups to learn from.

    Two crowds with a taste each, and the settings of a network small enough to train in seconds:

    >>> import pandas as pd
    >>> from db.logs import Logs
    >>> launches = [("tea", k) for k in range(60)] + [("toy", k) for k in range(60)]
    >>> groups = pd.DataFrame(
    ...     [(f"{crowd} fan {k % 10}", f"{crowd} {k % 7}") for crowd, k in launches],
    ...     columns=["initiator", "item"],
    ... )
    >>> members = pd.DataFrame(
    ...     [(group, f"{crowd} fan {(k * k + 3) % 10}") for group, (crowd, k) in enumerate(launches)],
    ...     columns=["group", "participant"],
    ... )
    >>> small = "epochs=4 least_steps=1 batch=32 folds=2 min_groups=1 experts=1 heads=2".split()
    >>> small += "dim=8 width=16 hidden=16 out=16 taste_rank=8 leaning_rank=8".split()
    >>> model = fit(Logs.from_frames(groups, members), changes=small)
    >>> {result.id[:3] for result in model.rank_items("tea fan 1", top=3, exclude_launched=False).results}
    {'tea'}
    >>> {result.id[:3] for result in model.rank_participants("toy fan 4", "toy 2", top=2).results}
    {'toy'}
    >>> model.rank_items("somebody new", top=1).initiator_newcomer
    True
    """
    from train import fit as training
    from train.training_run import TrainingRun

    folder = ScratchFolder("model")
    try:
        settings = preset_settings(preset, list(changes))
        run = TrainingRun(settings, preset, seed, device)
        fitted = training.fit(logs, run, Path(folder.name))
        bundle = load_bundle(fitted.folder, environment().threads)
    except BaseException:
        folder.cleanup()
        raise
    model = Recommender(LogsSource(logs), bundle, LoggedAvailability(logs))
    weakref.finalize(model, folder.cleanup)
    return model
