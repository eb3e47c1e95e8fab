"""JOB006: a handler that takes the list of jobs for a job."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.reading import View
from migrator.syntax.tree import field, walk
from migrator.systems.pg_boss import HANDED_LISTS

_OF_A_JOB = frozenset(("data", "id", "name"))


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each handler that was found."""
    for job in evidence.of(Job, "pg-boss"):
        found = evidence.handler(job)
        if found is None or job.handler is None or not job.handler.parameters:
            continue
        view, function = found
        read = _read_as_a_job(view, function, job.handler.parameters[0].name, job.handler.parameters[0].kind)
        major = evidence.major("pg-boss", job.location.path)
        if read is None:
            yield Pass(spot(job, "the handler takes what it is given"))
        elif major is None:
            yield Undecided("which version of pg-boss is installed is not known", spot(job))
        elif major >= HANDED_LISTS:
            name = f"`{job.name}`" if job.name else "a queue"
            message = f"The handler of {name} reads `{read}` of the list of jobs that pg-boss {major} hands it: it is always undefined."
            yield Fail(spot(view.source.location(function)), message, ("pg-boss",))
        else:
            yield Pass(spot(job, f"pg-boss {major} hands one job"))


def _read_as_a_job(view: View, function: Node, parameter: str, kind: str) -> str | None:
    """`job.data` and the like, as the function has it; None if it reads nothing of the kind."""
    body = field(function, "body")
    if kind != "plain" or body is None:
        return None
    for access in walk(body, ("member_expression",)):
        owner, name = field(access, "object"), field(access, "property")
        if owner is not None and name is not None and view.source.text(owner) == parameter and view.source.text(name) in _OF_A_JOB:
            return view.source.text(access)
    return None


_CODE = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'boss.work("mail", async (JOB) => send(job.data));\n'
)

RULE = Rule(
    id="JOB006",
    name="batch-handler-arity",
    title="Handlers that take the list of jobs for a job",
    severity="critical",
    systems=("pg-boss",),
    what="A handler of pg-boss 10 or later that reads `data`, `id` or `name` of its first parameter, which is a list.",
    why="Since version 10 a handler is given a list, of one job unless a batch size is set. `job.data` is then undefined; where the code "
    "bears that, the job counts as completed and nothing has been done. Measured with pg-boss 12.",
    how="The installed version, and what the body reads of the first parameter.",
    false_alarms="None known.",
    migration="Other systems hand one job at a time; a rewrite takes the list apart.",
    fix="safe",
    hint="Take the job out of the list: `async ([job]) => …`.",
    effort=Effort(5, 10, "place", "an estimate"),
    sources=("pg-boss documentation, Workers; measured with pg-boss 12.31",),
    examples=(
        Example(
            "pg-boss",
            bad={"package.json": '{"dependencies": {"pg-boss": "^12.0.0"}}', "work.ts": _CODE.replace("JOB", "job")},
            good={"package.json": '{"dependencies": {"pg-boss": "^12.0.0"}}', "work.ts": _CODE.replace("JOB", "[job]")},
        ),
        Example(
            "pg-boss",
            bad={"package.json": '{"dependencies": {"pg-boss": "^10.1.0"}}', "work.ts": _CODE.replace("JOB", "job")},
            good={"package.json": '{"dependencies": {"pg-boss": "^9.0.3"}}', "work.ts": _CODE.replace("JOB", "job")},
        ),
    ),
    check=check,
    left_behind=True,
    versioned=("pg-boss",),
)
