"""JOB905: a job that no worker knows."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each job of which it is known whether something registers it."""
    live: Job | None = None
    for job in evidence.of(Job):
        if job.live is False:
            yield Fail(
                spot(job),
                f"`{job.name or job.symbol}` is defined, but nothing hands it to a worker or an endpoint: it never runs.",
                (job.system,),
            )
        elif job.live:
            live = live or job
    if live is not None:
        yield Pass(spot(live, "registered"))


_JOBS = (
    'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop" });\n'
    'export const pay = inngest.createFunction({ id: "pay" }, { event: "order/made" }, async () => {});\n'
    'export const ship = inngest.createFunction({ id: "ship" }, { event: "order/paid" }, async () => {});\n'
)
_SERVE = (
    'import { serve } from "inngest/next";\nimport { inngest, pay, ship } from "./jobs";\n'
    "export const { GET, POST, PUT } = serve({ client: inngest, functions: [LIST] });\n"
)

RULE = Rule(
    id="JOB905",
    name="unregistered-handler",
    title="Jobs that no worker knows",
    severity="high",
    systems=(),
    what="A job that is defined, but that no `serve()`, worker, application or import leads to.",
    why="What is sent to it waits for ever or is dropped without a word. It is a frequent slip: a new file, and the list of functions "
    "is old.",
    how="The lists that endpoints and workers are given are followed to the definitions. Where a list is known only at run time, "
    "nothing is said.",
    false_alarms="A job that another repository registers.",
    migration="Such a job need not be moved. Ask first whether it was meant to run.",
    fix="safe",
    hint="Add it to the list, or take it out.",
    effort=Effort(5, 5, "place", "an estimate"),
    sources=("Inngest documentation, Serving your functions",),
    examples=(
        Example(
            "inngest",
            bad={"jobs.ts": _JOBS, "serve.ts": _SERVE.replace("LIST", "pay")},
            good={"jobs.ts": _JOBS, "serve.ts": _SERVE.replace("LIST", "pay, ship")},
        ),
    ),
    check=check,
)
