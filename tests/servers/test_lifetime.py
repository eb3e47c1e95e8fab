"""Servers end with the process that started them, however it ends, and leave nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

pytestmark = pytest.mark.behaviour

#: Starts both servers, says where they are, and then does what it is told on standard input.
HOLDER = """
import json, os, sys, time
import psycopg, redis
from migrator.servers import servers

with servers() as running:
    with psycopg.connect(running.postgres) as connection:
        folder = connection.execute("SHOW data_directory").fetchone()[0]
        number = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()[0].split()[0]
    info = redis.Redis.from_url(running.redis)
    print(json.dumps({
        "postgres": {"url": running.postgres, "pid": int(number), "folder": os.path.dirname(folder)},
        "redis": {"url": running.redis, "pid": info.info()["process_id"], "folder": info.config_get("dir")["dir"]},
    }), flush=True)
    order = sys.stdin.readline().strip()
    if order == "fail":
        raise RuntimeError("as asked")
    if order == "fork":
        # The child has a copy of every pipe and outlives its parent.
        if child := os.fork():
            print(child, flush=True)
        time.sleep(1000)
    if order == "exit":
        os._exit(7)
"""


@dataclass
class Started:
    """One server of the holder."""

    url: str
    pid: int
    folder: str

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 0)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def runs(self) -> bool:
        try:
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def guard(self) -> int:
        """The process above the server."""
        return psutil.Process(self.pid).ppid()


@dataclass
class Holder:
    """A process that holds servers."""

    process: subprocess.Popen[str]
    servers: list[Started]

    def order(self, what: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()


@contextmanager
def holder(*before: str, **environ: str) -> Iterator[Holder]:
    process = subprocess.Popen(
        [*before, sys.executable, "-c", HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
    )
    assert process.stdout
    try:
        yield Holder(process, [Started(**said) for said in json.loads(process.stdout.readline()).values()])
    finally:
        process.kill()
        process.communicate()


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether the condition holds at last; how soon it does is not a matter of these tests."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def nothing_left(started: Started) -> None:
    assert eventually(lambda: not started.listens()), f"{started.url} still listens"
    assert eventually(lambda: not started.runs()), f"{started.url} still runs"
    assert eventually(lambda: not Path(started.folder).exists()), f"{started.folder} is still there"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", started.port))


def test_while_the_block_runs_both_servers_do() -> None:
    with holder() as held:
        assert [started.listens() and started.runs() and Path(started.folder).is_dir() for started in held.servers] == [True, True]


@pytest.mark.parametrize(("order", "status"), [("go", 0), ("fail", 1), ("exit", 7)])
def test_gone_after_the_block(order: str, status: int) -> None:
    with holder() as held:
        held.order(order)
        assert held.process.wait(60) == status
        if order != "exit":
            assert not any(started.listens() or Path(started.folder).exists() for started in held.servers), (
                "the block ended before they did"
            )
        for started in held.servers:
            nothing_left(started)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name)
def test_gone_when_the_process_is_ended_by(number: signal.Signals) -> None:
    with holder() as held:
        held.process.send_signal(number)
        assert held.process.wait(60) != 0
        for started in held.servers:
            nothing_left(started)


def test_gone_when_the_process_is_killed_and_a_child_of_it_still_holds_the_pipe() -> None:
    with holder() as held:
        held.order("fork")
        assert held.process.stdout
        child = int(held.process.stdout.readline())
        held.process.kill()
        try:
            for started in held.servers:
                nothing_left(started)
            os.kill(child, 0)
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_signal_to_the_whole_process_group_leaves_the_cleaning_up_to_the_guard() -> None:
    with holder("setsid") as held:
        os.killpg(held.process.pid, signal.SIGINT)
        for started in held.servers:
            nothing_left(started)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_servers_end_with_their_guards() -> None:
    with holder() as held:
        for started in held.servers:
            os.kill(started.guard(), signal.SIGKILL)
            assert eventually(lambda started=started: not started.listens())
            # Nobody is left to clean up after a guard.
            shutil.rmtree(started.folder, ignore_errors=True)


def test_as_an_ordinary_user() -> None:
    """For root, an account without rights except to read files: the interpreter of this test may stand in root's home."""
    before: list[str] = []
    if os.geteuid() == 0:
        before = ["setpriv", "--reuid=nobody", "--clear-groups", "--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search"]
    with holder(*before) as held:
        owners = {Path(started.folder).stat().st_uid for started in held.servers}
        assert 0 not in owners
        held.order("go")
        assert held.process.wait(60) == 0
        for started in held.servers:
            nothing_left(started)


def test_with_a_folder_for_temporary_files_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with holder(TMPDIR=str(tmp_path)) as held:
        held.order("go")
        assert held.process.wait(60) == 0
    assert list(tmp_path.iterdir()) == []
