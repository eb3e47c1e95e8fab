"""Whether a ledger is that of the experiment that a run is started with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded
from migrator.shadow.ledger import Epoch, Ledger


def check_ledger(loaded: Loaded, ledger: Ledger, epochs: Sequence[Epoch]) -> None:
    """Raises MigratorError where it is another's."""
    if what := other(loaded, epochs):
        raise MigratorError(
            f"this ledger belongs to an experiment that {what}",
            place=ledger.place,
            remedy="Use --fresh to set it aside and begin anew, or name another with --ledger.",
        )


def other(loaded: Loaded, epochs: Sequence[Epoch]) -> str:
    """What another experiment than this one did or was; empty where it is this one, or none was begun."""
    if not epochs:
        return ""
    name = loaded.experiment.experiment.name
    config = msgspec.json.decode(epochs[-1].config or "{}")
    # The current arm may have changed, whose jobs are the same: what they were routed by, and how, may not.
    before: dict[str, str] = config.get("experiment", {})
    salt, mode = before.get("salt") or name, before.get("mode", loaded.experiment.experiment.mode)
    if epochs[-1].experiment != name:
        return f"was called {epochs[-1].experiment}"
    if config.get("workload"):
        return "sent jobs of its own"
    if "experiment" in config and salt != loaded.experiment.salt:
        return f'was routed with salt = "{salt}"'
    return f'was of mode = "{mode}"' if mode != loaded.experiment.experiment.mode else ""
