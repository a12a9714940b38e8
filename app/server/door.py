"""The door of the server: whom it answers, and what a browser may do with the answer.

A page of another site can make a visitor's browser send anything to this server. Three ways lead in, and each is shut
for every path, the pages' connection, uploads and downloads included:

- The site points a name of its own at this machine (DNS rebinding), and its scripts are then of the same origin. So a
  request is answered only where its ``Host`` is a name that the server is known by.
- It opens the pages' connection, sends a form or loads a file across origins. So whatever is not a link that somebody
  follows has to come from the origin that it goes to.
- It draws the app in a frame and lets its visitor click on what lies beneath. So no answer may be framed.

What a page runs and loads is limited too (``content_security_policy``): a name out of an uploaded file that became
markup after all could neither run nor call anybody.
"""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
READS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY_VIOLATION = 1008  # what a refused connection is closed with

NOT_THIS_HOST = (
    "This server is not known by the name in the address. Open it as http://localhost:PORT, or add the name to the "
    "setting MAMGBR_HOSTS and start the server again.\n"
)
NOT_THIS_ORIGIN = "This request comes from a page of another site, so it is not answered.\n"


def known_hosts(more: str) -> frozenset[str]:
    """The names that the server goes by: this machine's own, and ``more``, comma-separated; ports do not matter."""
    named = (_host_of(entry.strip().rpartition("://")[2]) for entry in more.split(","))
    return LOCAL | {host for host in named if host}


class Door:
    """ASGI middleware that turns away what comes for an unknown host or from another site, and marks every answer."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], policy: str) -> None:
        self._app, self._hosts = app, frozenset(hosts)
        self._marks = {
            "Content-Security-Policy": policy,
            "X-Frame-Options": "DENY",  # for browsers older than the policy's frame-ancestors
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",  # an address holds ids of the shop
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers an ASGI request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._marks.items():
                    headers[name] = value
            await send(message)

        answer = self._app if refusal is None else PlainTextResponse(refusal, status_code=403)
        await answer(scope, receive, marked)

    def _refusal(self, scope: Scope) -> str | None:
        """Why a request is turned away; None where it is not."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _host_of(hosts[0]) not in self._hosts:
            return NOT_THIS_HOST
        changes = scope["type"] == "websocket" or scope["method"] not in READS
        if not (_is_own(headers, hosts[0]) or (not changes and _opens_a_page(headers))):
            return NOT_THIS_ORIGIN
        return None


def _is_own(headers: Headers, host: str) -> bool:
    """Whether a request comes from a page of this server, or from no page at all."""
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    # Browsers say where a change or a connection comes from; what says nothing acts for no site.
    origins = headers.getlist("origin")
    return not origins or (len(origins) == 1 and urlsplit(origins[0]).netloc == host)


def _opens_a_page(headers: Headers) -> bool:
    """Whether somebody follows a link from another site, which shows the page to them and not to the site."""
    return (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def _host_of(authority: str) -> str | None:
    """The host in ``host:port``, in lower case and without brackets; None where there is none or more than that."""
    try:
        parts = urlsplit(f"//{authority}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    if parts.netloc != authority or "@" in authority or parts.hostname is None:
        return None
    return parts.hostname.removesuffix(".")


def content_security_policy(scripts: Iterable[str]) -> str:
    """The policy for every answer; besides the server's own files, only these inline ``scripts`` run.

    ``scripts`` are hashes as in ``script-src``. Styles stay open, because Streamlit writes them into the page; images
    may be part of the page (``data:``) but come from no other server.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(("'self'", *scripts)),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "media-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
