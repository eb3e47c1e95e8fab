"""Single jobs, made up from what a test is about. Times are seconds."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.shadow.ledger import Attempt, JobHistory, Outcome

SECOND = 1_000_000_000


def nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND)


def attempt(started: float, ended: float | None = None, result: str = "completed", number: int = 1, error: str = "TimeoutError") -> Attempt:
    return Attempt(
        number=number,
        native_id="1",
        started_ns=round(started * SECOND),
        ended_ns=nanoseconds(ended),
        result="open" if ended is None else result,  # type: ignore[arg-type]
        err_type=error if result == "failed" else None,
    )


def history(
    key: str,
    *,
    unit: str = "",
    arm: str = "new",
    outcome: Outcome = "completed",
    assigned: float | None = 0.0,
    available: float | None = 0.0,
    due: float | None = None,
    started: Sequence[float] = (),
    attempts: Sequence[Attempt] = (),
    terminal: float | None = None,
) -> JobHistory:
    """`started`: attempts that are open, where `attempts` does not say more."""
    return JobHistory(
        job_key=key,
        unit_key=unit or key,
        job_name="import_article",
        arm=arm,
        role="candidate",
        config_epoch=1,
        outcome=outcome,
        assigned_ns=nanoseconds(assigned),
        enqueued_ns=nanoseconds(available),
        available_ns=nanoseconds(available),
        due_ns=nanoseconds(due),
        attempts=tuple(attempts) or tuple(attempt(at) for at in started),
        terminal_ns=nanoseconds(terminal),
    )
