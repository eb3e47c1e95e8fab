"""Where a job goes in an arm: the store whose address the environment has, and what the file says of the job there."""

from __future__ import annotations

import os
from pathlib import Path

from migrator.errors import MigratorError
from migrator.shadow.config.experiment import Arm, Job
from migrator.shadow.drivers.interface import Target


def target_of(name: str, arm: Arm, job: Job, *, ledger_id: str, timeout: float, file: Path, place: str = "", called: str = "") -> Target:
    """The target of a job in the arm `name`. `called`: what its system calls the job, if not what the file says; `place`: of the variable.

    Raises:
        MigratorError: the address is not set.
    """
    address = os.environ.get(arm.connection, "")
    if not address:
        raise MigratorError(
            f"the environment variable {arm.connection} is not set",
            place=place,
            remedy=f"Set it to the address of the store of arm `{name}`.",
        )
    return Target(
        arm=name,
        ledger_id=ledger_id,
        address=address,
        name=arm.connection,
        queue=arm.queue_of(job),
        job_name=called or arm.job_name_of(job),
        timeout=timeout,
        max_attempts=job.max_attempts,
        retry_delay=job.retry_delay,
        folder=str(file.parent),
    )
