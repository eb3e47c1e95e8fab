"""A guard around a body that must have no effect outside of its process: what it tries to reach is denied, and noted.

    guard = EgressGuard(allow=["features.internal:443"])
    with guard.watching() as denied:
        body(shadow=True)

The interpreter itself reports what Python code does (`sys.addaudithook`): connections, datagrams, names that are looked up, SMTP, HTTP,
FTP, new processes. What is sent over sockets that were open before is seen by the methods that send.

Not seen, because no Python code does it: sockets of C libraries (libpq below psycopg, librdkafka, grpc, libcurl), uvloop's, what `ctypes`
or `multiprocessing` with `spawn` start, and what is written to the number of an open socket (`os.write`). Nor what the body leaves to a
thread or process that was there before and is no `ThreadPoolExecutor`: the queue of a client for metrics or errors, a pool of processes. A
client that connected before the guard was made may have kept the sending method of then. Use `read_only` for databases; leave `dry_run`
off for bodies that use the others. Files are not guarded.

The guard is of one context: other threads of the process, and other jobs that they run, are free. Threads and tasks that the body begins
are under guard with it until it ends, as is what it hands to a `ThreadPoolExecutor`.
"""

from __future__ import annotations

import concurrent.futures
import functools
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from migrator.shadow.modes.allowing import Allowed, needs_no_name_server


class EgressDenied(PermissionError):  # noqa: N818 - an answer, not a mistake of ours
    """What a body under guard gets to see where it tried to reach something."""


class Denied(msgspec.Struct, frozen=True):
    """One thing that was not let through, and how it was tried: `connect`, `send`, `resolve`, `smtp`, `http`, `ftp`, `process`, …."""

    how: str
    target: str

    def __str__(self) -> str:
        return f"{self.how} {self.target}"


class _Watch:
    """A guard at work."""

    def __init__(self, allowed: Allowed) -> None:
        self.allowed = allowed
        self.denied: list[Denied] = []
        self.working = True

    def deny(self, how: str, target: str) -> None:
        self.denied.append(Denied(how, target))
        raise EgressDenied(f"a dry run may not reach {target} ({how})")


_watch: ContextVar[_Watch | None] = ContextVar("migrator_egress", default=None)
_installing = threading.Lock()
_is_installed = False


class EgressGuard:
    """See the module. `allow`: `HOST`, `HOST:PORT` or `unix:/PATH`. `place`: where they are written, for the message about a wrong one."""

    def __init__(self, allow: Iterable[str] = (), *, place: str = "") -> None:
        self._allowed = Allowed(allow, place=place)
        # Now: a client that keeps a method of its socket at hand (py-amqp) is to keep the one that is looked at.
        _install()

    @contextmanager
    def watching(self) -> Generator[list[Denied]]:
        """Guards the block, and gives the list of what was denied, which grows meanwhile."""
        watch = _Watch(self._allowed)
        token = _watch.set(watch)
        try:
            yield watch.denied
        finally:
            # What the body began and left behind may be used by others later.
            watch.working = False
            _watch.reset(token)


def _install() -> None:
    """Hooks cannot be taken out again: they are put in when the first guard is made, and do nothing where none is at work."""
    global _is_installed
    with _installing:
        if _is_installed:
            return
        _is_installed = True
        sys.addaudithook(_audit)
        for name in ("send", "sendall", "sendmsg", "sendfile"):
            setattr(socket.socket, name, _looked_at(getattr(socket.socket, name)))
        for name in ("send", "sendall", "sendfile", "write"):
            setattr(ssl.SSLSocket, name, _looked_at(getattr(ssl.SSLSocket, name)))
        for kind, name, around in (
            (threading.Thread, "start", _started),
            (concurrent.futures.ThreadPoolExecutor, "submit", _submitted),
        ):
            setattr(kind, name, around(getattr(kind, name)))


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if (watch := _working()) is not None and (judge := _JUDGES.get(event)) is not None:
        judge(watch, args)


def _address(how: str, position: int) -> Callable[[_Watch, tuple[Any, ...]], None]:
    return lambda watch, args: _reach(watch, how, args[position]) if args[position] is not None else None


def _host(how: str) -> Callable[[_Watch, tuple[Any, ...]], None]:
    def judge(watch: _Watch, args: tuple[Any, ...]) -> None:
        host, port = _text(args[1]), args[2]
        if not watch.allowed.host(host, port):
            watch.deny(how, f"{host}:{port}")

    return judge


def _name(watch: _Watch, args: tuple[Any, ...]) -> None:
    host = _text(args[0][0] if isinstance(args[0], tuple) else args[0])
    if not (needs_no_name_server(host) or watch.allowed.host(host, None)):
        watch.deny("resolve", host)


def _process(watch: _Watch, args: tuple[Any, ...]) -> None:
    watch.deny("process", _text(args[0]) if args else "a fork of this one")


def _http_send(watch: _Watch, args: tuple[Any, ...]) -> None:
    connection = args[0]
    if not watch.allowed.host(_text(connection.host), connection.port):
        watch.deny("http", f"{connection.host}:{connection.port}")


def _smtp_send(watch: _Watch, args: tuple[Any, ...]) -> None:
    if (open_socket := getattr(args[0], "sock", None)) is not None:
        _reach(watch, "smtp", open_socket.getpeername())


_JUDGES: dict[str, Callable[[_Watch, tuple[Any, ...]], None]] = {
    "socket.connect": _address("connect", 1),
    "socket.sendto": _address("send", 1),
    "socket.sendmsg": _address("send", 1),
    "socket.getaddrinfo": _name,
    "socket.gethostbyname": _name,
    "socket.gethostbyaddr": _name,
    "socket.getnameinfo": _name,
    "smtplib.connect": _host("smtp"),
    "smtplib.send": _smtp_send,
    "http.client.connect": _host("http"),
    "http.client.send": _http_send,
    "ftplib.connect": _host("ftp"),
    "imaplib.open": _host("imap"),
    "poplib.connect": _host("pop"),
    **dict.fromkeys(
        ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"), _process
    ),
}


def _reach(watch: _Watch, how: str, address: Any) -> None:
    if isinstance(address, tuple) and len(address) >= 2:
        host, port = _text(address[0]), address[1]
        if not watch.allowed.host(host, port):
            watch.deny(how, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        return
    path = _text(address)
    if path and not watch.allowed.path(path):  # without a name: a pair of sockets within the process
        watch.deny(how, f"unix:{path}")


def _looked_at(send: Callable[..., Any]) -> Callable[..., Any]:
    """A method that sends over a socket, which asks the guard before."""

    @functools.wraps(send)
    def sending(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
        if (watch := _working()) is not None and (peer := _peer(self)) is not None:
            _reach(watch, "send", peer)
        return send(self, *args, **kwargs)

    return sending


def _peer(open_socket: socket.socket) -> Any:
    """Where it is connected to; None where it is not: then the audit hook has a look, or it fails by itself."""
    try:
        return open_socket.getpeername()
    except OSError:
        return None


def _started(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @functools.wraps(start)
    def starting(self: threading.Thread) -> None:
        if (watch := _working()) is not None:
            self.run = functools.partial(_under, watch, self.run)
        start(self)

    return starting


def _submitted(submit: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(submit)
    def submitting(self: concurrent.futures.ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if (watch := _working()) is None:
            return submit(self, work, *args, **kwargs)
        # The work is under guard; the thread that may be started for it is everybody's.
        return _under(None, submit, self, functools.partial(_under, watch, work), *args, **kwargs)

    return submitting


def _under(watch: _Watch | None, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    token = _watch.set(watch)
    try:
        return work(*args, **kwargs)
    finally:
        _watch.reset(token)


def _working() -> _Watch | None:
    watch = _watch.get()
    return watch if watch is not None and watch.working else None


def _text(value: Any) -> str:
    return "" if value is None else value.decode(errors="replace") if isinstance(value, bytes) else str(value)
