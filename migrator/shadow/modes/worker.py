"""What a worker of an experiment needs in the modes `fallback` and `mirror`: the fence around bodies, and what runs copies.

from migrator.shadow.modes.worker import join

experiment = join("experiment.toml")

@app.task
@experiment.fenced
def import_article(article): ...
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from migrator.errors import MigratorError
from migrator.shadow.config.mirror import Mirror
from migrator.shadow.ledger.event import Kind, Role
from migrator.shadow.modes.claims_opening import open_claims
from migrator.shadow.modes.copies.copy import Copy
from migrator.shadow.modes.copies.running import Runner, configure
from migrator.shadow.modes.delivery import Delivery, delivered
from migrator.shadow.modes.egress import EgressGuard
from migrator.shadow.modes.fence import Fence
from migrator.shadow.policy.reading import LoadedPolicy, read_policy
from migrator.shadow.recorder.opening import open_recorder
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.transport.line import Line

P = ParamSpec("P")
T = TypeVar("T")


class Joined:
    """A worker's part in an experiment. Bodies are fenced in mode `fallback`, and as they are in the others."""

    def __init__(self, loaded: LoadedPolicy, recorder: Recorder) -> None:
        self._loaded, self.recorder = loaded, recorder
        self.fence: Fence | None = None
        if (spec := loaded.fallback) is not None:
            claims = open_claims(spec.claims, timeout=spec.claim_patience, keep=spec.keep)
            self.fence = Fence(claims, patience=spec.claim_patience, note=self._claimed)
        if loaded.heading.mode == "mirror":
            guard = EgressGuard((loaded.mirror or Mirror()).allow, place=str(loaded.file))
            configure(Runner(guard, self._suppressed))

    def fenced(self, body: Callable[P, T]) -> Callable[P, T | None]:
        """See `Fence.around`."""
        return body if self.fence is None else self.fence.around(body)

    def _claimed(self, delivery: Delivery, won: bool) -> None:
        role: Role = "fallback" if delivery.arm == self._loaded.policy.current else "candidate"
        self._record("claim_won" if won else "claim_lost", delivery, delivery.arm, role)

    def _suppressed(self, copy: Copy, reason: str) -> None:
        delivery = delivered()
        if delivery is None:
            raise MigratorError(
                f"a copy of {copy.job} carries no mark", place=f"arm {copy.arm}", remedy="Let only the experiment send copies."
            )
        self._record("suppressed", delivery, copy.arm, "shadow", reason=reason, job_name=copy.job)

    def _record(self, kind: Kind, delivery: Delivery, arm: str, role: Role, **fields: Any) -> None:
        values: dict[str, Any] = {"unit_key": "", "job_name": "", **fields}
        line = Line(
            experiment=self._loaded.policy.name,
            job_key=delivery.key,
            arm=arm,
            role=role,
            kind=kind,
            ts_ns=time.time_ns(),
            mono_ns=time.monotonic_ns(),
            source="worker",
            **values,
        )
        self.recorder.record(line)
        # A process that was forked for one job (RQ) ends without another word.
        self.recorder.flush()


def join(file: str | Path) -> Joined:
    """Join the experiment of a file. Done once, where the worker starts; forks keep it.

    Raises:
        MigratorError: the file cannot be read, or names a store whose address is not set.
    """
    loaded = read_policy(Path(file))
    return Joined(loaded, open_recorder(loaded))
