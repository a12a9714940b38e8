"""The server answers for names that it is known by, and changes nothing for a page of another site."""

import asyncio
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.server.door import Door, content_security_policy, known_hosts

OWN = "http://localhost:8501"
FRAMED = (b"x-frame-options", b"ALLOWALL")


async def _server(scope, receive, send):
    """Answers everybody, and lets itself be framed."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": [FRAMED]})
        await send({"type": "http.response.body", "body": b"done"})


class Visitor:
    """Knocks at a door behind which there is a server; it goes by ``more`` names."""

    def __init__(self, more=""):
        self.door = Door(_server, known_hosts(more), content_security_policy(()))

    def ask(self, method="GET", path="/", *, kind="http", **headers):
        """The messages of the answer; ``sec_fetch_site`` is the header Sec-Fetch-Site."""
        given = {"host": "localhost:8501"} | {k.replace("_", "-"): v for k, v in headers.items()}
        raw = [
            (name.encode(), one.encode("latin-1"))
            for name, value in given.items()
            for one in ([value] if isinstance(value, str) else value)
        ]
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {"type": kind, "path": path, "headers": raw, "http_version": "1.1"}
        scope |= {"method": method} if kind == "http" else {"subprotocols": []}
        asyncio.run(self.door(scope, receive, send))
        return sent

    def refused(self, method="GET", path="/", **headers):
        """Why the request is turned away; None where it is answered."""
        start, body = self.ask(method, path, **headers)
        text = body["body"].decode()
        assert (start["status"], text) == (200, "done") or start["status"] == 403
        return None if start["status"] == 200 else text

    def talks(self, **headers):
        """Whether a connection is made."""
        (said,) = self.ask(path="/_stcore/stream", kind="websocket", **headers)
        assert said in ({"type": "websocket.accept"}, {"type": "websocket.close", "code": 1008})
        return said["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LocalHost:80", "127.0.0.1:8501", "[::1]:8501", "localhost."],
)
def test_this_machine_is_known_by_its_own_names(host):
    assert Visitor().refused(host=host) is None
    assert Visitor().talks(host=host, origin=f"http://{host}")


HOSTILE_HOSTS = [
    "evil.example",
    "evil.example:8501",
    "localhost.evil.example",
    "evil.example#localhost",
    "localhost@evil.example",
    "evil.example\\@localhost",
    "localhost:80@evil.example",
    "localhost/evil",
    "localhost:port",
    "127.0.0.1.nip.example",
    "192.168.1.5:8501",
    "0.0.0.0",  # noqa: S104
    "",
]


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
@pytest.mark.parametrize("path", ["/", "/data", "/_stcore/upload_file/a/b", "/media/x.csv"])
def test_a_rebound_name_gets_a_refusal_that_says_what_to_set(host, path):
    for method in ("GET", "PUT"):
        refused = Visitor().refused(method, path, host=host, origin=f"http://{host}")
        assert "MAMGBR_HOSTS" in refused
    assert not Visitor().talks(host=host, origin=f"http://{host}")


@given(st.text(string.ascii_lowercase + string.digits + ".-:@[]/#?\\ %", max_size=30))
def test_no_other_name_opens_the_door(host):
    bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if bare.rstrip(":").removesuffix(".").strip("[]") in ("localhost", "127.0.0.1", "::1"):
        return
    assert Visitor().refused(host=host)


def test_a_request_with_two_names_is_refused():
    assert Visitor().refused(host=["localhost", "evil.example"])
    assert Visitor().refused(host=[])


def test_the_setting_adds_names_with_or_without_a_port_or_a_scheme():
    names = "shop.example, https://b.example:8443 ,,C.example:80"
    assert known_hosts(names) - known_hosts("") == {"shop.example", "b.example", "c.example"}
    for host in ("shop.example", "b.example", "c.example:8501", "localhost"):
        assert Visitor(names).refused(host=host) is None
    assert Visitor(names).refused(host="d.example")
    assert Visitor(names).talks(host="shop.example", origin="https://shop.example")
    assert not Visitor(names).talks(host="localhost:8501", origin="https://shop.example")


HOSTILE_ORIGINS = [
    "http://evil.example",
    "http://localhost:3000",  # another server on this machine
    "http://localhost",
    "http://127.0.0.1:8501",
    "null",
    "http://localhost:8501.evil.example",
    "http://localhost:8501@evil.example",
    "",
]


@pytest.mark.parametrize("origin", HOSTILE_ORIGINS)
def test_nothing_changes_for_a_page_of_another_origin(origin):
    for method in ("POST", "PUT", "DELETE"):
        refused = Visitor().refused(method, "/_stcore/upload_file/a/b", origin=origin)
        assert "another site" in refused
    assert not Visitor().talks(origin=origin)
    assert not Visitor().talks(origin=[OWN, origin])


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_nothing_changes_where_the_browser_says_that_the_page_is_another_sites(site):
    assert Visitor().refused("PUT", sec_fetch_site=site)
    assert not Visitor().talks(origin=OWN, sec_fetch_site=site)


CROSS = {"sec_fetch_site": "cross-site"}


@pytest.mark.parametrize("loaded", ["iframe", "image", "script", "empty", "object"])
def test_a_page_of_another_site_loads_nothing(loaded):
    mode = "navigate" if loaded in ("iframe", "object") else "no-cors"
    assert Visitor().refused(sec_fetch_mode=mode, sec_fetch_dest=loaded, **CROSS)
    assert Visitor().refused(
        path="/auth/logout", sec_fetch_mode=mode, sec_fetch_dest=loaded, **CROSS
    )


def test_a_link_from_another_site_opens_a_page_and_changes_nothing():
    followed = CROSS | {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert Visitor().refused(path="/oauth2callback", **followed) is None
    assert Visitor().refused("POST", origin="http://evil.example", **followed)
    assert not Visitor().talks(origin=OWN, **followed)


def test_its_own_pages_and_programs_change_what_they_like():
    assert Visitor().refused("PUT", origin=OWN, sec_fetch_site="same-origin") is None
    assert Visitor().refused("PUT") is None
    assert Visitor().talks(origin=OWN)
    assert Visitor().talks()


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_no_answer_may_be_framed_sniffed_or_run_what_the_server_does_not_know(host):
    sent = Visitor().ask(host=host)[0]["headers"]
    marks = {name.decode(): value.decode() for name, value in sent}
    assert [value for name, value in sent if name == FRAMED[0]] == [b"DENY"]
    assert marks["x-content-type-options"] == "nosniff"
    policy = dict(rule.split(" ", 1) for rule in marks["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert "http" not in policy["img-src"]
