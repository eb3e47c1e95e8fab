"""Inngest for tests: the double of the server in real time, and an application on either SDK in a process of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.servers import node
from migrator.shadow.config.experiment import Worker
from migrator.shadow.run.workers import RunningWorker, stop_all
from tests.behaviour.qstash_stage import free_port
from tests.behaviour.shadow_stage import WORKER
from tests.doubles.inngest.live import LiveInngest
from tests.doubles.inngest.sdk import SdkError
from tests.fixtures.articles import installed


def application_worker(server: LiveInngest, port: int, folder: Path, *, language: str = "python") -> Worker:
    """How the application is started."""
    env = {**server.environment(), "EFFECTS": str(folder / "effects"), "PYTHONPATH": str(WORKER.parent)}
    if language == "python":
        return Worker(command=(sys.executable, str(WORKER.parent / "inngest_jobs.py"), str(port)), ready="up", env=env)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(installed() / "node_modules")
        (folder / "inngest_jobs.mjs").write_bytes((WORKER.parent / "inngest_jobs.mjs").read_bytes())
    return Worker(command=("node", "inngest_jobs.mjs", str(port)), ready="up", env=env)


def register(server: LiveInngest, port: int) -> None:
    """Have the application make itself known, as soon as it listens."""
    until = time.monotonic() + 60
    while True:
        try:
            server.register(f"http://127.0.0.1:{port}/api/inngest")
        except SdkError:
            assert time.monotonic() < until, "the application does not register"
            time.sleep(0.05)
        else:
            return


@contextmanager
def application(server: LiveInngest, folder: Path, *, language: str = "python", port: int = 0, **env: str) -> Generator[RunningWorker]:
    """The application, ready and registered; stopped afterwards."""
    port = port or free_port()
    spec = application_worker(server, port, folder, language=language)
    environ = {**(os.environ if language == "python" else node().environment()), **env}
    running = RunningWorker("inngest", spec, folder=folder, log=folder / f"{language}.log", environ=environ, grace=2)
    try:
        running.wait_ready()
        register(server, port)
        yield running
    finally:
        stop_all([running])
