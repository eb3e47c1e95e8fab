"""Running a copy in a candidate's worker. What it was kept from doing is recorded; a job never fails for that."""

from __future__ import annotations

import time
from collections.abc import Callable

from migrator.errors import MigratorError
from migrator.shadow.modes.copies.bodies import body_of
from migrator.shadow.modes.copies.copy import Copy
from migrator.shadow.modes.egress import EgressGuard

#: Postgres's code for a write in a session that may only read (`migrator.shadow.modes.read_only`)
REFUSED = "25006"


class ReplayedFailure(Exception):  # noqa: N818 - what the job that is copied ended with
    """The job failed in the current arm, and so does its copy."""


class Runner:
    """What runs copies in this process. `suppressed(copy, reason)` is told of what a copy did not do."""

    def __init__(
        self,
        guard: EgressGuard,
        suppressed: Callable[[Copy, str], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._guard, self._suppressed, self._sleep = guard, suppressed, sleep

    def run(self, copy: Copy, attempt: int) -> None:
        """Run one attempt (1 = the first). Raises ReplayedFailure, or what the body raises."""
        if copy.level == "replay":
            replay(copy, attempt, self._sleep)
            return
        body = body_of(copy.job, copy.path)
        if body is None or not body.bears(copy.level):
            said = "nothing in this worker says `@mirrored`" if body is None else f"its body does not say that it bears `{copy.level}`"
            self._suppressed(copy, f"{said} of {copy.job}")
            return
        args, kwargs = ((), dict(copy.payload)) if copy.arguments == "keywords" else ((copy.payload,), {})
        if copy.level == "full":
            body.run(*args, **kwargs)
            return
        problem: Exception | None = None
        with self._guard.watching() as denied:
            try:
                body.run(*args, **kwargs, shadow=True)
            except Exception as error:  # noqa: BLE001 - raised again below, where it is the body's own
                problem = error
        refused = [*map(str, denied), *(["a write to Postgres"] if getattr(problem, "sqlstate", "") == REFUSED else [])]
        if refused:
            # How it ended is the guard's doing, and says nothing about the job.
            self._suppressed(copy, "denied: " + ", ".join(dict.fromkeys(refused)))
        elif problem is not None:
            raise problem


def replay(copy: Copy, attempt: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Take as long as the attempt of the job took, and end as it ended. Later attempts than there were are like the last."""
    recorded = copy.attempts[min(attempt, len(copy.attempts)) - 1]
    sleep(recorded.seconds)
    if recorded.failed:
        raise ReplayedFailure(recorded.error or "the job failed")


_runner: Runner | None = None


def configure(runner: Runner) -> None:
    """Use this runner in this process."""
    global _runner
    _runner = runner


def run_copy(copy: Copy, attempt: int) -> None:
    """Run one attempt of a copy with the process's runner. Replays need none."""
    if copy.level == "replay":
        replay(copy, attempt)
        return
    if _runner is None:
        raise MigratorError(
            f"a copy of {copy.job} is to run its body, and this worker knows no experiment",
            place=f"arm {copy.arm}",
            remedy='Call `migrator.shadow.modes.worker.join("experiment.toml")` where the worker starts.',
        )
    _runner.run(copy, attempt)
