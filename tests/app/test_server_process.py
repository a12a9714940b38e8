"""What the server leaves to other processes: trainings, and torch with them."""

import subprocess
import sys

from page_words import button, english, said
from whole_shop import ENTRY, ROOT

from db.jobs import queue as jobs
from db.jobs.queue import TrainingStatus, TrainingTask


def test_a_waiting_training_can_be_cancelled(visit, copied, monkeypatch):
    store = copied.store()
    running = jobs.enqueue(store, TrainingTask(preset="demo"))
    waiting = jobs.enqueue(store, TrainingTask(preset="demo"))
    jobs.request_cancel(store, waiting)
    # This process takes the part of a worker, so the page starts none.
    claimed = jobs.claim(store)
    assert claimed.job.id == running
    claimed.job.folder.report(TrainingStatus(stage="epoch", epoch=1, epochs=3, fraction=0.4))
    test = visit(copied, "retrain")
    assert english("retrain.running", number=running) in said(test)
    button(test, english("training.cancel")).click().run()
    assert claimed.job.cancel_requested
    assert english("job.state.cancelled") in list(test.dataframe[-1].value[english("job.state")])


def test_no_page_imports_torch_into_the_server(trained):
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
test = AppTest.from_file({ENTRY!r}, default_timeout=60).run()
for page in ("recommend", "why", "gates", "data", "retrain", "evaluation", "about"):
    test.switch_page(f"views/{{page}}.py").run()
    assert not test.exception, page
assert "torch" not in sys.modules
"""
    import os

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | trained.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
