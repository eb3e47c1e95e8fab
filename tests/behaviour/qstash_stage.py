"""QStash for tests: the double of the service, and an endpoint in a process of its own."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from migrator.shadow.config.experiment import Worker
from migrator.shadow.run.workers import RunningWorker, stop_all
from tests.behaviour.shadow_stage import WORKER
from tests.doubles.qstash import QStashDouble


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def endpoint_worker(service: QStashDouble, port: int) -> Worker:
    """How the endpoint is started."""
    env = {**service.environment(), "PYTHONPATH": str(WORKER.parent)}
    return Worker(command=(sys.executable, str(WORKER.parent / "qstash_jobs.py"), str(port)), ready="up", env=env)


@contextmanager
def endpoint(service: QStashDouble, port: int, folder: Path, **env: str) -> Generator[RunningWorker]:
    """The endpoint, ready; stopped afterwards."""
    spec = endpoint_worker(service, port)
    environ = {**os.environ, "EFFECTS": str(folder / "effects"), **env}
    running = RunningWorker("qstash", spec, folder=folder, log=folder / "qstash.log", environ=environ, grace=2)
    try:
        running.wait_ready()
        yield running
    finally:
        stop_all([running])
