"""The presets: settings of the model by name, and how the settings of a past training differ from one."""

from collections.abc import Mapping, Sequence
from typing import Any

from db.errors import SettingError
from engine.model_settings import ModelSettings

PRESETS: dict[str, ModelSettings] = {
    "default": ModelSettings(),
    # The literal reading of the paper, to compare with; the benchmark lists its results.
    "paper": ModelSettings(
        embeddings="gcn",
        failed_launches=False,
        friendships=False,
        products=False,
        evidence=False,
        width=0,
        heads=8,
        output_projection=True,
        loss="bpr",
        bpr_on="probability",
        negatives=4,
        auxiliary_1=0.3,
        auxiliary_2=0.3,
        auxiliary_negatives=4,
        balance=0.0,
        folds=1,
        epochs=4,
        least_steps=250,
        batch=4096,
        rate=5e-3,
        weight_decay=0.0,
    ),
    # For the demo shop: trains in less than a minute on two cores.
    "demo": ModelSettings(
        taste_rank=64,
        leaning_rank=32,
        epochs=1,
        least_steps=140,
        evaluations=2,
        negatives=8,
        folds=3,
        validation=0.1,
        validation_cap=600,
        recent_groups=8_000,
    ),
}


def preset(name: str, changes: Sequence[str] = ()) -> ModelSettings:
    """A preset with ``name=value`` changes; raises SettingError for an unknown preset or setting, or a bad value."""
    if name not in PRESETS:
        raise SettingError("engine.settings.unknown_preset", name=name, presets=", ".join(PRESETS))
    return PRESETS[name].with_changes(changes)


def differing_from_preset(
    name: str, settings: Mapping[str, Any], ignore: Sequence[str] = ()
) -> dict[str, Any]:
    """The ``settings`` of a past training whose values differ from today's preset.

    Leaves out the names in ``ignore`` and settings that no longer exist.
    """
    today = preset(name).model_dump()
    return {
        setting: value
        for setting, value in settings.items()
        if setting in today and setting not in ignore and today[setting] != value
    }
