"""What an application asks: `Router.open("experiment.toml").decide(job, unit)`. It never waits, and goes on with the last good state."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.policy.policy import Decider, Routed
from migrator.shadow.policy.reading import LoadedPolicy, read_policy
from migrator.shadow.policy.state import State, decoded
from migrator.shadow.policy.stores import Store, store_of

#: set to anything but 0 in the environment: all jobs go to the current arm, whatever else is said
KILL = "MIGRATE_KILL"
_log = logging.getLogger(__name__)


class Router:
    """Decides in the caller's thread, from values that another thread has looked up. What cannot be read changes nothing, and is logged."""

    def __init__(self, loaded: LoadedPolicy, store: Store, *, alarm: Callable[[str], None] = _log.warning) -> None:
        self.loaded = loaded  #: the file as it was read last
        self._file, self._store, self._poll, self._alarm = loaded.file, store, loaded.routing.poll, alarm
        #: what decides now: its decisions and its digest belong together; another one where the file or the state is another
        self.decider = Decider(loaded.policy, _killed(State()))
        self._stamp = stamp_of(self._file)
        self._told = ""
        self._stop = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._watch, name="migrator-routing", daemon=True)
        self._thread.start()
        # A thread does not survive a fork: the child begins one of its own.
        os.register_at_fork(after_in_child=self._again)

    @classmethod
    def open(cls, file: str | Path) -> Router:
        """The router of an experiment file.

        Raises:
            MigratorError: the file cannot be read, or the store that it names has no address. Later troubles are only logged.
        """
        loaded = read_policy(Path(file))
        store = store_of(loaded.routing.state, loaded.policy.name, loaded.state_file)
        return cls(loaded, store)

    def decide(
        self, job: str, unit: str, *, tenant: str = "", payload_bytes: int = 0, deadline: float | None = None, inherited: str = ""
    ) -> Routed:
        """See `Decider.decide`."""
        return self.decider.decide(job, unit, tenant=tenant, payload_bytes=payload_bytes, deadline=deadline, inherited=inherited)

    @property
    def state(self) -> State:
        """What holds now."""
        return self.decider.state

    def refresh(self) -> None:
        """Look up file and state once; what cannot be read stays as it was."""
        loaded, state = self.loaded, self.decider.state
        try:
            if (stamp := stamp_of(self._file)) != self._stamp:
                # Also where it cannot be read: a broken file is complained of once, and looked at again when it has changed.
                self._stamp = stamp
                loaded = read_policy(self._file)
            data = self._store.read()
            state = _killed(decoded(data, self._store.place) if data is not None else State())
            self._told = ""
        except MigratorError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a store throws, jobs go on
            self._complain(f"{self._store.place} cannot be asked: {error}")
        # One assignment each: who decides sees the old or the new, never a mixture.
        changed = loaded is not self.loaded or state != self.decider.state
        self.loaded = loaded
        if changed:
            self.decider = Decider(loaded.policy, state)

    def close(self) -> None:
        """Look no more. Deciding goes on with what is known."""
        self._stop.set()

    def __enter__(self) -> Router:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _watch(self) -> None:
        while not self._stop.wait(self._poll):
            self.refresh()

    def _again(self) -> None:
        if not self._stop.is_set():
            self._thread = threading.Thread(target=self._watch, name="migrator-routing", daemon=True)
            self._thread.start()

    def _complain(self, words: str) -> None:
        """Once for each trouble, not once a second."""
        if words != self._told:
            self._told = words
            self._alarm(f"routing goes on with what it knows: {words}")


def _killed(state: State) -> State:
    """The environment's kill switch goes before the store's."""
    return msgspec.structs.replace(state, everything=True) if os.environ.get(KILL, "0") not in ("", "0") else state


def stamp_of(file: Path) -> tuple[int, int, int] | None:
    """What changes with a file; None where it cannot be looked at."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
