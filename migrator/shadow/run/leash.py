"""A program that runs another and does not let it outlive whoever holds the other end of its standard input. Imports nothing of ours.

    python leash.py GRACE COMMAND…

The command gets a process group of its own. When standard input ends (it is closed, or its holder was killed) the group is asked to end,
and after GRACE seconds made to. Exit status: the command's own; 128 + n when signal n ended it.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

INTERVAL = 0.05
SHIELDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def held(patience: float) -> bool:
    """Waits up to `patience` seconds; False as soon as the other end of standard input is gone."""
    readable, _, _ = select.select([0], [], [], patience)
    return not readable or bool(os.read(0, 4096))


def tell(group: int, number: int) -> bool:
    """Send a signal to every process of the group; False when there is none left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main(grace: float, command: list[str]) -> int:
    """Run the command; returns its exit status once it, and everything it started, is gone."""
    # Ctrl-C goes to the whole foreground group; whoever holds the leash decides what becomes of the worker.
    for number in SHIELDED:
        signal.signal(number, signal.SIG_IGN)
    try:
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=unshield)  # noqa: PLW1509 - there is one thread
    except OSError as error:
        sys.stderr.write(f"{command[0]} could not be started: {error.strerror}\n")
        return 127
    while worker.poll() is None and held(INTERVAL):
        pass
    until = time.monotonic() + grace
    tell(worker.pid, signal.SIGTERM)
    while (worker.poll() is None or tell(worker.pid, 0)) and time.monotonic() < until:
        time.sleep(INTERVAL)
    tell(worker.pid, signal.SIGKILL)
    status = worker.wait()
    return status if status >= 0 else 128 - status


def unshield() -> None:
    """What is ignored here would stay ignored in the command."""
    for number in SHIELDED:
        signal.signal(number, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
