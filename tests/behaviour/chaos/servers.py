"""Stores that can be killed and started again where they were, and a way to them that can be blocked."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.behaviour.shadow_stage import PATIENCE


class KillablePostgres:
    """A running server of a test's own, taken by its address. What it acknowledged is on disk."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url, autocommit=True) as connection:
            # The servers of tests wait for no disk; of a role it is believed before the command line.
            connection.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = on")
            row = connection.execute("SHOW data_directory").fetchone()
        assert row
        self._data = Path(row[0])
        self._command = shlex.split((self._data / "postmaster.opts").read_text())
        self._process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """As the kernel does that has no memory left."""
        os.kill(int((self._data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def start(self) -> None:
        """Returns once it answers. Its processes may hold on to what they share for a moment after its death: it is tried until it goes."""
        owner = self._data.stat().st_uid if os.getuid() == 0 else None
        until = time.monotonic() + PATIENCE
        while True:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(self._command, cwd="/", user=owner, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=5):
                return
            assert time.monotonic() < until, "the test's Postgres does not start again"
            time.sleep(0.1)

    def end(self) -> None:
        """Kill what was started again here; the first one is its fixture's."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Way:
    """A port that leads to a server. Blocked, it takes everything and hands on nothing, as a network does that swallows packets."""

    def __init__(self, url: str) -> None:
        target = urlsplit(url)
        self._target = (target.hostname, target.port)
        self._open = threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = target._replace(netloc=f"{target.netloc.rpartition(':')[0]}:{self._listener.getsockname()[1]}").geturl()
        threading.Thread(target=self._listen, daemon=True).start()

    def block(self) -> None:
        """From now on nobody who asks gets an answer."""
        self._open.clear()

    def unblock(self) -> None:
        """What was held is handed on."""
        self._open.set()

    def close(self) -> None:
        """No new connections."""
        self._listener.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._open.wait()
        try:
            far = socket.create_connection(self._target)
        except OSError:
            near.close()
            return
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._hand_on, args=(source, sink), daemon=True).start()

    def _hand_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._open.wait()
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
