"""What became of each job of the lock: moved, still on the old system, dropped by somebody's word, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from migrator.cutover.attestations import Attestation, Attestations
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
    or where it is the only one left with its symbol on either side: what has become of another job has not become of this one too.
    """
    jobs = [i for i in inventory.production if isinstance(i, Job)]
    old, new = ([j for j in jobs if j.system == system] for system in (lock.source, lock.target))
    words = [attestations.about(job.name) for job in lock.jobs]
    now = [_named(word.becomes, new) if word and word.becomes else _same(job, new) for job, word in zip(lock.jobs, words, strict=True)]
    taken = {id(job) for job in now}
    free = [job for job in new if id(job) not in taken]
    asked = [job for job, word, found in zip(lock.jobs, words, now, strict=True) if found is None and not (word and word.becomes)]
    for number, job in enumerate(lock.jobs):
        if job in asked and [one.symbol for one in asked].count(job.symbol) == 1:
            now[number] = _only(job, free)
    return tuple(_fate(job, _same(job, old) is not None, found, word) for job, found, word in zip(lock.jobs, now, words, strict=True))


def _fate(job: LockedJob, stayed: bool, now: Job | None, word: Attestation | None) -> Fate:
    said = f"{word.by}, {word.when}: {word.note}" if word else ""
    if now is not None:
        return Fate(job, "both" if stayed else "moved", now, said)
    if stayed:
        return Fate(job, "stayed", None, said)
    return Fate(job, "dropped" if word and not word.becomes else "gone", None, said)


def _named(name: str, jobs: list[Job]) -> Job | None:
    return next((j for j in jobs if name in (j.name, j.symbol)), None)


def _same(job: LockedJob, jobs: list[Job]) -> Job | None:
    by_name = [j for j in jobs if j.name and j.name == job.name]
    by_symbol = [j for j in jobs if job.symbol and (j.module, j.symbol) == (job.module, job.symbol)]
    return next(iter((*by_name, *by_symbol)), None)


def _only(job: LockedJob, jobs: list[Job]) -> Job | None:
    """The one job with the same symbol, wherever it stands."""
    found = [j for j in jobs if job.symbol and job.symbol != "default" and j.symbol == job.symbol]
    return found[0] if len(found) == 1 else None
