"""Presets and --set: settings that no model can be built from are refused with a message."""

import json

import pytest
from pydantic import ValidationError

from db.errors import SettingError
from engine.model_settings import ModelSettings, bounds, descriptions
from engine.presets import PRESETS, preset


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_changed(name: str) -> None:
    assert preset(name, ["epochs=7", "rate=0.5"]).epochs == 7
    assert preset(name) == preset(name, [])


def test_changes_are_read_by_the_type_of_the_setting() -> None:
    settings = preset("default", ["attention=no", "dropout=0.5", "heads=8", "loss=bpr"])
    changed = (settings.attention, settings.dropout, settings.heads, settings.loss)
    assert changed == (False, 0.5, 8, "bpr")
    assert preset("default", ["heads=8", "heads=2"]).heads == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("heads=3", r"heads=3 does not divide the token width 32.*divisor of 32"),
        ("epochs=many", r"epochs=many must be a whole number"),
        ("rate=fast", r"rate=fast must be a number"),
        ("attention=maybe", r"attention=maybe must be true or false"),
        ("loss=hinge", r"loss=hinge is not one of the choices.*softmax, bpr"),
        ("hats=3", r"no setting 'hats=3'.*heads"),
        ("heads", r"no setting 'heads'"),
        ("negatives=0", r"negatives=0 is too small: it must be at least 1"),
        ("dropout=1.5", r"dropout=1.5 is too large: it must be at most 0.9"),
        ("rate=nan", r"rate=nan must be a number"),
        ("validation=1.5", r"validation=1.5 must lie between"),
        ("embeddings=gcn", r"Set folds=1"),
        ("leaning_rank=4", r"leaning_rank=4 must be at least dim=32"),
    ],
)
def test_a_bad_setting_is_named_with_what_it_may_be(change: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        preset("default", [change])


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match=r"no preset 'best'.*default, paper, demo"):
        preset("best")


def test_every_setting_has_a_description() -> None:
    assert descriptions().keys() == ModelSettings.model_fields.keys()
    assert all(len(sentence) > 10 for sentence in descriptions().values())


def test_bounds_are_those_that_the_settings_are_held_to() -> None:
    assert (bounds("heads").least, bounds("heads").most) == (1, 64)
    assert (bounds("attention").least, bounds("attention").most) == (None, None)


@pytest.mark.parametrize("name", PRESETS)
def test_settings_are_read_back_from_a_manifest_old_names_ignored(name: str) -> None:
    kept = json.loads(json.dumps(preset(name).model_dump() | {"no_longer_a_setting": 3}))
    assert ModelSettings.model_validate(kept) == preset(name)


def test_settings_do_not_change_once_made() -> None:
    with pytest.raises(ValidationError):
        preset("demo").heads = 8  # type: ignore[misc]


def test_the_paper_preset_is_the_literal_reading() -> None:
    paper = preset("paper")
    assert (paper.embeddings, paper.layers, paper.heads) == ("gcn", 2, 8)
    assert (paper.loss, paper.bpr_on) == ("bpr", "probability")
    assert paper.auxiliary_1 == paper.auxiliary_2 == 0.3
    assert not paper.evidence
    assert not paper.products
