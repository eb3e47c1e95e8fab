"""Who runs a job that may be in two systems: the first to claim it. The protocol, the same in every language.

A fenced job carries in its payload's mark a `holder`, `ARM:8 hex digits`, new for every copy that is sent. Before the body, a worker claims
`job_key` for that holder:

- nobody has claimed it: it is the holder's, and the body runs;
- the same holder has, and the body has not come to its end: a retry, or a copy that was handed out again. The body runs;
- the same holder has, and the body has come to its end: the system did not hear of it and hands the job out again. The body does not run;
- another holder has: the body does not run.

A worker whose body does not run says that the job is done, so that its system lets go of it, and records `claim_lost`.
After the body, and only if it succeeded, the worker marks the claim as done. A worker that cannot ask must not run the body: it waits, then
fails, and its system tries again.

In Redis: key `migrator:claim:<job_key>`, value `<holder>`, or `<holder> done`.
`SET key holder NX EX keep`; without success `GET key`, where a value that has gone meanwhile means: begin again.
Done: `SET key "<holder> done" XX KEEPTTL`.

In Postgres: the table of `TABLE`; the statements `CLAIM`, without a row `LOOK`, without a row again `CLAIM`; and `DONE`. Each is a
transaction of its own.

A fence guards the start of a body. What dies in the middle of one is handed out again to the same holder: bodies still have to bear being
run twice by one system, as they had to before.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Protocol

import msgspec

#: what a key of Redis begins with; the job's key follows
PREFIX = "migrator:claim:"
#: what follows the holder once the body has come to its end
DONE_MARK = " done"
TABLE = (
    "CREATE TABLE IF NOT EXISTS migrator_claim "
    "(job_key text PRIMARY KEY, holder text NOT NULL, claimed timestamptz NOT NULL DEFAULT now(), done timestamptz)"
)
CLAIM = "INSERT INTO migrator_claim (job_key, holder) VALUES (%s, %s) ON CONFLICT (job_key) DO NOTHING RETURNING holder"
LOOK = "SELECT job_key, holder, done IS NOT NULL FROM migrator_claim WHERE job_key = ANY(%s)"
LOOK_AT_ONE = "SELECT holder, done IS NOT NULL AS done FROM migrator_claim WHERE job_key = %s"
DONE = "UPDATE migrator_claim SET done = now() WHERE job_key = %s AND holder = %s"
FORGET = "DELETE FROM migrator_claim WHERE claimed < now() - %s * interval '1 second'"


class Claim(msgspec.Struct, frozen=True):
    """Who has claimed a job, and whether the body has come to its end."""

    holder: str
    done: bool = False

    @property
    def arm(self) -> str:
        """The arm of the holder.

        >>> Claim("new.arm:0a1b2c3d").arm
        'new.arm'
        """
        return self.holder.rpartition(":")[0]

    def lets(self, holder: str) -> bool:
        """May the holder run the body?

        >>> Claim("a:1").lets("a:1"), Claim("a:1").lets("b:2"), Claim("a:1", done=True).lets("a:1")
        (True, False, False)
        """
        return self.holder == holder and not self.done


class ClaimsDown(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The store of the claims cannot be reached or does not answer in time."""


class Claims(Protocol):
    """The claims of all jobs, in one store that the workers of every arm reach.

    Any method may raise ClaimsDown. Safe to use from several threads and, in the child, after a fork.
    """

    def claim(self, job_key: str, holder: str) -> Claim:
        """Claim a job, or learn who has."""
        ...

    def done(self, job_key: str, holder: str) -> None:
        """The holder's body has come to its end."""
        ...

    def look(self, job_keys: Iterable[str]) -> dict[str, Claim]:
        """The claims that there are on these jobs."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


def holder_of(arm: str) -> str:
    """A new holder: one copy of a job on its way to an arm."""
    return f"{arm}:{secrets.token_hex(4)}"
