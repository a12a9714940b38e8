"""A full disk on the Data page: a sentence that says what to free, nothing in half, and the upload stays."""

import asyncio
import io
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
import streamlit
from faults import FULL_DISK, every_fault
from page_words import english, said
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from uploading import GOOD, put

from app.logs.uploads import add_uploads, uploads
from app.server.uploads import keep_uploads_in_memory
from db.errors import StoreError
from db.importing import background
from db.importing.background import Upload
from db.messages import Term
from db.store import Store

NO_SPACE = Term("system", "No space left on device", "28")


class Sent(io.BytesIO):
    """An upload as Streamlit hands it over."""

    file_id, name, size = "1", "groups.csv", 210_000


def keep(folder):
    """What became of an upload whose copy goes into ``folder``."""
    tempfile.tempdir, streamlit.session_state = folder, {}  # the child has no session
    add_uploads([Sent(b"initiator,item\n" + b"u1,i1\n" * 35_000)])
    (kept,) = uploads()
    problem = kept.problem and (kept.problem.key, kept.problem.values["reason"])
    return problem, kept.source is None, len(list(Path(folder).iterdir()))


@pytest.mark.slow
def test_an_upload_whose_copy_does_not_fit_says_so_and_leaves_no_part_of_itself(tmp_path):
    refused = 0
    for _, ending in every_fault("write", FULL_DISK, lambda: None, keep, str(tmp_path)):
        problem, unusable, left = ending.result
        if problem is not None:
            refused += 1
            assert problem == ("app.upload_not_kept", NO_SPACE)
            assert (unusable, left) == (True, 0)
    assert refused > 1


def start(place, log):
    """Starts an import of ``log``; where it cannot start, why, and the folders of imports that it leaves."""
    root = Path(log).parent
    before = set(root.glob("shop.jobs/import/*"))
    with closing(Store.open(place)) as store:
        try:
            background.start(
                store, [Upload(Path(log), "g.csv")], dry=False, strict=False, force=False
            )
        except StoreError as error:
            left = set(root.glob("shop.jobs/import/*")) - before
            return error.message.key, error.message.values["reason"], len(left)
    return None


@pytest.mark.slow
@pytest.mark.parametrize("call", ["sendfile", "write"])  # the copy, and what to do with it
def test_an_import_whose_files_do_not_fit_says_so_and_leaves_no_part_of_itself(bare, call):
    log = bare.folder / "groups.csv"
    log.write_text(GOOD)
    bare.store().close()
    endings = [
        ending.result
        for _, ending in every_fault(call, FULL_DISK, lambda: None, start, bare.db, str(log))
    ]
    assert endings
    assert all(one == ("db.import.not_started", NO_SPACE, 0) for one in endings if one)
    assert any(endings)


def test_the_page_says_why_an_import_did_not_start_and_keeps_the_upload(visit, bare, monkeypatch):
    def full(*_, **__):
        raise StoreError("db.import.not_started", reason=NO_SPACE)

    page = visit(bare, "data", lang="en")
    put(page, "groups.csv", GOOD)
    monkeypatch.setattr(background, "start", full)
    page.button(key="import").click().run()
    assert english("data.import.failed") in said(page)
    assert "Free some space" in said(page)
    assert english("store.trouble") not in said(page)
    monkeypatch.undo()
    assert not page.button(key="import").disabled
    assert "groups.csv" in said(page)


def test_the_server_keeps_an_upload_in_memory(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    keep_uploads_in_memory()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n'
        + bytes(5_000_000)
        + b"\r\n--x--\r\n"
    )
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]

    async def receive():
        return {"type": "http.request", "body": body}

    async def parsed():
        request = Request({"type": "http", "method": "PUT", "headers": headers}, receive)
        async with request.form() as form:
            return form["f"].size, form["f"].file._rolled

    assert asyncio.run(parsed()) == (5_000_000, False)
