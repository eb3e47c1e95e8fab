"""`[fallback]`: how a job that a candidate does not take up finds its way back."""

from __future__ import annotations

from typing import Annotated

import msgspec

from migrator.shadow.config.values import Positive, Seconds, Text


class Fallback(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[fallback]`; for `mode = "fallback"`."""

    claims: Text  #: the environment variable with the address of the Redis or Postgres that holds the claims; workers of every arm reach it
    pickup_timeout: Seconds = 30.0  #: a candidate's worker is to have claimed the job this long after it was due
    enqueue_timeout: Seconds = 1.0  #: what a candidate is given to take a job, while the caller waits
    health_every: Seconds = 1.0  #: between two looks at whether candidates answer
    workers: bool = True  #: a candidate that says that it has no worker is sent nothing
    failures: Positive = 3  #: so many jobs in a row that it did not take or take up, and a candidate is sent nothing
    pause: Seconds = 10.0  #: for this long; then one job tries again
    claim_patience: Seconds = 5.0  #: a worker that cannot reach the claims waits so long before it lets the job fail
    keep: Annotated[float, msgspec.Meta(ge=3600)] = 7 * 86400.0  #: seconds for which claims are remembered
