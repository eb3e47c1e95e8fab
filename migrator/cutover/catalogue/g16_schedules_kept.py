"""G16: what ran at a time still runs at that time, and once."""

from __future__ import annotations

from migrator.cutover.evidence import Evidence
from migrator.cutover.firing import RUNS, next_runs
from migrator.cutover.gate import Answer, Gate, nothing, settled
from migrator.cutover.lock import LockedSchedule
from migrator.jobs import Job, Schedule, literal_of
from migrator.systems import SYSTEMS


def check(evidence: Evidence) -> Answer:
    """Unmet where a schedule is missing, stands in both systems, or starts at other moments."""
    lock = evidence.lock
    if not lock.schedules:
        return nothing("the lock has no schedule")
    now = [i for i in evidence.inventory.production if isinstance(i, Schedule)]
    left = {s.name or s.job_name: s for s in now if s.system == lock.source}
    problems = [f"{s.location.place}: {name} is still a schedule of {SYSTEMS[lock.source].title}" for name, s in left.items()]
    doubts: list[str] = []
    fine: list[str] = []
    dropped = {fate.job.name for fate in evidence.fates if fate.state == "dropped"}
    for schedule in lock.schedules:
        if schedule.job in dropped:
            fine.append(f"{schedule.name} went with its job")
            continue
        new = [s for s in now if s.system != lock.source and _about(s, schedule, evidence)]
        if not new and schedule.name in left:
            continue
        if not new:
            problems.append(f"{schedule.name} (was {schedule.path}:{schedule.line}) is on no schedule now")
        else:
            _compare(schedule, new, lock.source, problems, doubts, fine)
    return settled(problems, doubts, tuple(fine), "a look at these schedules by a person, and an attestation")


def _about(new: Schedule, old: LockedSchedule, evidence: Evidence) -> bool:
    fate = next((f for f in evidence.fates if f.job.name == old.job), None)
    job = fate.now if fate else None
    names = {old.name, old.job, *((job.name, job.symbol) if isinstance(job, Job) else ())} - {""}
    return bool(names & {new.name, new.job_name}) or (job is not None and new.job == job.identity)


def _compare(old: LockedSchedule, new: list[Schedule], source: str, problems: list[str], doubts: list[str], fine: list[str]) -> None:
    before = next_runs(old.cron, old.timezone or SYSTEMS[source].default_timezone)
    if old.interval is not None and literal_of(old.interval) is not None:
        same = [s for s in new if s.interval is not None and literal_of(s.interval) == literal_of(old.interval)]
        (fine if same else problems).append(
            f"{old.name}: every {literal_of(old.interval)} s"
            + ("" if same else f" before, and {new[0].location.place} says something else")
        )
        return
    after = [(s, next_runs(s.cron, s.timezone or SYSTEMS[s.system].default_timezone)) for s in new]
    if before is None or any(runs is None for _, runs in after):
        now = new[0].location.place
        doubts.append(f"{old.name}: the code does not tell when it started, or when {now} does (a value, or the process's time zone)")
        return
    # A schedule of several parts is compared one by one: a part of the old one must be there.
    same = next((s for s, runs in after if runs == before), None)
    if same is not None:
        fine.append(f"{old.name}: the next {RUNS} runs are the same ({same.location.place})")
        return
    first = next((b, a) for b, a in zip(before, after[0][1] or (), strict=False) if b != a)
    problems.append(f"{after[0][0].location.place}: {old.name} ran at {first[0]:%Y-%m-%d %H:%M} UTC, now at {first[1]:%Y-%m-%d %H:%M} UTC")


GATE = Gate(
    id="G16",
    title="Schedules are kept",
    asks=f"Are the next {RUNS} runs of every schedule the same, to the minute in UTC, and does no schedule run on both systems?",
    how="Crons of the lock against those of now, through a change of the clocks. A cron in the time zone of the process cannot be told; "
    "where a day of the month and a weekday stand together, systems differ, and the texts are taken as cron reads them.",
    answered_by="either",
    check=check,
)
