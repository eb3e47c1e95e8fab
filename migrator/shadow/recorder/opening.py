"""The recorder that an experiment file asks for."""

from __future__ import annotations

from migrator.shadow.policy.reading import LoadedPolicy
from migrator.shadow.recorder.recorder import Recorder
from migrator.shadow.transport.opening import outlet_of


def open_recorder(loaded: LoadedPolicy) -> Recorder:
    """A recorder of this process. Raises MigratorError where the file names a transport whose address is not set."""
    spec = loaded.recorder
    return Recorder(loaded.spool, outlet=outlet_of(loaded), durability=spec.durability, limit=spec.events, cap=spec.disk_bytes)
