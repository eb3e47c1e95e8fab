"""JOB903: two jobs of one name."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided

#: in which the name alone says which code runs
_BY_NAME = ("inngest", "celery", "dramatiq", "huey", "arq", "procrastinate", "taskiq", "trigger.dev", "agenda", "graphile-worker")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name that two jobs of one package have; of two packages nobody knows whether they are one application."""
    by_name: defaultdict[tuple[str, str, str], list[Job]] = defaultdict(list)
    for job in evidence.of(Job, *_BY_NAME):
        if job.name and job.handler is not None and job.live is not False:
            # Names of different languages belong to different applications.
            by_name[job.system, job.language, job.name].append(job)
    twice = {key: jobs for key, jobs in by_name.items() if len({j.handler.location for j in jobs if j.handler is not None}) > 1}
    for (system, _, name), jobs in twice.items():
        by_package: defaultdict[str, list[Job]] = defaultdict(list)
        for job in jobs:
            by_package[_package(evidence, job)].append(job)
        same = [those for those in by_package.values() if len({j.handler.location for j in those if j.handler is not None}) > 1]
        for those in same:
            message = f"{len(those)} jobs are called `{name}`: which of them runs is not to be told."
            yield Fail(spot(those[0]), message, (system,), spots(those[1:]))
        if not same:
            yield Undecided(f"whether the {len(by_package)} packages with a job `{name}` are one application", spot(jobs[0]))
    if by_name and not twice:
        yield Pass(spot(next(iter(by_name.values()))[0], "every name stands for one job"))


def _package(evidence: Evidence, job: Job) -> str:
    """The folder of the nearest manifest above a job."""
    folder = posixpath.dirname(job.location.path)
    while folder and folder not in evidence.versions.by_folder:
        folder = posixpath.dirname(folder)
    return folder


_TASKS = 'from celery import shared_task\n\n@shared_task(name="NAME")\ndef send():\n    ...\n'

RULE = Rule(
    id="JOB903",
    name="duplicate-name-or-id",
    title="Two jobs of one name",
    severity="high",
    systems=_BY_NAME,
    what="Two definitions with the same name or id, and different code, on a system that tells jobs apart by their names.",
    why="The one that is registered last wins, or the first, or the application does not start: it depends on the order of imports.",
    how="The names of all definitions of one package. Those that nothing registers do not count; of jobs in two packages of a repository "
    "it is not known whether they run in one application.",
    false_alarms="Two applications in one repository that never share a broker.",
    migration="A target may refuse what the source has borne.",
    fix="none",
    hint="Rename one of them, and everything that enqueues it.",
    effort=Effort(15, 30, "place", "an estimate"),
    sources=("Celery user guide, Tasks, Names",),
    examples=(
        Example(
            "celery",
            bad={"a.py": _TASKS.replace("NAME", "mail.send"), "b.py": _TASKS.replace("NAME", "mail.send")},
            good={"a.py": _TASKS.replace("NAME", "mail.send"), "b.py": _TASKS.replace("NAME", "sms.send")},
        ),
    ),
    check=check,
)
