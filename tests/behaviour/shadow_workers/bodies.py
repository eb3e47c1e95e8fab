"""What every worker in Python does: sleep `ms`, fail the first `fail` attempts (all of them if `poison`), note what it did.

A job with `hold` goes on when the file HOLD is there. What came to its end is noted in the file DONE, if there is to be one.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any


def body(attempt: int, worker_pid: int, payload: dict[str, Any]) -> None:
    """One attempt; `worker_pid` is the process that a job with `die` kills with its own, unless IMMORTAL is set."""
    if path := os.environ.get("EFFECTS"):
        noted = {"n": payload["n"], "attempt": attempt, **({"payload": payload} if payload.get("deep") else {})}
        with Path(path).open("a") as out:
            out.write(json.dumps(noted) + "\n")
    time.sleep(payload.get("ms", 5) / 1000)
    while payload.get("hold") and not Path(os.environ["HOLD"]).exists():
        time.sleep(0.05)
    if payload.get("die") and not os.environ.get("IMMORTAL"):
        os.kill(worker_pid, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    if payload.get("poison") or attempt <= payload.get("fail", 0):
        raise IndexError(f"job {payload['n']} fails on attempt {attempt}")
    if path := os.environ.get("DONE"):
        with Path(path).open("a") as out:
            out.write(json.dumps({"n": payload["n"], "attempt": attempt}) + "\n")
