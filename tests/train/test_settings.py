"""Presets and --set: what cannot be built is refused with a sentence."""

import dataclasses

import pytest

from db.errors import SettingError
from engine.model_settings import PRESETS, Config, meanings, preset


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_built_and_changed(name: str) -> None:
    assert preset(name, ["epochs=7", "rate=0.5"]).epochs == 7
    assert preset(name) == preset(name, [])


def test_changes_are_read_as_what_they_are() -> None:
    config = preset("default", ["attention=no", "dropout=0.5", "heads=8", "loss=bpr"])
    assert (config.attention, config.dropout, config.heads, config.loss) == (False, 0.5, 8, "bpr")
    assert preset("default", ["heads=8", "heads=2"]).heads == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("heads=3", r"heads=3 does not divide the token width 32.*divisors"),
        ("epochs=many", r"epochs='many' must be a number"),
        ("attention=maybe", r"attention='maybe' must be true or false"),
        ("loss=hinge", r"loss='hinge' is unknown.*softmax, bpr"),
        ("hats=3", r"'hats=3' names no setting.*heads"),
        ("heads", r"'heads' names no setting"),
        ("negatives=0", r"negatives=0 is too small"),
        ("dropout=1.5", r"dropout=1.5 is too large: it must be at most 0.9"),
        ("rate=nan", r"rate=nan is too small"),
        ("validation=1.5", r"validation=1.5 must lie between"),
        ("embeddings=gcn", r"Set folds=1"),
        ("leaning_rank=4", r"leaning_rank=4 must be at least dim=32"),
    ],
)
def test_a_setting_at_fault_is_a_sentence(change: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        preset("default", [change])


def test_an_unknown_preset_is_a_sentence() -> None:
    with pytest.raises(SettingError, match=r"no preset 'best'.*default, paper, demo"):
        preset("best")


def test_every_setting_has_a_sentence() -> None:
    assert meanings().keys() == {entry.name for entry in dataclasses.fields(Config)}
    assert all(len(sentence) > 10 for sentence in meanings().values())


def test_the_paper_preset_is_the_literal_reading() -> None:
    paper = preset("paper")
    assert (paper.embeddings, paper.layers, paper.heads) == ("gcn", 2, 8)
    assert (paper.loss, paper.bpr_on) == ("bpr", "probability")
    assert paper.auxiliary_1 == paper.auxiliary_2 == 0.3
    assert not paper.evidence
    assert not paper.products
