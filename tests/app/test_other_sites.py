"""The real server, ``streamlit run app``: what other sites try on it through a visitor's browser."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from browsing import browser, served
from whole_shop import shop_in

PATHS = ("/", "/data", "/_stcore/health", "/_stcore/host-config", "/static/js/index.js")
KNOCK = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
SWITCHED = 101


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of the app over an empty shop; no other name is known."""
    folder = tmp_path_factory.mktemp("door")
    with served(shop_in(folder).environment, folder / "log") as url:
        yield url


def ask(server, path, method="GET", body=None, **headers):
    """The status and the headers of the server's answer."""
    address = urlsplit(server)
    line = http.client.HTTPConnection("localhost", address.port, timeout=60)
    try:
        line.request(method, path, body, {"Host": address.netloc} | headers)
        answer = line.getresponse()
        return answer.status, answer.headers
    finally:
        line.close()


@pytest.mark.slow
def test_under_a_rebound_name_no_page_file_connection_or_upload_is_to_be_had(server):
    rebound = {"Host": f"evil.example:{urlsplit(server).port}"}
    rebound["Origin"] = "http://" + rebound["Host"]
    for path in (*PATHS, "/media/list.csv"):
        assert ask(server, path, **rebound)[0] == 403
    assert ask(server, "/_stcore/upload_file/a/b", "PUT", b"x", **rebound)[0] == 403
    assert ask(server, "/_stcore/agent/interact", "POST", b"{}", **rebound)[0] == 403
    assert ask(server, "/_stcore/stream", **KNOCK, **rebound)[0] == 403
    assert ask(server, "/")[0] == 200


@pytest.mark.slow
def test_a_page_of_another_origin_gets_no_connection_and_uploads_nothing(server):
    for origin in ("http://evil.example", "http://localhost:1", "null"):
        assert ask(server, "/_stcore/stream", **KNOCK, Origin=origin)[0] == 403
        upload = ask(server, "/_stcore/upload_file/a/b", "PUT", b"x", Origin=origin)
        assert upload[0] == 403
    assert ask(server, "/_stcore/stream", **KNOCK, Origin=server)[0] == SWITCHED


@pytest.mark.slow
def test_every_answer_forbids_frames_and_foreign_content(server):
    for path in PATHS:
        _, marks = ask(server, path)
        assert marks["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in marks["Content-Security-Policy"]
        assert "unsafe-eval" not in marks["Content-Security-Policy"]
        assert marks["Access-Control-Allow-Origin"] is None


@contextmanager
def other_site(content: str) -> Iterator[str]:
    """Another site on this machine, whose only page has this content."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = content.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Says nothing."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        site.server_close()


ATTACK = """
<iframe src="%(server)s/retrain"></iframe>
<script>
const tried = {}
const stream = new WebSocket("%(stream)s/_stcore/stream", ["streamlit"])
stream.onopen = () => { tried.stream = "open" }
stream.onerror = () => { tried.stream = "refused" }
fetch("%(server)s/_stcore/upload_file/a/b", {method: "POST", mode: "no-cors", body: "x"})
  .then(() => { tried.sent = "sent" }, () => { tried.sent = "refused" })
fetch("%(server)s/").then(() => { tried.read = "read" }, () => { tried.read = "refused" })
document.querySelector("iframe").onload = () => { tried.frame = "done" }
</script>
"""


@pytest.mark.browser
def test_in_a_browser_another_site_frames_nothing_reads_nothing_and_opens_no_connection(
    needs_chromium, server
):
    content = ATTACK % {"server": server, "stream": server.replace("http", "ws", 1)}
    with other_site(content) as site, browser() as opened:
        page = opened.new_page()
        page.goto(site)
        page.wait_for_function("() => tried.stream && tried.read && tried.sent && tried.frame")
        tried = json.loads(page.evaluate("() => JSON.stringify(tried)"))
        assert (tried["stream"], tried["read"]) == ("refused", "refused")
        inside = next(frame for frame in page.frames if frame != page.main_frame)
        assert inside.locator("[data-testid='stApp']").count() == 0
        assert inside.locator("#root").count() == 0
