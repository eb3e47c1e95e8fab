"""What became of each job of the lock: moved, still on the old system, dropped by somebody's word, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from migrator.cutover.attestations import Attestations
from migrator.cutover.lock import Lock, LockedJob
from migrator.jobs import Inventory, Job


@dataclass(frozen=True)
class Fate:
    """`moved` to the job `now` of the target; `both` systems have it; it has `stayed`; it was `dropped`; or nobody knows: `gone`."""

    job: LockedJob
    state: OneOf["moved", "both", "stayed", "dropped", "gone"]
    now: Job | None = None
    said: str = ""  #: by whom and why it was dropped or renamed


def fates(lock: Lock, inventory: Inventory, attestations: Attestations) -> tuple[Fate, ...]:
    """One for each job of the lock, in its order.

    A job is the same job where somebody says so, where the name is the same, where it stands in the same module under the same symbol,
    or where exactly one job of the target has its symbol.
    """
    jobs = [i for i in inventory.production if isinstance(i, Job)]
    old, new = ([j for j in jobs if j.system == system] for system in (lock.source, lock.target))
    return tuple(_fate(job, old, new, attestations) for job in lock.jobs)


def _fate(job: LockedJob, old: list[Job], new: list[Job], attestations: Attestations) -> Fate:
    word = attestations.about(job.name)
    said = f"{word.by}, {word.when}: {word.note}" if word else ""
    stayed = _same(job, old) is not None
    if word and word.becomes:
        now = next((j for j in new if word.becomes in (j.name, j.symbol)), None)
    else:
        now = _same(job, new) or _only(job, new)
    if now is not None:
        return Fate(job, "both" if stayed else "moved", now, said)
    if stayed:
        return Fate(job, "stayed", None, said)
    return Fate(job, "dropped" if word and not word.becomes else "gone", None, said)


def _same(job: LockedJob, jobs: list[Job]) -> Job | None:
    by_name = [j for j in jobs if j.name and j.name == job.name]
    by_symbol = [j for j in jobs if job.symbol and (j.module, j.symbol) == (job.module, job.symbol)]
    return next(iter((*by_name, *by_symbol)), None)


def _only(job: LockedJob, jobs: list[Job]) -> Job | None:
    """The one job of the target with the same symbol, wherever it stands."""
    found = [j for j in jobs if job.symbol and job.symbol != "default" and j.symbol == job.symbol]
    return found[0] if len(found) == 1 else None
