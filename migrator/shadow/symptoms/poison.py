"""Jobs that kill whatever runs them: what fails for good in more than one arm points at the job, not at a system."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.shadow.judging.check import Check
from migrator.shadow.measuring.named_jobs import NamedJob
from migrator.shadow.wording import listed


class Poison(msgspec.Struct, frozen=True, kw_only=True):
    """A job, or jobs of one name and unit, that failed for good in each of `arms`, `deaths` in all. Others of the unit may not have."""

    job_name: str
    key: str  #: the job's, where copies of one job failed; else its unit's
    whole_unit: bool  #: it is told by its unit: no single job failed in several arms
    arms: tuple[str, ...]
    deaths: int
    detail: str  #: of the first


def poison(discarded: Sequence[NamedJob]) -> tuple[Poison, ...]:
    """Those with the most deaths first. `discarded`: jobs of every arm that failed for good."""
    by_job: dict[tuple[str, str, bool], list[NamedJob]] = {}
    for job in discarded:
        by_job.setdefault((job.job_name, job.job_key, False), []).append(job)
        if job.unit_key not in ("", job.job_key):
            by_job.setdefault((job.job_name, job.unit_key, True), []).append(job)
    twice = {key: jobs for key, jobs in by_job.items() if len({job.arm for job in jobs}) > 1}
    # A unit says nothing that its only job does not say already.
    told = {job.job_key for (_, _, whole), jobs in twice.items() if not whole for job in jobs}
    found = [
        Poison(
            job_name=name,
            key=key,
            whole_unit=whole,
            arms=tuple(dict.fromkeys(job.arm for job in jobs)),
            deaths=len(jobs),
            detail=jobs[0].detail,
        )
        for (name, key, whole), jobs in twice.items()
        if not whole or {job.job_key for job in jobs} - told
    ]
    return tuple(sorted(found, key=lambda p: (-p.deaths, p.job_name, p.key)))


def poison_check(found: Sequence[Poison]) -> Check:
    """Said, not held against anybody."""
    if not found:
        return Check("poison", "ok", "no job failed for good in more than one arm")
    named = [f"jobs {p.job_name} of unit {p.key}" if p.whole_unit else f"{p.job_name} {p.key}" for p in found[:3]]
    names = listed(named + ([f"{len(found) - 3:,} more"] if len(found) > 3 else []))
    return Check("poison", "warning", f"failed for good in more than one arm, which points at the jobs and not at a system: {names}")
