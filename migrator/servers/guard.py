"""The process that owns one server and its files. Run as a program; imports nothing of ours, so that it starts in milliseconds.

    python guard.py FOLDER      with the process that wants the server at the other end of standard input

It reads one line, an order (see `migrator.servers.guarded`), and runs the order's commands one after the other, the server last; what they
say goes to FOLDER/log. As soon as its parent speaks again, closes the pipe or is gone, it ends the server and removes FOLDER. So there is
one place that cleans up, and it works when the parent was killed. Where the kernel offers it (Linux), a server also dies with its guard.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

#: Seconds between two looks at the parent and the server.
INTERVAL = 0.1
#: Seconds that a server has for ending by itself.
GRACE = 5.0
PR_SET_PDEATHSIG = 1


class Leash:
    """The pipe from the parent. A look at the parent's id as well: a copy of the pipe in some forked child would keep it open."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._read = b""
        self._let_go = False
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGHUP, self._on_signal)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _on_signal(self, *_: object) -> None:
        self._let_go = True

    def order(self) -> dict[str, Any] | None:
        """The first line, or None when the parent went without giving one."""
        while b"\n" not in self._read:
            if self._let_go or os.getppid() != self._parent:
                return None
            if select.select([0], [], [], INTERVAL)[0]:
                some = os.read(0, 65536)
                if not some:
                    return None
                self._read += some
        line, _, self._read = self._read.partition(b"\n")
        return json.loads(line)

    def pulled(self) -> bool:
        """Waits a moment, then tells whether the parent wants the server gone, or is gone itself."""
        spoke = bool(select.select([0], [], [], INTERVAL)[0])
        return spoke or self._let_go or os.getppid() != self._parent


def start(order: dict[str, Any], command: list[str], log: int) -> subprocess.Popen[bytes]:
    """Starts one command of the order, as its user, in a process group of its own."""
    guard, stop = os.getpid(), int(order["stop"])
    prctl = getattr(ctypes.CDLL(None), "prctl", None)

    def die_with_guard() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, stop)
        if os.getppid() != guard:
            os._exit(1)

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=order["folder"],
        env=order["environ"],
        process_group=0,
        # A guard has one thread, and the wish to die with it must be set after the change of user, which clears it.
        preexec_fn=die_with_guard,  # noqa: PLW1509
        user=order["uid"],
        group=order["gid"],
        extra_groups=None if order["uid"] is None else [],
    )


def end(process: subprocess.Popen[bytes], stop: int) -> None:
    """Asks the process to end, then makes it. Its whole group, for a server may have been started by a script of the same name."""
    if process.poll() is None:
        os.killpg(process.pid, stop)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def keep(order: dict[str, Any], leash: Leash, log: int, ended: Path) -> None:
    """Runs the commands until the parent lets go; notes it in the file `ended` when one ends that should not have."""
    *preparations, _ = commands = order["commands"]
    for number, command in enumerate(commands):
        try:
            process = start(order, command, log)
        except OSError as error:
            ended.write_text(f"{command[0]} could not be started: {error}")
            break
        while process.poll() is None:
            if leash.pulled():
                end(process, int(order["stop"]))
                return
        if process.returncode != 0 or number == len(preparations):
            name = Path(command[0]).name
            how = f"was ended by signal {-process.returncode}" if process.returncode < 0 else f"ended with status {process.returncode}"
            ended.write_text(f"{name} {how}")
            break
    while not leash.pulled():
        pass


def main(folder: Path) -> None:
    leash = Leash()
    try:
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        order = leash.order()
        if order is not None:
            keep(order, leash, log, folder / "ended")
    finally:
        for _ in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(INTERVAL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
