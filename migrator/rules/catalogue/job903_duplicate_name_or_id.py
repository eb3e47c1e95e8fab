"""JOB903: two jobs of one name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule

#: in which the name alone says which code runs
_BY_NAME = ("inngest", "celery", "dramatiq", "huey", "arq", "procrastinate", "taskiq", "trigger.dev", "agenda", "graphile-worker")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name that two jobs have."""
    by_name: defaultdict[tuple[str, str, str], list[Job]] = defaultdict(list)
    for job in evidence.of(Job, *_BY_NAME):
        if job.name and job.handler is not None and job.live is not False:
            # Names of different languages belong to different applications.
            by_name[job.system, job.language, job.name].append(job)
    twice = {key: jobs for key, jobs in by_name.items() if len({j.handler.location for j in jobs if j.handler is not None}) > 1}
    for (system, _, name), jobs in twice.items():
        yield Fail(
            spot(jobs[0]), f"{len(jobs)} jobs are called `{name}`: which of them runs is not to be told.", (system,), spots(jobs[1:])
        )
    if by_name and not twice:
        yield Pass(spot(next(iter(by_name.values()))[0], "every name stands for one job"))


_TASKS = 'from celery import shared_task\n\n@shared_task(name="NAME")\ndef send():\n    ...\n'

RULE = Rule(
    id="JOB903",
    name="duplicate-name-or-id",
    title="Two jobs of one name",
    severity="high",
    tier="stable",
    systems=_BY_NAME,
    what="Two definitions with the same name or id, and different code, on a system that tells jobs apart by their names.",
    why="The one that is registered last wins, or the first, or the application does not start: it depends on the order of imports.",
    how="The names of all definitions. Those that nothing registers do not count.",
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
