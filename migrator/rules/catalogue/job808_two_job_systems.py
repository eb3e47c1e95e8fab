"""JOB808: one application, two job systems."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Enqueue, Item, Job, Worker
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems import SYSTEMS

#: that start what runs in the same process, or call a route: they stand beside a queue by their nature
_CLOCKS = frozenset(
    (
        *("cron", "croner", "custom-schedule", "custom-timer", "docker-cron", "nest-schedule", "netlify", "node-cron"),
        *("pg_cron", "vercel-cron", "apscheduler"),
    )
)
#: what is built upon another system, and comes with it
_PARTS = {"upstash-workflow": "qstash"}


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for the application."""
    places: dict[str, list[Item]] = {}
    for item in evidence.of(Item):
        if isinstance(item, Job | Enqueue | Worker) and item.system not in _CLOCKS and item.confidence == "certain":
            places.setdefault(_PARTS.get(item.system, item.system), []).append(item)
    used = sorted(places, key=lambda system: (-len({i.location.path for i in places[system]}), system))
    if len(used) > 1:
        files = {system: len({i.location.path for i in places[system]}) for system in used}
        told = ", ".join(f"{SYSTEMS[system].title} in {n} file{'s' if n > 1 else ''}" for system, n in files.items())
        names = sorted({j.name for j in places[used[0]] if isinstance(j, Job) and j.name} & _names(places, used[1:]))
        both = f" Defined in more than one: {', '.join(f'`{name}`' for name in names[:5])}." if names else ""
        others = tuple(spot(places[system][0], SYSTEMS[system].title) for system in used[1:])
        yield Fail(spot(places[used[0]][0]), f"{len(used)} job systems are in use: {told}.{both}", tuple(used), others)
    elif used:
        yield Pass(spot(places[used[0]][0], f"{SYSTEMS[used[0]].title} is the only one"))


def _names(places: dict[str, list[Item]], systems: list[str]) -> set[str]:
    return {job.name for system in systems for job in places[system] if isinstance(job, Job)}


_QUEUE = (
    'import { Queue, Worker } from "bullmq";\nexport const mails = new Queue("mail");\n'
    'new Worker("mail", async (job) => send(job.data));\nexport const tell = (to: string) => mails.add("news", { to });\n'
)
_INNGEST = (
    'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop" });\n'
    'export const tell = inngest.createFunction({ id: "news" }, { event: "user/joined" }, async () => send());\n'
)

RULE = Rule(
    id="JOB808",
    name="two-job-systems",
    title="Two job systems in one application",
    severity="medium",
    systems=(),
    what="Production code that defines, enqueues or works off jobs with more than one system. Timers and crons that only start something "
    "beside a queue do not count.",
    why="Each has its own deployment, retries, dashboard and ways to fail, and whoever looks for a job has to know in which it lives. "
    "Mostly it is a move that was begun and not finished.",
    how="The systems of all definitions, enqueues and workers outside tests that are certain, with the number of files of each, and the "
    "names that are defined in more than one.",
    false_alarms="Applications that can run on one system or another, by a setting, and parts of one repository that are deployed apart.",
    migration="This is what a move looks like half-way; it is finished when the rule passes.",
    fix="none",
    hint="Decide on one, and plan the move of the other's jobs.",
    effort=Effort(0, 0, "project", "the plan of a move says it"),
    sources=("documenso/documenso, which has three behind one interface",),
    examples=(
        Example("bullmq", bad={"mail.ts": _QUEUE, "events.ts": _INNGEST}, good={"mail.ts": _QUEUE}),
        Example(
            "inngest",
            bad={"mail.ts": _QUEUE, "events.ts": _INNGEST},
            good={"events.ts": _INNGEST, "clean.ts": 'import cron from "node-cron";\ncron.schedule("0 3 * * *", () => clean());\n'},
        ),
    ),
    check=check,
    anywhere=True,
)
