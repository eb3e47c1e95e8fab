"""One job on its way: where it goes, what it is known by, and what is recorded of it."""

from __future__ import annotations

import hashlib
import time
from types import TracebackType
from typing import Any, Self

from migrator.shadow import identity
from migrator.shadow.ledger.event import Kind, Role
from migrator.shadow.policy.policy import Decider, Routed
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.transport.line import Line

#: characters of a unit that are kept; of a longer one the beginning, and a hash of the whole
UNIT = 200


class Ticket:
    """`key` is the job's identity in every system: its native id, where the system takes one. Elsewhere the payload carries `mark`.

    A context manager around the enqueue: what comes out of it is recorded, and passed on.
    """

    __slots__ = (
        "_began",
        "_common",
        "_delay_ns",
        "_label",
        "_recorder",
        "_size",
        "arm",
        "experiment_id",
        "key",
        "native_id",
        "routed",
        "unit",
    )

    def __init__(
        self,
        recorder: Recorder | None,
        experiment_id: str,
        decider: Decider,
        routed: Routed,
        *,
        job_name: str,
        key: str,
        unit: str,
        size: int | None,
        delay_ns: int,
        label: str | None,
    ) -> None:
        self._recorder, self.experiment_id, self.routed = recorder, experiment_id, routed
        self.arm, self.key, self.unit = routed.arm, key, unit
        self.native_id: str | None = None  #: set it where the arm's system gives an id of its own
        self._size, self._delay_ns, self._label = size, delay_ns, label
        role: Role = "current" if routed.arm == decider.policy.current else "candidate"
        self._common: dict[str, Any] = {
            "experiment": decider.policy.name,
            "job_key": key,
            "unit_key": unit if len(unit) <= UNIT else _short(unit),
            "job_name": job_name,
            "arm": routed.arm,
            "role": role,
            "source": "dispatcher",
            "config": decider.digest,
        }
        self._began = time.monotonic_ns()

    @property
    def recorded(self) -> bool:
        """False: the experiment is not about this job, which goes to the current arm."""
        return self._recorder is not None

    @property
    def mark(self) -> dict[str, dict[str, str]]:
        """What the payload is to carry (`payload | job.mark`) where the system takes no id."""
        return identity.mark(self.experiment_id, self.key, self.arm)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.took(self.native_id)
        else:
            self.refused(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.__exit__(kind, error, trace)

    def assigned(self) -> None:
        """It was routed to its arm, and is about to be enqueued."""
        routed, now = self.routed, time.time_ns()
        self._tell(
            "assigned",
            now,
            mono_ns=self._began,
            until_ns=now + self._delay_ns if self._delay_ns else None,
            bytes=self._size,
            reason=f"{routed.reason}: {routed.rule or f'bucket {routed.bucket}'}",
            label=self._label,
        )
        self._began = time.monotonic_ns()

    def took(self, native_id: str | None = None) -> None:
        """The arm's system has the job."""
        mono = time.monotonic_ns()
        self._tell("enqueue_ok", time.time_ns(), mono_ns=mono, elapsed_ns=mono - self._began, native_id=native_id)

    def refused(self, error: BaseException) -> None:
        """It has not, or nobody can tell whether it has; if it has, what it says of the job later counts."""
        mono = time.monotonic_ns()
        problem = {"err_type": type(error).__name__, "err_message": text_of(error)}
        self._tell("enqueue_failed", time.time_ns(), mono_ns=mono, elapsed_ns=mono - self._began, **problem)

    def _tell(self, kind: Kind, ts_ns: int, **fields: Any) -> None:
        if self._recorder is not None:
            # A second sending under the same key tells the same again.
            event_id = f"{self.arm}:{self.key}:{kind}"
            self._recorder.record(Line(event_id=event_id, kind=kind, ts_ns=ts_ns, **self._common, **fields))


def _short(unit: str) -> str:
    return f"{unit[: UNIT - 33]}…{hashlib.sha256(unit.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def text_of(error: BaseException) -> str:
    """What an exception says; its class where that cannot be had. An exception of an application's own may do anything."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - as said
        return type(error).__name__
