"""Run something in a process of its own and let a fault strike at any chosen step that it takes on the file system.

Steps are Python's audit events with a path below the watched folder, so that no line of the product knows about the tests.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

Fault = Callable[[], None]
Snapshot = dict[str, tuple[str, bytes | str, int]]


def run_with_fault(action: Callable[[], None], watched: Path, step: int, fault: Fault) -> int:
    """Wait status of a forked process that runs `action`, with `fault` called before file system step number `step` (from 1).

    Exit code 0: the action returned before it came to that step; 99: it returned though the fault had struck; 1: it raised.
    """
    child = os.fork()
    if child == 0:
        os._exit(_act(action, watched, step, fault))
    return os.waitpid(child, 0)[1]


def _act(action: Callable[[], None], watched: Path, step: int, fault: Fault) -> int:
    # A forked test process would print its captured output a second time.
    null = os.open(os.devnull, os.O_WRONLY)
    log = os.open(watched.parent / "fault.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(null, 1)
    os.dup2(log, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    taken, struck, prefix = 0, False, str(watched)

    def watch(_event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken, struck
        if any(isinstance(a, str | Path) and str(a).startswith(prefix) for a in arguments):
            taken += 1
            if taken == step:
                struck = True
                fault()

    sys.addaudithook(watch)
    try:
        action()
    except BaseException:  # noqa: BLE001 - whatever it is, the process ends here
        os.write(2, traceback.format_exc().encode())
        return 1
    return 99 if struck else 0


def snapshot(folder: Path) -> Snapshot:
    """Everything below a folder: kind, content or link target, mode."""
    found: Snapshot = {}
    for path in sorted(folder.rglob("*")):
        name, status = path.relative_to(folder).as_posix(), path.lstat()
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()), 0)
        elif path.is_dir():
            found[name] = ("folder", "", status.st_mode & 0o7777)
        else:
            found[name] = ("file", path.read_bytes(), status.st_mode & 0o7777)
    return found
