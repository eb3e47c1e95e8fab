"""G16: what ran at a time still runs at that time, and once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from migrator.cutover.evidence import Evidence
from migrator.cutover.gate import Answer, Gate, nothing, settled
from migrator.cutover.lock import LockedSchedule
from migrator.jobs import Enqueue, Job, Schedule, literal_of
from migrator.jobs.values import is_number
from migrator.systems import SYSTEMS, System
from migrator.systems.schedule_times import next_runs

#: so many runs are compared (reference: 50 next fire times, daylight saving among them)
RUNS = 50


def check(evidence: Evidence) -> Answer:
    """Unmet where a schedule is missing, stands in both systems, starts at other moments, or has come on top."""
    lock = evidence.lock
    if not lock.schedules:
        return nothing("the lock has no schedule")
    now = [i for i in evidence.inventory.production if isinstance(i, Schedule)]
    left = {s.name or s.job_name: s for s in now if s.system == lock.source}
    found = _Found([f"{s.location.place}: {name} is still a schedule of {SYSTEMS[lock.source].title}" for name, s in left.items()])
    dropped = {fate.job.name for fate in evidence.fates if fate.state == "dropped"}
    for schedule in lock.schedules:
        if schedule.job in dropped:
            found.fine.append(f"{schedule.name} went with its job")
            continue
        new = [s for s in now if s.system != lock.source and _about(s, schedule, evidence)]
        if new:
            _compare(schedule, new, lock.source, found)
        elif schedule.name not in left:
            found.problems.append(f"{schedule.name} (was {schedule.path}:{schedule.line}) is on no schedule now")
    extra = [(s, job) for s, job in found.beside if all(s is not kept for kept in found.kept)]
    found.problems += [f"{s.location.place}: starts {job} as well, and the lock has no such schedule" for s, job in extra]
    return settled(found.problems, found.doubts, tuple(found.fine), "a look at these schedules by a person, and an attestation")


@dataclass
class _Found:
    """Lines by what they mean; `kept`: schedules of now that start as one of the lock did; `beside`: others of the same jobs."""

    problems: list[str]
    doubts: list[str] = field(default_factory=list)
    fine: list[str] = field(default_factory=list)
    kept: list[Schedule] = field(default_factory=list)
    beside: list[tuple[Schedule, str]] = field(default_factory=list)


def _about(new: Schedule, old: LockedSchedule, evidence: Evidence) -> bool:
    fate = next((f for f in evidence.fates if f.job.name == old.job), None)
    job = fate.now if fate else None
    names = {old.name, old.job, *((job.name, job.symbol) if job is not None else ())} - {""}
    return bool(names & {new.name, new.job_name}) or (job is not None and (new.job == job.identity or _starts_it(new, job, evidence)))


def _starts_it(schedule: Schedule, job: Job, evidence: Evidence) -> bool:
    """What the schedule is given to call is the job's own enqueue: `add_job(digest.send, …)`, `cron(…, () => queue.add(…))`."""
    here, entry = schedule.location.path, schedule.entry or schedule.location.span
    places = [i.location for i in evidence.inventory.production if isinstance(i, Enqueue) and i.job == job.identity]
    return any(at.path == here and entry.start <= at.span.start and at.span.end <= entry.end for at in places)


def _compare(old: LockedSchedule, new: list[Schedule], source: str, found: _Found) -> None:
    """A schedule of several parts is compared one by one: a part of the old one must be there."""
    before = _starts(old, SYSTEMS[source])
    after = [(s, _starts(s, SYSTEMS[s.system])) for s in new]
    same = next((s for s, starts in after if starts == before), None) if before is not None else None
    where = new[0].location.place
    if same is not None:
        found.kept.append(same)
        found.beside += [(s, old.job or old.name) for s in new if s is not same]
        told = f"every {before:,g} s" if isinstance(before, float) else f"the next {RUNS} runs are the same"
        found.fine.append(f"{old.name}: {told} ({same.location.place})")
    elif before is None or any(starts is None for _, starts in after):
        unread = "a value, or the process's time zone"
        found.doubts.append(f"{old.name}: the code does not tell when it started, or when {where} does ({unread})")
    elif any(isinstance(starts, float) != isinstance(before, float) for _, starts in after):
        found.doubts.append(f"{old.name}: of a cron and an interval one is before and one is now, {where}")
    elif isinstance(before, tuple):
        moments = next(starts for _, starts in after if isinstance(starts, tuple))
        was, now = next((b, a) for b, a in zip(before, moments, strict=True) if b != a)
        found.problems.append(f"{where}: {old.name} ran at {was:%Y-%m-%d %H:%M} UTC, now at {now:%Y-%m-%d %H:%M} UTC")
    else:
        found.problems.append(f"{old.name}: every {before:,g} s before, and {where} says something else")


def _starts(schedule: LockedSchedule | Schedule, system: System) -> float | tuple[datetime, ...] | None:
    """Seconds from one start to the next, or the next starts in UTC; None where the text does not tell."""
    if schedule.interval is not None:
        seconds = literal_of(schedule.interval)
        return float(seconds) if is_number(seconds) else None
    return next_runs(schedule.cron, schedule.timezone or system.default_timezone, RUNS)


GATE = Gate(
    id="G16",
    title="Schedules are kept",
    asks=f"Are the next {RUNS} runs of every schedule the same, to the minute in UTC, and does no schedule run on both systems?",
    how="Crons of the lock against those of now, through a change of the clocks. A cron in the time zone of the process cannot be told; "
    "where a day of the month and a weekday stand together, systems differ, and the texts are taken as cron reads them.",
    answered_by="either",
    check=check,
)
