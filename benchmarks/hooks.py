"""What the worker hook adds to one attempt: part of `make bench`."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dramatiq import Message
from dramatiq.broker import MessageProxy
from rich.console import Console

from migrator.shadow.hooks import celery as celery_hook
from migrator.shadow.hooks import dramatiq as dramatiq_hook
from migrator.shadow.hooks import procrastinate as procrastinate_hook
from migrator.shadow.hooks.attempts import Attempts
from migrator.shadow.recorder.recorder import Recorder

#: attempts in one round, and rounds; between two of them the recorder's thread hands over what there is
ATTEMPTS, ROUNDS = 2_000, 15
#: microseconds of one attempt, at most
LIMIT = 20.0
_EXPERIMENT = """\
[experiment]
name = "bench"
current = "a"
[[job]]
name = "task"
[arms.a]
system = "celery"
connection = "X"
weight = 1
[arms.b]
system = "dramatiq"
connection = "X"
weight = 1
[arms.c]
system = "procrastinate"
connection = "X"
weight = 1
"""
_MARK = {"ledger": "0123abcd", "key": "0123abcd-1"}


def _celery(file: Path) -> tuple[Callable[[], None], Recorder]:
    attempts = _opened("celery", file)
    hook = celery_hook.Hook(attempts)
    request = SimpleNamespace(id="t", is_eager=False, delivery_info={"routing_key": "q"}, retries=0, headers={"__shadow": _MARK})
    task: Any = SimpleNamespace(name="task", request=request)

    def attempt() -> None:
        hook.began("t", task)
        hook.succeeded(task)
        hook.over("t", state="SUCCESS")

    return attempt, attempts.recorder


def _dramatiq(file: Path) -> tuple[Callable[[], None], Recorder]:
    hook = dramatiq_hook.Attempting(file)
    message: Any = MessageProxy(Message(queue_name="q", actor_name="task", args=(), kwargs={"a": 1}, options={"__shadow": _MARK}))

    def attempt() -> None:
        hook.before_process_message(None, message)
        hook.after_process_message(None, message)
        hook.before_ack(None, message)

    assert hook.attempts is not None
    return attempt, hook.attempts.recorder


def _procrastinate(file: Path) -> tuple[Callable[[], None], Recorder]:
    attempts = _opened("procrastinate", file)
    plain = procrastinate_hook.plain(attempts)
    job = SimpleNamespace(id=1, task_name="task", queue="q", attempts=0, task_kwargs={"__shadow": _MARK}, queueing_lock=None)
    context = SimpleNamespace(job=job)

    def attempt() -> None:
        plain(_nothing, context, None)

    return attempt, attempts.recorder


def _opened(system: str, file: Path) -> Attempts:
    attempts = Attempts.open(system, file)
    assert attempts is not None
    return attempts


def _nothing() -> None:
    pass


def main() -> None:
    """Measure, print."""
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "experiment.toml"
        file.write_text(_EXPERIMENT)
        for system, made in (("celery", _celery), ("dramatiq", _dramatiq), ("procrastinate", _procrastinate)):
            attempt, recorder = made(file)
            rounds: list[float] = []
            for _ in range(ROUNDS):
                # Of this thread alone: what else the machine is at does not count, nor does the thread that writes.
                began = time.thread_time()
                for _attempt in range(ATTEMPTS):
                    attempt()
                rounds.append((time.thread_time() - began) / ATTEMPTS * 1e6)
                recorder.flush()
            assert not recorder.lost
            console.print(f"{system} worker hook: {statistics.median(rounds):.1f} µs for an attempt, at most {LIMIT:.0f}")
            recorder.close()


if __name__ == "__main__":
    main()
