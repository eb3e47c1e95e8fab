"""Workers on their leash: ready when they say so, gone when they are to be, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.shadow.config.experiment import Worker
from migrator.shadow.run.workers import RunningWorker, stop_all

PATIENCE = 60.0


def start(tmp_path: Path, program: str, *, grace: float = 5.0, ready_timeout: float = PATIENCE) -> RunningWorker:
    spec = Worker(command=(sys.executable, "-u", "-c", program), ready="up", ready_timeout=ready_timeout, env={"WORD": "up"})
    return RunningWorker("new", spec, folder=tmp_path, log=tmp_path / "logs" / "new.log", environ=dict(os.environ), grace=grace)


def gone(pid: int) -> bool:
    """Whether a process ends within the patience of this test."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_ready_then_stopped_in_good_order(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('tidied'), sys.exit(0)))\n"
        "print(os.environ['WORD'])\n"
        "time.sleep(100)"
    )
    worker = start(tmp_path, program)
    worker.wait_ready()
    assert worker.ended() is None
    stop_all([worker])
    assert worker.log.read_text() == "up\ntidied\n"


def test_one_that_does_not_listen_is_made_to_end_with_everything_it_started(tmp_path: Path) -> None:
    program = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "deaf = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        "time.sleep(0.3)\n"
        "print(child.pid, 'up')\n"
        "time.sleep(40)\n"
        "print('slept out')"
    )
    worker = start(tmp_path, program, grace=0.3)
    worker.wait_ready()
    stop_all([worker])
    assert "slept out" not in worker.log.read_text()
    assert gone(int(worker.log.read_text().split()[0]))


def test_one_that_knows_nothing_of_signals_ends_at_once(tmp_path: Path) -> None:
    worker = start(tmp_path, "import time; print('up'); time.sleep(30); print('slept out')", grace=60)
    worker.wait_ready()
    stop_all([worker])
    assert worker.log.read_text() == "up\n"


def test_one_that_dies_is_noticed_with_what_it_said(tmp_path: Path) -> None:
    worker = start(tmp_path, "import sys; print('up'); sys.exit('no database')")
    worker.wait_ready()
    worker.wait()
    ended = worker.ended()
    assert ended is not None
    assert ended.status == 1
    assert "ended with status 1" in ended.sentence()
    assert "no database" in ended.sentence()
    killed = start(tmp_path, "import os; print('up'); os.kill(os.getpid(), 9)")
    killed.wait()
    ended = killed.ended()
    assert ended is not None
    assert "was ended by signal 9" in ended.sentence()


def test_one_that_is_never_ready(tmp_path: Path) -> None:
    worker = start(tmp_path, "import time; print('starting'); time.sleep(100)", ready_timeout=4.0)
    with pytest.raises(MigratorError, match=r"did not say 'up' within 4 s; it said last:\n  \| starting"):
        worker.wait_ready()
    stop_all([worker])


def test_one_that_ends_before_it_is_ready(tmp_path: Path) -> None:
    worker = start(tmp_path, "raise SystemExit('cannot find the queue')")
    with pytest.raises(MigratorError, match=r"(?s)arm new: its worker ended with status 1.*cannot find the queue.*new\.log"):
        worker.wait_ready()


def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    spec = Worker(command=("no-such-program-here",), ready="up")
    worker = RunningWorker("new", spec, folder=tmp_path, log=tmp_path / "new.log", environ=dict(os.environ), grace=1)
    with pytest.raises(MigratorError, match="no-such-program-here could not be started: No such file or directory"):
        worker.wait_ready()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_does_not_outlive_the_run(tmp_path: Path, number: signal.Signals) -> None:
    holder = (
        "import sys, time\nfrom pathlib import Path\nfrom tests.shadow.run.test_workers import start\n"
        "worker = start(Path(sys.argv[1]), 'import os, time; print(os.getpid(), \"up\"); time.sleep(100)')\n"
        "worker.wait_ready()\nprint('held', flush=True)\ntime.sleep(100)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    pid = int((tmp_path / "logs" / "new.log").read_text().split()[0])
    os.kill(process.pid, number)
    process.wait()
    assert gone(pid)
