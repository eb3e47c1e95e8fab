"""The small library that `migrate codemod` writes into an application that leaves Inngest: known like a package, not read like other code.

It is recognised by its code, because its comments belong to whoever keeps it.
"""

from __future__ import annotations

#: what keys of it begin with; no package of a registry is called so
PACKAGE = "migrate/jobs-on-bullmq"
#: name that a file of it offers -> bytes that stand in that file and hardly ever together elsewhere
_OFFERED = {
    "createJobs": (b"function createJobs", b"passOn", b'from "bullmq"'),
    "startWorkers": (b"function startWorkers", b"removeGlobalConcurrency", b'from "bullmq"'),
}


def offers(data: bytes, name: str) -> bool:
    """True where a file with these bytes is the one of the library that offers `name`."""
    return name in _OFFERED and all(mark in data for mark in _OFFERED[name])


def offered(data: bytes) -> tuple[str, ...]:
    """What a file with these bytes offers as a file of the library; nothing where it is none."""
    return tuple(name for name in _OFFERED if offers(data, name))
