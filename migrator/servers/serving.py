"""Starting a server of our own and waiting until it answers: the part that is the same for every kind."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import MigratorError
from migrator.servers.account import Account
from migrator.servers.guarded import Guarded, NotReadyError

#: How many ports are tried: between the look for a free one and the server's own bind another process may take it.
PORTS = 5


@dataclass(frozen=True)
class Kind:
    """What has to be known about one kind of server."""

    name: str
    #: Starts it in the guarded folder on a port, and returns its address. A fresh password in it proves that whoever answers is ours.
    start: Callable[[Guarded, int], str]
    #: Why nothing answers at an address; None when the server does.
    refusal: Callable[[str], str | None]
    remedy: str


@contextmanager
def serving(kind: Kind, program: Path, *, account: Account | None = None, deadline: float) -> Generator[str]:
    """Yields the address of a server that answers, and has it gone afterwards.

    Raises MigratorError, with the end of the server's log, when it ends early or does not answer within `deadline` seconds.
    """
    for ports_left in reversed(range(PORTS)):
        with Guarded(kind.name.lower(), account) as guarded:
            url = kind.start(guarded, _free_port())
            try:
                guarded.wait(lambda url=url: kind.refusal(url), deadline)
            except NotReadyError as error:
                if ports_left and "in use" in error.log:
                    continue
                raise MigratorError(f"{kind.name} did not start: {error.cause}", place=str(program), remedy=kind.remedy) from None
            yield url
            return


def _free_port() -> int:
    """A TCP port on loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
