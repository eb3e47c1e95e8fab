"""What changes of a row mean for the job: pure, from the log of transitions to sightings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from migrator.shadow.drivers.interface import Sighting, SightingKind, Standing
from migrator.shadow.postgres.transitions import Transition

#: an error as the system stored it -> its type and its message, either unknown
ReadError = Callable[[str], tuple[str | None, str | None]]


class States(msgspec.Struct, frozen=True, kw_only=True):
    """The table's words for each state; several where it has several."""

    waiting: frozenset[str]
    active: frozenset[str]
    completed: frozenset[str]
    discarded: frozenset[str]
    cancelled: frozenset[str] = frozenset()

    def standing(self, word: str | None) -> Standing | None:
        """The neutral word for one of the table's; None when it is unknown."""
        words: tuple[tuple[Standing, frozenset[str]], ...] = (
            ("waiting", self.waiting),
            ("active", self.active),
            ("completed", self.completed),
            ("discarded", self.discarded),
            ("cancelled", self.cancelled),
        )
        return next((standing for standing, known in words if word in known), None)


def sightings(transitions: Iterable[Transition], states: States, read_error: ReadError, parents: dict[str, str]) -> list[Sighting]:
    """The lifecycle behind the transitions of whole transactions.

    `parents` (retry row -> first row) is carried from call to call: a table that retries by a new row still holds one job.
    """
    changes = _whole_changes(list(transitions))
    retried = {(t.xid, t.parent) for t in changes if t.parent and t.operation == "INSERT"}
    found: list[Sighting] = []
    for change in changes:
        if change.parent:
            parents[change.native_id] = parents.get(change.parent, change.parent)
        native = parents.get(change.native_id, change.native_id)
        again = (change.xid, change.native_id) in retried or (change.xid, native) in retried
        for step, (kind, error) in enumerate(_kinds(change, states, again=again)):
            err_type, err_message = read_error(change.error) if error and change.error else (None, None)
            found.append(
                Sighting(
                    id=f"{change.id:016d}.{step}",
                    job_key=change.job_key,
                    native_id=native,
                    kind=kind,
                    ts_ns=change.at_us * 1000,
                    until_ns=change.due_us * 1000 if kind == "delayed" and change.due_us is not None else None,
                    err_type=err_type,
                    err_message=err_message,
                )
            )
    return found


def _whole_changes(transitions: Sequence[Transition]) -> list[Transition]:
    """A DELETE and an INSERT of one row in one transaction are an update (pg-boss writes failures so)."""
    changes: list[Transition] = []
    deleted: dict[tuple[int, str], int] = {}
    for t in transitions:
        row = (t.xid, t.native_id)
        if t.operation == "INSERT" and row in deleted:
            position = deleted.pop(row)
            changes[position] = msgspec.structs.replace(t, operation="UPDATE", old_state=changes[position].old_state)
            continue
        if t.operation == "DELETE":
            deleted[row] = len(changes)
        changes.append(t)
    return sorted(changes, key=lambda change: change.id)


def _kinds(change: Transition, states: States, *, again: bool) -> list[tuple[SightingKind, bool]]:
    """What one change means, in order, each with whether the row's error belongs to it."""
    before = states.standing(change.old_state)
    after = states.standing(change.new_state)
    if change.operation == "DELETE":
        # A record that is tidied away after its end says nothing new.
        return [] if before in ("completed", "discarded", "cancelled") else [("removed", False)]
    if after == "waiting":
        ready: SightingKind = "delayed" if change.due_us is not None and change.due_us > change.at_us else "available"
        failed: list[tuple[SightingKind, bool]] = [("attempt_failed", True)] if before == "active" else []
        return [*failed, (ready, False)]
    if before == after:
        return []
    if after == "active":
        return [("started", False)]
    if after == "discarded":
        return [("attempt_failed" if again else "discarded", True)]
    return [(after, False)] if after == "completed" or after == "cancelled" else []
