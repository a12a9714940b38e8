"""Every page stands while another process writes to the store: nobody who looks asks for the write lock."""

import os
import subprocess
import sys

import pytest
from whole_shop import ROOT

from db.store import Store

WRITER = """
import sys
from sqlalchemy import text
from db.store import Store

with Store.open().write() as connection:
    connection.execute(text("UPDATE users SET name = 'somebody else'"))
    print("writing", flush=True)
    sys.stdin.read()
"""
PAGES = [
    *("recommend", "open_groups", "campaign", "why", "gates"),
    *("data", "retrain", "evaluation", "about"),
]


@pytest.fixture(scope="module")
def writer(trained):
    """Another process in the middle of a transaction on the shop; it never commits."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER],
        cwd=ROOT,
        env=os.environ | trained.environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == "writing\n"
        yield process
        assert process.poll() is None
        process.kill()


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_while_somebody_writes(trained, visit, page, monkeypatch):
    def asked(*_):
        pytest.fail("the write lock was asked for")

    monkeypatch.setattr(Store, "write", asked)
    shown = visit(trained, page)
    assert not shown.exception
    assert not shown.error
    assert shown.title or shown.header or shown.subheader or shown.markdown
