"""What fails on a page is a sentence there; the trace of what nobody foresaw goes to a log, which the page names."""

import os
import re
import runpy
import subprocess
import sys

import pytest
import streamlit as st
from page_words import english, said
from streamlit.testing.v1 import AppTest
from whole_shop import ROOT

from db.errors import BundleRefused, InputError, StoreError
from db.messages import Message
from db.unforeseen import LOG

TEXT = Message("db.text", {"text": "The sky fell."})


def _page(error):
    from app.frame.failures import show_failure

    def handled():
        try:
            raise error
        except Exception as raised:
            return show_failure(raised)

    assert handled()


def drawn(error):
    """What a page says of the error."""
    return said(AppTest.from_function(_page, kwargs={"error": error}).run())


def test_an_error_that_nobody_foresaw_is_one_sentence_and_its_trace_is_in_the_log(
    bare, monkeypatch
):
    bare.enter(monkeypatch)
    words = drawn(ZeroDivisionError("division by *zero*"))
    log = bare.folder / "shop.jobs" / LOG
    assert english("failure.title") in words
    assert "ZeroDivisionError: division by *zero*" in words
    assert str(log) in words
    assert "Traceback" not in words
    assert re.search(r"Traceback.*ZeroDivisionError", log.read_text(), re.DOTALL)
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (StoreError(TEXT), "store.trouble"),
        (InputError(TEXT), "failure.title"),
        (BundleRefused(TEXT), "model.trouble"),
    ],
)
def test_an_error_with_a_sentence_says_it_and_leaves_no_log(bare, monkeypatch, error, title):
    bare.enter(monkeypatch)
    assert drawn(error).count("The sky fell.") == 1
    assert english(title) in drawn(error)
    assert not (bare.folder / "shop.jobs" / LOG).exists()


def test_the_server_draws_errors_of_callbacks_in_the_same_way(monkeypatch):
    given = {}
    monkeypatch.setattr("streamlit.App", lambda *_, **options: given.update(options))
    monkeypatch.setattr("app.frame.failures.show_failure", lambda error: str(error) == "seen")
    runpy.run_path(str(ROOT / "app" / "streamlit_app.py"))
    assert given["on_script_error"](ValueError("seen"))


@pytest.mark.parametrize("page", ["recommend", "open_groups", "campaign", "why"])
def test_a_model_that_fails_while_a_page_is_open_is_a_sentence_with_a_next_step(
    visit, trained, initiator, monkeypatch, page
):
    def refuse(*_, **__):
        raise BundleRefused("engine.bundle.file_missing", folder="M", file="roles.npz")

    for asked in ("rank_items", "rank_participants", "explain"):
        monkeypatch.setattr(f"engine.recommender.Recommender.{asked}", refuse)
    # What another test has asked of this model must be asked again.
    st.cache_data.clear()
    st.cache_resource.clear()
    chosen = {"initiator": initiator.id, "initiators": [initiator.id], "item": "P2001"}
    words = said(visit(trained, page, **chosen))
    assert (
        "The model version M lacks its file roles.npz. Retrain, or promote another version" in words
    )


@pytest.mark.slow
def test_a_wrong_setting_ends_the_start_of_the_server_with_a_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app", "--server.headless", "true"],
        cwd=ROOT,
        env=os.environ | {"MAMGBR_THREADS": "none"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "MAMGBR_THREADS" in done.stderr
    assert "Traceback" not in done.stderr
