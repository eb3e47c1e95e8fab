"""JOB304: a cron that its system does not take, or that does not say what it seems to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Schedule, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS
from migrator.systems.cron_zone import split_zone

_LOOKED_AT = tuple(name for name, system in SYSTEMS.items() if system.cron_seconds)
#: a field's name, its first and its last value; weekdays have a second Sunday
_FIELDS = (("minutes", 0, 59), ("hours", 0, 23), ("days", 1, 31), ("months", 1, 12), ("weekdays", 0, 7))
_SECONDS = ("seconds", 0, 59)
_PART = regex(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each cron."""
    for schedule in evidence.of(Schedule, *_LOOKED_AT):
        cron = literal_of(schedule.cron)
        if schedule.cron is None:
            continue
        if not isinstance(cron, str):
            yield Undecided("a cron is only known at run time", spot(schedule))
            continue
        text, _ = split_zone(cron)
        # Nicknames and the words of single systems are not looked into.
        if text.startswith("@") or re.search(r"seconds?$", text):
            continue
        wrong = _wrong(schedule.system, text.split())
        if wrong:
            yield Fail(spot(schedule), f"`{cron}`: {wrong}.", (schedule.system,))
        else:
            yield Pass(spot(schedule, f"`{cron}` is as {SYSTEMS[schedule.system].title} reads it"))


def _wrong(system: str, fields: list[str]) -> str:
    """What is wrong with a cron; empty if nothing is."""
    title, seconds = SYSTEMS[system].title, SYSTEMS[system].cron_seconds == "yes"
    if len(fields) == len(_FIELDS) + 1 and not seconds:
        return f"six fields, and {title} takes five: it knows no seconds"
    if len(fields) not in (len(_FIELDS), len(_FIELDS) + 1):
        return f"{len(fields)} fields, and a cron has five" + (" or six" if seconds else "")
    if system == "pg-boss" and len(fields) > len(_FIELDS) and fields[0] not in ("0", "00"):
        return "pg-boss starts a schedule once a minute at most, whatever its seconds say"
    for field, (name, first, last) in zip(reversed(fields), (*reversed(_FIELDS), _SECONDS), strict=False):
        for part in field.split(","):
            if why := _of_part(part, name, first, last):
                return why
    return _never(fields[-3], fields[-2], fields[-1])


def _of_part(part: str, name: str, first: int, last: int) -> str:
    found = _PART.fullmatch(part)
    if found is None:
        # Names of months and days, `L`, `W`, `#`: systems differ in these, and versions of one.
        return ""
    low, high, step = (int(n) if n else None for n in found.groups())
    for number in (low, high):
        if number is not None and not first <= number <= last:
            return f"{number} in the {name}, which go from {first} to {last}"
    if step == 0:
        return f"a step of 0 in the {name}"
    if step is not None and low is None and step > last - first + 1:
        return f"`{part}` in the {name} does not count on past {last}: at best it is the same as `{first}`"
    return ""


def _never(days: str, months: str, weekdays: str) -> str:
    """A day that none of the months has."""
    if weekdays not in ("*", "?") or not re.fullmatch(r"[\d,]+", days) or not re.fullmatch(r"[\d,]+", months):
        return ""
    longest = max(_DAYS_OF_MONTHS[int(m) - 1] for m in months.split(",") if m)
    return f"no such day: the months {months} have {longest} days at most" if min(int(d) for d in days.split(",") if d) > longest else ""


_INNGEST = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export const tidy = inngest.createFunction({ id: "tidy" }, { cron: "CRON" }, async () => clean());\n'
)
_BOSS = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'await boss.createQueue("tidy");\nawait boss.schedule("tidy", "CRON");\nboss.work("tidy", async () => clean());\n'
)
_BULLMQ = (
    'import { Queue } from "bullmq";\nconst q = new Queue("tidy");\nawait q.upsertJobScheduler("tidy", { pattern: "CRON", tz: "UTC" });\n'
)

RULE = Rule(
    id="JOB304",
    name="cron-dialect-mismatch",
    title="Crons that mean something else, or nothing, to their system",
    severity="high",
    systems=_LOOKED_AT,
    what="A cron with seconds on a system that knows none, one with seconds on pg-boss, values outside their field, a step larger than its "
    "field (`*/90` in the minutes), and days that no month of it has.",
    why="What looks like one cron is a family of dialects. A sixth field is refused, or all fields move by one place. pg-boss looks "
    "at its schedules twice a minute and starts each at most once in a minute, so that `*/10 * * * * *` is no six times a minute. `*/90` "
    "is every hour, as each hour starts counting anew.",
    how="The fields of crons that the code spells out, against what the system takes. Names, `L`, `W` and `#` are not looked into.",
    false_alarms="None known.",
    migration="Six fields cannot go to Inngest, Celery, pg_cron or Vercel as they are; `0` before five fields can be left out.",
    fix="unsafe",
    hint="Write five fields that say what is meant; for less than a minute use an interval of the system.",
    effort=Effort(5, 15, "place", "an estimate"),
    sources=(
        "pg-boss documentation, Scheduling",
        "BullMQ guide, Repeat strategies",
        "pg_cron, README",
        "robfig/cron v3, which Inngest uses",
    ),
    examples=(
        Example(
            "inngest",
            bad={"tidy.ts": _INNGEST.replace("CRON", "0 */10 * * * *")},
            good={"tidy.ts": _INNGEST.replace("CRON", "TZ=Europe/Berlin */10 * * * *")},
        ),
        Example(
            "pg-boss",
            bad={"tidy.ts": _BOSS.replace("CRON", "*/10 * * * * *")},
            good={"tidy.ts": _BOSS.replace("CRON", "* * * * *")},
        ),
        Example(
            "bullmq",
            bad={"tidy.ts": _BULLMQ.replace("CRON", "*/90 * * * *")},
            good={"tidy.ts": _BULLMQ.replace("CRON", "*/30 * * * *")},
        ),
    ),
    check=check,
    related=("JOB302",),
)
