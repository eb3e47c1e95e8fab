"""JOB303: a schedule that starts a run while the last one still runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Job, Schedule
from migrator.regex import regex
from migrator.rules.evidence import Evidence, number, spot, spots
from migrator.rules.loop_nests import loops_of
from migrator.rules.one_run import kept_single
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.candidates.slow_calls import TAKE_LONG, kind_of
from migrator.systems import SYSTEMS
from migrator.systems.schedule_times import shortest_gap
from migrator.systems.vercel_cron import DEFAULT_DURATION

_OVERLAPPING = tuple(name for name, system in SYSTEMS.items() if system.overlapping_runs == "yes")
#: options of a job that set its own limit: whoever set it thought of runs of that length
_OWN = frozenset(("time_limit", "soft_time_limit", "timeout", "job_timeout", "expireInSeconds", "maxDuration"))
#: seconds between two starts from which on a job without a limit may be trusted to be over
_SHORT = 300
_DURATION = regex(rb"export\s+const\s+maxDuration\s*=\s*(\d+)")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all schedules of a system whose runs may overlap."""
    overlapping: defaultdict[str, list[tuple[Schedule, float, str]]] = defaultdict(list)
    jobs = {(job.system, key): job for job in evidence.of(Job, *_OVERLAPPING) for key in (job.name, job.identity) if key}
    for schedule in evidence.of(Schedule, *_OVERLAPPING):
        gap = shortest_gap(schedule)
        job = jobs.get((schedule.system, schedule.job)) or jobs.get((schedule.system, schedule.job_name))
        if gap is None:
            yield Undecided("how often a schedule starts is only known at run time", spot(schedule))
        elif (guard := kept_single(evidence, schedule, job)) is not None:
            yield Pass(guard)
        elif job is None:
            yield Undecided("the job that a schedule starts was not found", spot(schedule))
        elif (limit := _limit(evidence, job)) is not None and gap >= limit:
            yield Pass(spot(schedule, f"starts each {gap:.0f} s, and ends after {limit:.0f} s"))
        elif limit is not None and (not _OWN.isdisjoint(job.options) or _takes_long(evidence, job)):
            overlapping[schedule.system].append((schedule, gap, f"may run for {limit:.0f} s"))
        elif limit is None and gap <= _SHORT and _takes_long(evidence, job):
            overlapping[schedule.system].append((schedule, gap, "has no limit"))
        else:
            yield Undecided("how long a job runs that a schedule starts is not known", spot(schedule))
    for system, found in overlapping.items():
        named = ", ".join(f"`{s.name or s.job_name}` starts each {gap:.0f} s and {why}" for s, gap, why in found[:3])
        more = f", and {len(found) - 3} more" if len(found) > 3 else ""
        certain = all(why != "has no limit" for _, _, why in found)
        message = f"Runs of a schedule may overlap: {named}{more}."
        first, *others = (s for s, _, _ in found)
        yield Fail(spot(first), message, (system,), spots(others), confidence="certain" if certain else "likely")


def _limit(evidence: Evidence, job: Job) -> float | None:
    """Seconds after which a run is over, come what may; None where there is no limit, or only the run tells."""
    if job.timeout is not None or job.system != "vercel-cron":
        return number(job.timeout)
    found = evidence.handler(job)
    said = _DURATION.search(found[0].source.data) if found is not None else None
    return float(said[1]) if said is not None else DEFAULT_DURATION


def _takes_long(evidence: Evidence, job: Job) -> bool:
    """True if a job asks for something outside once for each of many."""
    slow = (call for call in evidence.calls(job) if call.in_loop and kind_of(call.meaning.key, in_loop=False) in TAKE_LONG)
    return any(loops_of(call) for call in slow)


_BEAT = (
    "from celery import Celery\napp = Celery()\napp.conf.beat_schedule = {\n"
    '    "sync": {"task": "app.sync", "schedule": 60.0},\n}\n\n@app.task(name="app.sync", time_limit=LIMIT)\ndef sync():\n    pull()\n'
)

RULE = Rule(
    id="JOB303",
    name="overlapping-runs",
    title="Runs of a schedule that overlap",
    severity="medium",
    systems=_OVERLAPPING,
    what="A schedule that starts its job again before the job's time limit is over, where the limit is the job's own, or where the job "
    "waits for another service once for each of many; and a schedule that starts such a job every five minutes or more often though it has "
    "no limit. And nothing that keeps a second run out.",
    why="One slow day is enough: the second run does the same work beside the first, both are slower for it, and the third comes on top. "
    "What both do, they do twice.",
    how="The shortest time between two starts, the limit of the job (on Vercel `maxDuration`, "
    f"{DEFAULT_DURATION} s where nothing is said), and what keeps runs apart: options such as `singleton`, `noOverlap`, `protect`, a "
    "concurrency of one, a lock in the body of the job or in its decorators. Schedulers that wait for the last run (BullMQ, APScheduler, "
    "pg_cron) are left out. All other jobs without a limit of their own are unknown.",
    false_alarms="Jobs that never come near their limit, and runs that do no harm side by side.",
    migration="Systems differ in this: BullMQ and pg_cron start no second run, Celery beat and Inngest do.",
    fix="none",
    hint="Let one run at a time be all there is: a lock, a singleton policy, a concurrency of one; or a limit below the period.",
    effort=Effort(30, 60, "place", "an estimate"),
    sources=("Celery user guide, Periodic Tasks: tasks may overlap", "BullMQ guide, Job Schedulers", "pg_cron, README"),
    examples=(Example("celery", bad={"app.py": _BEAT.replace("LIMIT", "300")}, good={"app.py": _BEAT.replace("LIMIT", "50")}),),
    check=check,
    related=("JOB111",),
)
