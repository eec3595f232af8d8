"""The guard before every page: the right host, no foreign site behind a form, the headers that browsers obey."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings.loopback import is_loopback

MOST_BYTES = 2_000_000  # of a form with a file in it
MOST_CHARACTERS = 1_000  # of a path: no page has a longer one
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
OPEN_TO_MONITORS = ("/healthz", "/readyz")  # they ask by number, not by name
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make the Origin of our own forms null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class Guard:
    """ASGI middleware. `address`: the public address, `prefix`: what a proxy puts before each path, and may leave out
    again, `cookie`: the name of the session's cookie."""

    def __init__(self, app: ASGIApp, address: str, prefix: str, cookie: str) -> None:
        self.app = app
        self._prefix = prefix
        self._cookie = f"{cookie}="
        self._https = address.startswith("https://")
        self._origins = set(_origins(address))
        self._hosts = {urlsplit(origin).netloc for origin in self._origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in (HEADERS | (HTTPS if self._https else {})).items():
                    found.setdefault(name, value)
            await send(message)

        if refusal := self._refusal(scope, headers):
            await refusal(scope, receive, guarded)
            return
        # The server leaves out the body of the answer to HEAD.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self.app({**scope, "method": method, "root_path": self._prefix}, _bounded(receive), guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        method, path = scope["method"], scope["path"]
        if (
            headers.get("host", "").lower() not in self._hosts
            and path.removeprefix(self._prefix) not in OPEN_TO_MONITORS
        ):
            return PlainTextResponse("421 Misdirected Request: this host is not served here.\n", 421)
        if len(path) > MOST_CHARACTERS or "\0" in path or b"%00" in scope["query_string"]:  # no database keeps a NUL
            return PlainTextResponse("400 Bad Request: no page has such an address.\n", 400)
        if method in CHANGES and self._is_foreign(headers):
            return PlainTextResponse("403 Forbidden: the form was sent by another site.\n", 403)
        if not headers.get("content-length", "0").isdecimal() or int(headers.get("content-length", "0")) > MOST_BYTES:
            return PlainTextResponse("413 Content Too Large\n", 413)
        return None

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether another site has sent the form. Fetch metadata tell, where the browser sends them (not over http),
        otherwise the origin; a request with neither is a program's, and has no session to misuse."""
        if site := headers.get("sec-fetch-site"):
            return site not in ("same-origin", "none")
        if origin := headers.get("origin"):
            return origin not in self._origins
        return self._cookie in headers.get("cookie", "")


def _bounded(receive: Receive) -> Receive:
    """The same, with an end to a body that does not tell its length."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise HTTPException(413)
        return message

    return bounded


def _origins(address: str) -> Iterable[str]:
    """The address, and where it is this machine the other ways to write it. No stranger can take those names."""
    yield address.lower()
    found = urlsplit(address)
    if is_loopback(found.hostname or ""):
        port = f":{found.port}" if found.port else ""
        yield from (f"{found.scheme}://{host}{port}" for host in ("127.0.0.1", "localhost", "[::1]"))
