"""JOB306: schedules that nobody takes out when they change."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Schedule
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.written import first, forms
from migrator.systems.bullmq import REPEAT_REMOVED

_SYSTEMS = ("bullmq", "bull")
_TAKES_OUT = forms(
    "removeRepeatable removeRepeatableByKey getRepeatableJobs removeJobScheduler getJobSchedulers obliterate",
    r"\b(?:removeRepeatable(?:ByKey)?|getRepeatableJobs|removeJobScheduler|getJobSchedulers|obliterate)\(",
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all repeatable jobs of each system."""
    for system in _SYSTEMS:
        old: list[Schedule] = []
        for schedule in evidence.of(Schedule, system):
            node = evidence.node(schedule.location.path, schedule.entry)
            if node is None or b"repeat" not in (node.text or b""):
                continue
            major = evidence.major(system, schedule.location.path)
            if system == "bull" or (major is not None and major < REPEAT_REMOVED):
                old.append(schedule)
            elif major is None:
                yield Undecided("which version of BullMQ is installed is not known", spot(schedule))
        taken = first(evidence, _TAKES_OUT) if old else None
        if taken is not None:
            yield Pass(taken)
        elif old:
            names = ", ".join(dict.fromkeys(f"`{s.name}`" for s in old[:3] if s.name)) or "A repeatable job"
            message = f"{names}: when the pattern changes, the old schedule goes on beside the new one; nothing takes it out."
            yield Fail(spot(old[0]), message, (system,), spots(old[1:]), confidence="likely")


_PACKAGE = '{"dependencies": {"bullmq": "^5.1.0"}}'
_CODE = 'import { Queue } from "bullmq";\nconst q = new Queue("tidy");\n'

RULE = Rule(
    id="JOB306",
    name="orphaned-repeatable",
    title="Old schedules that go on",
    severity="medium",
    systems=_SYSTEMS,
    what="`add(…, { repeat })` of Bull, or of BullMQ before version 6, in an application that nowhere takes repeatable jobs out.",
    why="The schedule is kept in Redis under its pattern. A deployment with another pattern adds a second one, and the first goes on for "
    "ever, though no code says so any more.",
    how="Schedules that are made with `repeat`, by the installed version, and any call that lists or takes out repeatable jobs.",
    false_alarms="Old schedules that somebody takes out by hand.",
    migration="Schedules that only Redis knows are not in the code: `migrate audit --runtime` asks for them.",
    fix="unsafe",
    hint="Use `upsertJobScheduler` with an id, which replaces the old pattern; take out what is left with `removeRepeatableByKey`.",
    effort=Effort(30, 60, "project", "an estimate"),
    sources=("taskforcesh/bullmq issue 1709", "OptimalBits/bull issue 1675"),
    examples=(
        Example(
            "bullmq",
            bad={"package.json": _PACKAGE, "tidy.ts": _CODE + 'await q.add("tidy", {}, { repeat: { pattern: "0 3 * * *" } });\n'},
            good={"package.json": _PACKAGE, "tidy.ts": _CODE + 'await q.upsertJobScheduler("tidy", { pattern: "0 3 * * *" });\n'},
        ),
    ),
    check=check,
    left_behind=True,
    stays_on=("agenda", "apscheduler", "celery", "django-q", "pg-boss", "pg_cron", "qstash", "rq"),
    related=("JOB305",),
)
