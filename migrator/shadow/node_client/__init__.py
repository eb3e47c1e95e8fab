"""Jobs put by the application's own package of Node, where Python has no client of the system, or of that version of it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

import msgspec

from migrator.errors import MigratorError
from migrator.servers import node
from migrator.shadow.drivers.interface import EnqueueRefused, StoreDown, Target

PROGRAM = Path(__file__).with_name("enqueue.cjs")
#: seconds that Node has for loading the package
START = 20.0


class NodeClient:
    """One Node process that puts jobs into one queue; started when it is first needed, and anew after it failed, or in a forked child.

    `package` is looked for from `folder`, as a module of the application there would.
    """

    def __init__(self, package: str, *, folder: str, queue: str, prefix: str, address: str, name: str, timeout: float) -> None:
        self._package, self._folder = package, folder
        self._command = [str(PROGRAM), package, folder, queue, prefix]
        self._address, self._name, self._timeout = address, name, timeout
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._owner = 0
        self._ready = False
        self._read = b""

    def start(self) -> None:
        """Begin to start, without waiting. Raises MigratorError where there is no Node."""
        with self._lock:
            self._start()

    def add(self, job: str, data: dict[str, Any], options: dict[str, Any]) -> str:
        """Put a job into the queue; returns its id.

        Raises:
            EnqueueRefused: the client or the store said no.
            StoreDown: nobody answered in time, or it was for the store that nobody did.
            MigratorError: there is no such package in the folder, or no Node.
        """
        return self._ask({"job": job, "data": data, "options": options})["id"]

    def remove(self, job_id: str) -> None:
        """Take away what the client keeps of a job. Raises as `add` does."""
        self._ask({"remove": job_id})

    def workers(self) -> int:
        """Connections of workers of the queue, as the client counts them: Bull's workers have several. Raises as `add` does."""
        return self._ask({"workers": True})["workers"]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._start()
            self._wait_ready()
            self._write(msgspec.json.encode(request) + b"\n")
            answer = self._answer(self._timeout)
            if "error" not in answer:
                return answer
            if answer.get("refused"):
                raise EnqueueRefused(answer["error"])
            # What it still holds would be put later, behind our back.
            self._end()
            raise StoreDown(answer["error"])

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._owner == os.getpid():
                self._end()

    def _start(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            if self._process.poll() is None:
                return
            self._end()
        runtime = node()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self._process = subprocess.Popen(
            [str(runtime.executable), *self._command],
            env=runtime.environment({"MIGRATOR_STORE": self._address}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            process_group=0,  # Ctrl-C is for us to hear
        )
        self._owner, self._ready, self._read = os.getpid(), False, b""

    def _wait_ready(self) -> None:
        if self._ready:
            return
        answer = self._answer(START)
        if not answer.get("ready"):
            self._end()
            missing = (
                f"there is no package {self._package} in {self._folder}" if answer.get("missing") else f"{self._package} cannot be used"
            )
            remedy = "Set `folder` to the folder of the application that has it in its node_modules."
            raise MigratorError(f"{missing}: {answer.get('error')}", place=self._name, remedy=remedy)
        self._ready = True

    def _write(self, line: bytes) -> None:
        pipe = self._process.stdin if self._process else None
        try:
            if pipe:
                pipe.write(line)
                pipe.flush()
        except OSError as error:
            self._end()
            raise StoreDown(f"the Node process of {self._package} is gone") from error

    def _answer(self, seconds: float) -> dict[str, Any]:
        pipe = self._process.stdout if self._process else None
        until = time.monotonic() + seconds
        while pipe and b"\n" not in self._read:
            ready = select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]
            if not ready:
                self._end()
                raise StoreDown(f"no answer within {seconds:g} s")
            some = os.read(pipe.fileno(), 65536)
            if not some:
                said = self._last_words()
                self._end()
                raise StoreDown(f"the Node process of {self._package} ended{said}")
            self._read += some
        line, _, self._read = self._read.partition(b"\n")
        return msgspec.json.decode(line)

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._errors):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()
        self._process, self._read = None, b""


def node_client(package: str, target: Target, *, folder: str, prefix: str) -> NodeClient:
    """The client of an arm's queue; `folder` is the application's, from the experiment file on."""
    found = str(Path(target.folder) / folder)
    return NodeClient(
        package, folder=found, queue=target.queue, prefix=prefix, address=target.address, name=target.name, timeout=target.timeout
    )
