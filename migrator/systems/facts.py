"""What is true of a job system, as data. One file per system holds one `System`; this file says what such a value contains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

import msgspec

from migrator.jobs import Backoff
from migrator.systems.limits import Limit
from migrator.systems.removed import Removed
from migrator.systems.support import Support


class RetryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How a system counts and spaces runs.

    `option` counts `executions` of the body or `retries` after the first; `default` is in that same count (None = unlimited).
    `automatic`: any exception is retried unless told otherwise. `backoff` is what happens when nothing is configured.
    """

    option: str
    counts: OneOf["executions", "retries"]
    default: int | None
    automatic: bool
    backoff: Backoff

    @property
    def default_attempts(self) -> int | None:
        """Total executions of a job that says nothing about retries (and fails with a retried error)."""
        if self.default is None:
            return None
        return self.default + (self.counts == "retries")


Role = OneOf["worker", "scheduler", "monitor"]


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A program whose command line starts a system's processes, with as much of its grammar as is needed to read one.

    Options are given by every spelling, with their long name without dashes; `values` take a value, `flags` do not.
    """

    name: str  #: as typed, without its folder; `manage.py x` is the program `x`
    commands: Mapping[str, Role]  #: first bare word -> what it starts; the empty word is the program alone
    values: Mapping[str, str] = {}
    flags: Mapping[str, str] = {}
    queues: str = ""  #: long name of the option that lists queues, separated by commas; `*` = the bare words are queues
    concurrency: str = ""  #: long name of the option that says how many jobs run at once
    many: tuple[str, ...] = ()  #: long names of options that take every word up to the next option
    needs: str = ""  #: pattern that is found in the first bare word; where it is not, it is no such command line


class System(msgspec.Struct, frozen=True, kw_only=True):
    """One job system. Numbers are in the system's own units where a name says so, else in the model's."""

    name: str  #: as in the audit's JSON
    title: str  #: as people write it
    languages: tuple[str, ...]
    npm: tuple[str, ...] = ()  #: npm packages that mean this system is used
    pypi: tuple[str, ...] = ()  #: PyPI packages, normalised names
    environment: tuple[str, ...] = ()  #: environment names; a trailing `*` makes a prefix
    programs: tuple[Program, ...] = ()  #: whose command lines start its processes
    retry: RetryFacts | None = None
    time_unit: OneOf["s", "ms", ""] = ""  #: of delays in the system's own options
    priority: OneOf["higher sooner", "lower sooner", "none", "depends"] = "none"
    default_timeout: float | None = None  #: seconds per attempt when nothing is configured; None = no limit
    default_timezone: str = "UTC"  #: of cron; `local` = the process's own
    #: whether a field before the five of a cron counts seconds; empty = not looked at
    cron_seconds: OneOf["yes", "no", ""] = ""
    #: whether a schedule starts a run while the last one still runs; empty = not known
    overlapping_runs: OneOf["yes", "no", ""] = ""
    #: options of a schedule or job, each of which keeps a second run out when it is set, whatever it is set to
    one_run_options: tuple[str, ...] = ()
    #: schedules live in a process of the application, so that each of its replicas has them all
    in_process: bool = False
    acknowledgement: OneOf["early", "late", ""] = ""
    latency_floor: str = ""  #: from enqueue to start at best, with idle workers, in words; empty = not known
    bulk: str = ""  #: what takes many jobs in one round trip, in words; empty = nothing, or not known
    bulk_forms: tuple[str, ...] = ()  #: `form` of the enqueues that are handed a list of jobs
    list_forms: tuple[str, ...] = ()  #: `form` of the enqueues that are handed one job, or a list
    worker_per_queue: bool = False  #: a worker is made for one queue, and takes every job of it
    #: jobs are functions with options of their own, a queue for one; a call gives something by which the result can be fetched
    result_handles: bool = False
    #: jobs are rows that join the caller's transaction: always, by an option of the call, as the backend wills, never
    transactional: OneOf["yes", "option", "depends", "no"] = "no"
    #: methods that let running jobs end before the process does; empty: its own program does so at a signal, or nothing of ours runs
    closes: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ()  #: names of enqueues that put other enqueues together
    default_queue: str = ""  #: of a job that names none; empty = it has to be named, or not looked at
    infrastructure: str = ""  #: what has to run for it, in words; empty = not looked at
    parallelism: str = ""  #: what makes jobs run side by side, in words
    cost: str = ""  #: who is paid for it, and by what; no prices, they change
    capabilities: Mapping[str, Support] = {}  #: id of a `Capability` -> how far the system has it; empty = not looked at
    limits: tuple[Limit, ...] = ()  #: numbers that a move to it can run into
    companions: tuple[str, ...] = ()  #: systems that it leans on for what it does not do itself, such as schedules
    removed: tuple[Removed, ...] = ()  #: what its versions no longer know
    source: str = ""  #: versions that this was read from
