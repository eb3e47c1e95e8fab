"""The jobs of an experiment file: `[job]`, or `[[job]]` where there are several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.shadow.config.arms import listed, read_table
from migrator.shadow.config.experiment import Arm, Job
from migrator.toml.source import Source


def read_jobs(source: Source, tables: Any, arms: Mapping[str, Arm]) -> tuple[Job, ...]:
    """The jobs, and that the arms speak of no others.

    Raises:
        MigratorError: they are not as they should be.
    """
    if isinstance(tables, list):
        jobs: list[Job] = [read_table(source, ("job", number), table, Job) for number, table in enumerate(tables)]
    else:
        jobs = [read_table(source, ("job",), tables, Job)]
    names = tuple(job.name for job in jobs)
    for number, name in enumerate(names):
        if name in names[:number]:
            raise source.error(("job", number, "name"), f"there are two jobs `{name}`", "Give each job one [[job]] table.")
    for name, arm in arms.items():
        _check(source, name, arm, names)
    return tuple(jobs)


def _check(source: Source, name: str, arm: Arm, jobs: tuple[str, ...]) -> None:
    if arm.job_name and len(jobs) > 1:
        raise source.error(
            ("arms", name, "job_name"),
            f"`job_name` would be the name of all {len(jobs)} jobs",
            f'Write job_names = {{ "{jobs[0]}" = "{arm.job_name}", … }}.',
        )
    for field, named in (("queues", arm.queues), ("job_names", arm.job_names)):
        for job in named:
            if job not in jobs:
                raise source.error(("arms", name, field, job), f"there is no job `{job}`", f"The jobs are {listed(jobs)}.")
