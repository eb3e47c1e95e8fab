"""What a guarded body may reach: a list of `HOST`, `HOST:PORT` and `unix:/PATH`."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from migrator.errors import MigratorError

_ANY = 0


class Allowed:
    """Names are looked up once, when this is made: a body under guard asks no name server."""

    def __init__(self, entries: Iterable[str], *, place: str = "") -> None:
        self._hosts: set[tuple[str, int]] = set()
        self._paths: set[str] = set()
        for entry in entries:
            if entry.startswith("unix:"):
                self._paths.add(entry.removeprefix("unix:"))
                continue
            host, port = _parted(entry, place)
            self._hosts.add((host, port))
            self._hosts.update((address, port) for address in _addresses(host))

    def host(self, host: str, port: int | None) -> bool:
        """May this port be reached? `port` None: is anything there allowed?"""
        plain = host.partition("%")[0].rstrip(".").lower()
        if port is None:
            return any(allowed == plain for allowed, _ in self._hosts)
        return (plain, port) in self._hosts or (plain, _ANY) in self._hosts

    def path(self, path: str) -> bool:
        """May this Unix socket be reached?"""
        return path in self._paths


def needs_no_name_server(host: str) -> bool:
    """It is a number already, or this machine.

    >>> needs_no_name_server("127.0.0.1"), needs_no_name_server("fe80::1%eth0"), needs_no_name_server("example.com")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host in ("", "localhost")
    return True


def _parted(entry: str, place: str) -> tuple[str, int]:
    bare = entry.removeprefix("[")
    host, found, port = bare.rpartition("]:") if bare != entry else entry.rpartition(":")
    if not found or (bare == entry and ":" in host):  # no port, or an IPv6 address without brackets
        host, port = bare.removesuffix("]"), str(_ANY)
    if not host or not port.isdigit() or int(port) > 65535:
        raise MigratorError(f"`{entry}` is nothing that can be reached", place=place, remedy="Write HOST, HOST:PORT or unix:/PATH.")
    return host.rstrip(".").lower(), int(port)


def _addresses(host: str) -> set[str]:
    try:
        return {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return set()  # nothing to be reached by that name; the name itself stays allowed
