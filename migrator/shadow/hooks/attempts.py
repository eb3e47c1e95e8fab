"""What the hooks of all systems tell with: when an attempt began, that it is still running, and how it ended.

Nothing of it is waited for, and nothing is raised: where the experiment file cannot be read, the hook says so in the log and does nothing.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from migrator.errors import MigratorError
from migrator.shadow import identity
from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.ledger.event import Kind
from migrator.shadow.policy.reading import LoadedPolicy, read_policy
from migrator.shadow.recorder.ending import at_fork
from migrator.shadow.recorder.opening import open_recorder
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.ticket import text_of
from migrator.shadow.transport.line import Line

#: names the experiment file where the hook is given none
EXPERIMENT = "SHADOW_EXPERIMENT"
#: names the ledger whose jobs are told of, beside those of the application's own traffic: a run sets it for the workers that it starts
LEDGER = "SHADOW_LEDGER"
#: seconds between two words that an attempt is still running
HEARTBEAT = 10.0
_log = logging.getLogger(__name__)


class Running:
    """One attempt under way."""

    __slots__ = ("_attempts", "_began", "about", "ended_mono", "ended_ns", "heard")

    def __init__(self, attempts: Attempts, about: dict[str, Any]) -> None:
        self._attempts, self.about = attempts, about  #: the fields that all of its events have
        self.ended_ns = self.ended_mono = 0
        self._began = self.heard = time.monotonic_ns()

    def is_over(self) -> None:
        """The body has come to its end; what that means is said later."""
        self.ended_ns, self.ended_mono = time.time_ns(), time.monotonic_ns()

    def ended(self, kind: Kind, error: BaseException | None = None) -> None:
        """How it ended. Only the first time counts."""
        if not self.ended_mono:
            self.is_over()
        self._attempts.over(self, kind, self.ended_mono - self._began, error)

    def abandoned(self) -> None:
        """It is over, and nobody knows how: no more is said of it."""
        self._attempts.abandon(self)


class Attempts:
    """Of one system's workers in this process. Used by all of its threads, and across forks."""

    def __init__(self, loaded: LoadedPolicy, recorder: Recorder, system: str, arm: str = "") -> None:
        self.recorder, self._loaded, self._of = recorder, loaded, (system, arm)
        self._arms = (arm,) if arm else tuple(name for name, spec in loaded.arms.items() if spec.system == system)
        if not self._arms or self._arms[0] not in loaded.arms:
            raise MigratorError(f"it has no arm `{arm}`" if arm else f"none of its arms is {system}", place=str(loaded.file))
        ids = (identity.experiment_id(loaded.policy.name, loaded.policy.salt), os.environ.get(LEDGER, ""))
        self._prefixes = tuple(f"{id_}-" for id_ in ids if id_)
        self._names = {name: self._names_in(name) for name in loaded.arms}
        self._fields = {name: self._fields_of(name) for name in loaded.arms}
        self._running: dict[int, Running] = {}
        self._told: set[str] = set()
        recorder.each_round = self._beat
        at_fork(self)

    @classmethod
    def open(cls, system: str, file: str | Path | None = None, *, arm: str = "") -> Attempts | None:
        """The attempts of a system; None, and a word in the log, where the experiment file cannot be used."""
        try:
            named = file or os.environ.get(EXPERIMENT, "")
            if not named:
                raise MigratorError("no experiment file is named", remedy=f"Give it to the hook, or set {EXPERIMENT}.")
            loaded = read_policy(Path(named))
            if os.environ.get(LEDGER) and loaded.recorder.durability == "memory":
                # A run ends its workers with all their processes at once: what they recorded until then is not to be missing.
                loaded = msgspec.structs.replace(loaded, recorder=msgspec.structs.replace(loaded.recorder, durability="wal"))
            return cls(loaded, open_recorder(loaded), system, arm)
        except Exception as error:  # noqa: BLE001 - workers start, whatever is wrong with an experiment
            _log.error("attempts are not recorded: %s", error)
            return None

    def began(
        self, native_id: object, job_name: str, *, queue: str = "", attempt: int | None = None, mark: Any = None, key: object = None
    ) -> Running | None:
        """An attempt begins; None where the job is of no experiment, or where it cannot be told.

        `mark`: what its payload, headers or options carry; `key`: what the system has in place of it, if not its own id.
        """
        try:
            job_key = self._key(mark, key, native_id)
            if job_key is None:
                return None
            arm = self._arm(mark, queue)
            about = {
                "job_key": job_key,
                "native_id": str(native_id),
                "job_name": self._names[arm].get(job_name, job_name),
                "attempt": attempt,
            }
            running = Running(self, {**about, **self._fields[arm]})
            self._running[id(running)] = running
            self.recorder.record(_line, (running.about, "started", time.time_ns(), running.heard))
        except Exception as error:  # noqa: BLE001 - no attempt fails because it could not be told of
            self._complain(f"an attempt could not be recorded: {error}")
            return None
        return running

    def over(self, running: Running, kind: Kind, elapsed_ns: int, error: BaseException | None) -> None:
        """See `Running.ended`."""
        try:
            if self._running.pop(id(running), None) is None:
                return
            # Its words are taken now: later they may be others.
            problem = () if error is None else (type(error).__name__, text_of(error)[:TEXT])
            self.recorder.record(_line, (running.about, kind, running.ended_ns, running.ended_mono, elapsed_ns, *problem))
        except Exception as trouble:  # noqa: BLE001 - as above
            self._complain(f"the end of an attempt could not be recorded: {trouble}")

    def abandon(self, running: Running) -> None:
        """See `Running.abandoned`."""
        self._running.pop(id(running), None)

    def allowed(self, native_name: str) -> int | None:
        """How often the experiment says that a job may be tried."""
        names = {names.get(native_name, native_name) for names in self._names.values()}
        return next((job.max_attempts for job in self._loaded.jobs if job.name in names), None)

    def begin_sending(self) -> None:
        """See to it that what forked processes leave in the spool folder goes where the experiment says, from this process."""
        if self._loaded.recorder.transport:
            self.recorder.begin()

    def of_one_job(self) -> Attempts | None:
        """For a process that runs one job and ends: it writes to the spool folder, and waits for nobody."""
        try:
            spec = self._loaded.recorder
            recorder = Recorder(
                self._loaded.spool, durability="fsync" if spec.durability == "fsync" else "wal", limit=spec.events, cap=spec.disk_bytes
            )
            return Attempts(self._loaded, recorder, *self._of)
        except Exception as error:  # noqa: BLE001 - as above
            self._complain(f"an attempt could not be recorded: {error}")
            return None

    def born_again(self) -> None:
        """In the child of a fork: what is running is the parent's."""
        self._running = {}

    def close(self) -> None:
        """Hand over what was recorded."""
        self.recorder.close()

    def _key(self, mark: Any, key: object, native_id: object) -> str | None:
        if isinstance(mark, Mapping) and isinstance(mark.get("key"), str):
            return mark["key"]
        return next((known for known in (key, native_id) if isinstance(known, str) and known.startswith(self._prefixes)), None)

    def _arm(self, mark: Any, queue: str) -> str:
        """The arm that the mark names; else the system's only one, or the one with this queue."""
        named = mark.get("arm") if isinstance(mark, Mapping) else None
        if named in self._loaded.arms:
            return named
        if len(self._arms) == 1:
            return self._arms[0]
        with_queue = [name for name in self._arms if queue in self._queues(name)]
        if len(with_queue) != 1:
            raise ValueError(
                f"arms {' and '.join(self._arms)} are of one system, and nothing says which of them this is; name it with arm="
            )
        return with_queue[0]

    def _queues(self, arm: str) -> set[str]:
        spec, jobs = self._loaded.arms[arm], self._loaded.jobs
        # An experiment about all jobs names none.
        return {spec.queue_of(job) for job in jobs} if jobs else {spec.queue, *spec.queues.values()} - {""}

    def _names_in(self, arm: str) -> dict[str, str]:
        """What an arm's system calls a job -> what the experiment calls it."""
        spec = self._loaded.arms[arm]
        return {spec.job_name_of(job): job.name for job in self._loaded.jobs}

    def _fields_of(self, arm: str) -> dict[str, Any]:
        """What all events of an arm have in common."""
        policy = self._loaded.policy
        return {"experiment": policy.name, "unit_key": "", "arm": arm, "role": policy.role_of(arm), "source": "worker"}

    def _beat(self) -> None:
        """In the recorder's thread, every now and then."""
        now = time.monotonic_ns()
        for running in list(self._running.values()):
            if now - running.heard >= HEARTBEAT * 1e9 and not running.ended_mono:
                running.heard = now
                self.recorder.record(_line, (running.about, "heartbeat", time.time_ns(), now))

    def _complain(self, words: str) -> None:
        """Once for each trouble."""
        if words not in self._told and len(self._told) < 100:
            self._told.add(words)
            _log.warning(words)


def _line(
    about: dict[str, Any],
    kind: Kind,
    ts_ns: int,
    mono_ns: int,
    elapsed_ns: int | None = None,
    err_type: str | None = None,
    err_message: str | None = None,
    *,
    boot_id: str,
    seq: int,
    host: str,
    pid: int,
) -> Line:
    """The event, made by the recorder's thread."""
    return Line(
        event_id=f"{boot_id}-{seq}",
        kind=kind,
        ts_ns=ts_ns,
        mono_ns=mono_ns,
        elapsed_ns=elapsed_ns,
        err_type=err_type,
        err_message=err_message,
        boot_id=boot_id,
        seq=seq,
        host=host,
        pid=pid,
        **about,
    )


def mark_among(*arguments: Any) -> Any:
    """The mark in the first argument that carries one.

    >>> mark_among(1, {"a": 2, "__shadow": {"key": "k"}})
    {'key': 'k'}
    """
    return next((argument[MARKER] for argument in arguments if isinstance(argument, Mapping) and MARKER in argument), None)
