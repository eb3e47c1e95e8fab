"""What is known of an experiment before it begins. None: nobody has said it, and the code does not tell."""

from __future__ import annotations

import msgspec


class DraftJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is to go through the arms. `path`: the import path of its function, where it has one; `place`: where it was found;
    `queues`: where its calls name several, each with the place of a call."""

    name: str
    queue: str | None = None
    queues: tuple[tuple[str, str], ...] = ()
    max_attempts: int | None = None
    path: str = ""
    place: str = ""


class DraftArm(msgspec.Struct, frozen=True, kw_only=True):
    """A system. `connection`: the environment variable with its address; `found`: all that the code suggests, each with its place."""

    name: str
    system: str
    connection: str | None = None
    found: tuple[tuple[str, str], ...] = ()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment. The first arm is the current system. `unnamed`: places of jobs whose names the code does not say."""

    name: str
    jobs: tuple[DraftJob, ...]
    arms: tuple[DraftArm, ...]
    read: str = ""  #: the folder that was audited; empty: none
    unnamed: tuple[str, ...] = ()
