"""JOB701: a route that a scheduler calls, and that anybody else may call as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.rules.doors import Door, door
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

#: system -> forms of its jobs that are routes of an own web server or function
_ROUTES: dict[str, frozenset[str]] = {
    "vercel-cron": frozenset(("route",)),
    "qstash": frozenset(("destination",)),
    "netlify": frozenset(("background",)),
    "pg_cron": frozenset(("edge function",)),
}
_OPEN = r"\[functions\.[\"']?{name}[\"']?\][^\[]*?verify_jwt\s*=\s*(?:false)"


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that calls routes here."""
    for system, forms in _ROUTES.items():
        open_ones: list[Spot] = []
        for job in evidence.of(Job, system):
            if job.form not in forms:
                continue
            found = _of_platform(evidence, job) or door(evidence, job)
            if found.guard is not None:
                yield Pass(found.guard)
            elif found.doubt:
                yield Undecided(f"whether `{job.name}` asks who is calling could not be told: {found.doubt}", spot(job))
            else:
                open_ones.append(spot(job))
        if open_ones:
            first, *others = open_ones
            count = f"`{first.what}` and {len(others)} other routes" if len(others) > 1 else f"`{first.what}`"
            count = f"`{first.what}` and `{others[0].what}`" if len(others) == 1 else count
            verb = "run" if others else "runs"
            message = f"Anybody on the network can call what {SYSTEMS[system].title} calls: {count} {verb} without asking who it is."
            yield Fail(first, message, (system,), tuple(others), confidence="likely")


def _of_platform(evidence: Evidence, job: Job) -> Door | None:
    """What the platform asks by itself: Supabase wants a token of the project, unless it is told not to."""
    if job.system != "pg_cron":
        return None
    opened = re.compile(_OPEN.format(name=re.escape(job.location.path.split("/")[-2])), re.DOTALL)
    for path in (p for p in evidence.mentioning(b"verify_jwt") if p.endswith("supabase/config.toml")):
        if opened.search(evidence.tree.read(path).decode("utf-8", "replace")):
            return None
    if evidence.mentioning(b"--no-verify-jwt"):
        return Door(doubt="functions are deployed with `--no-verify-jwt`")
    return Door(Spot(job.location.path, job.location.line, "Supabase asks for a token of the project"))


_VERCEL = '{"crons": [{"path": "/api/cron/digest", "schedule": "0 8 * * *"}]}'
_ROUTE = "export async function GET(request: Request) {\nCHECK  await sendDigest();\n  return Response.json({ ok: true });\n}\n"
_CHECK = (
    '  if (request.headers.get("authorization") !== `Bearer ${process.env.CRON_SECRET}`) {\n'
    '    return new Response("no", { status: 401 });\n  }\n'
)

RULE = Rule(
    id="JOB701",
    name="unauthenticated-trigger-endpoint",
    title="Routes with jobs that anybody can start",
    severity="critical",
    systems=tuple(_ROUTES),
    what="A route that Vercel's crons, QStash, pg_cron or the caller of a background function calls, which looks at no signature, "
    "secret or session of the caller.",
    why="The path stands in `vercel.json` or can be guessed, and whoever calls it starts the job: as often as they like, with the data "
    "that "
    "they like. A digest goes out a thousand times; a clean-up runs in the middle of the day.",
    how="From the schedule to the route that answers it; then everything around the handler (in-house wrappers such as `withCron` are "
    "followed to what they do) and everything that it calls, four functions deep: reads of `authorization` and signature headers and of "
    "cron secrets, checks of signatures, sessions and roles, decorators. A middleware in front of the route makes the answer unknown, "
    "unless its matcher leaves the API out. Webhooks of other services are not looked at, nor whether a check is a good one.",
    false_alarms="A network that only the scheduler can reach.",
    migration="Each target has its own signature: the check moves with the route, or goes where the target does not call over HTTP.",
    fix="none",
    hint="Have the caller send a secret in a header, and compare it.",
    hints={
        "vercel-cron": "Compare the header `authorization` with `CRON_SECRET`.",
        "qstash": "Wrap the handler in `verifySignatureAppRouter`, or check the signature with `Receiver`.",
    },
    effort=Effort(20, 40, "place", "an estimate; once, where the routes can share a wrapper"),
    sources=("Vercel documentation, Managing cron jobs, Securing cron jobs", "QStash documentation, Verify signatures"),
    examples=(
        Example(
            "vercel-cron",
            bad={"vercel.json": _VERCEL, "app/api/cron/digest/route.ts": _ROUTE.replace("CHECK", "")},
            good={"vercel.json": _VERCEL, "app/api/cron/digest/route.ts": _ROUTE.replace("CHECK", _CHECK)},
        ),
    ),
    check=check,
    related=("JOB702", "JOB704"),
)
