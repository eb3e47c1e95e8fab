"""A Redis of a test's own that can be killed and started again where it was, with what it had written down."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import redis

from migrator.servers.places import HERE
from migrator.servers.redis import _program


class KillableRedis:
    """Listens on a port of its own on this machine; keeps its data in `folder`, unless it is `forgetful`.

    `env`: what is added to its environment.
    """

    def __init__(self, folder: Path, *, forgetful: bool = False, env: Mapping[str, str] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder, self._forgetful, self._environ = folder, forgetful, {**os.environ, **(env or {})}
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        settings = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        settings += ["--appendonly", "no" if self._forgetful else "yes"]
        self._process = subprocess.Popen([_program(HERE), *settings], stdout=subprocess.DEVNULL, env=self._environ)
        until = time.monotonic() + 60
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    if client.ping():
                        return
                except redis.ConnectionError:
                    assert time.monotonic() < until, "the test's Redis does not start"
                    time.sleep(0.02)

    def kill(self) -> None:
        """As a machine that loses its power does, but for what is in the kernel's hands."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self, *, thaw: bool = False) -> None:
        """It answers nobody, and keeps every connection; or goes on, with all that it was sent meanwhile."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT if thaw else signal.SIGSTOP)
