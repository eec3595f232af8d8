"""The web server: uvicorn in a thread of its own, so that it runs alone or beside the daemon."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn

from wheel.app import App
from wheel.errors import ArshjulError
from wheel.web.application import application
from workflows.messages import N_

GRACE_SECONDS = 5  # for pages in hand when the service is told to stop


class CannotListen(ArshjulError):
    """The address is not ours, or another program has it."""

    kind = "faulty"


@contextmanager
def serving(app: App, stop: threading.Event) -> Iterator[str]:
    """Serve the pages meanwhile. Gives the address that people write in the browser, with the prefix of the path.

    `stop` is set if the server ends by itself. Raises CannotListen.
    """
    web = app.settings.web
    with closing(_listener(web.host, web.port, web.listen)) as listener:
        host = f"[{web.host}]" if ":" in web.host else web.host
        address = web.address or f"http://{host}:{listener.getsockname()[1]}"
        server = _server(app, address)
        thread = threading.Thread(target=_run, args=(server, listener, stop), name="web")
        thread.start()
        try:
            yield address + web.path_prefix
        finally:
            server.should_exit = True
            thread.join()


def _server(app: App, address: str) -> uvicorn.Server:
    config = uvicorn.Config(
        application(app, address),
        access_log=False,  # the addresses hold tokens
        log_config=None,
        server_header=False,
        proxy_headers=bool(app.settings.web.trusted_proxies),
        forwarded_allow_ips=app.settings.web.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _run(server: uvicorn.Server, listener: socket.socket, stop: threading.Event) -> None:
    try:
        server.run(sockets=[listener])
    finally:
        stop.set()


def _listener(host: str, port: int, listen: str) -> socket.socket:
    """The socket, taken before anything else begins, so that a fault is told at once."""
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(where[:2], family=family, reuse_port=False)
    except OSError as error:
        text = N_("The pages cannot be served at {listen}: {why}. Choose another address: listen under [web].")
        raise CannotListen(text, listen=listen, why=os.strerror(error.errno) if error.errno else error) from None
