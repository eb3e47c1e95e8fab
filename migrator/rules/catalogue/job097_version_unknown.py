"""JOB097: a version decides what code means, and nothing says which it is."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Dependency, Enqueue, Item, Job
from migrator.rules.evidence import Evidence, spot
from migrator.rules.registry import rules
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems import SYSTEMS


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system whose version some rule asks for."""
    asking = {system: [r.id for r in rules() if system in r.versioned] for r in rules() for system in r.versioned}
    for system, ids in sorted(asking.items()):
        items: list[Item] = [*evidence.of(Job, system), *evidence.of(Enqueue, system)]
        unknown = next((i for i in items if evidence.major(system, i.location.path) is None), None)
        if unknown is not None:
            asked = next(
                (d for d in evidence.of(Dependency, system) if d.name in (*SYSTEMS[system].npm[:1], *SYSTEMS[system].pypi[:1])), None
            )
            said = f"is asked for as `{asked.version or 'any'}`" if asked is not None else "is asked for by no manifest"
            message = f"{SYSTEMS[system].title} {said}: which version runs cannot be told, and {_listed(ids)} depend on it."
            message = message if len(ids) > 1 else message.replace(" depend on it", " depends on it")
            yield Fail(spot(asked or unknown), message, (system,))
        elif items:
            yield Pass(spot(items[0], f"{SYSTEMS[system].title} {evidence.major(system, items[0].location.path)}"))


def _listed(ids: list[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"


_CODE = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'boss.work("mail", async ([job]) => send(job.data));\n'
)

RULE = Rule(
    id="JOB097",
    name="version-unknown",
    title="The version of a job system cannot be told",
    severity="info",
    systems=(),
    what="A job system is used, its version decides what some lines of code mean, and no manifest says which version it is.",
    why="The same line is right with one version and does nothing with the next: since pg-boss 10 a handler is given a list. Rules that "
    "depend on it say unknown.",
    how="The nearest manifest above each file that asks for the system's package; ranges such as `^10.1.0` tell the first number, `*` and "
    "`latest` tell nothing.",
    false_alarms="A version that stands in a lock file alone.",
    migration="The plan reads the same versions, and asks for them where they are missing.",
    fix="none",
    hint="Write the version that is installed into the manifest.",
    effort=Effort(2, 5, "project", "an estimate"),
    sources=("pg-boss release notes, version 10",),
    examples=(
        Example(
            "pg-boss",
            bad={"work.ts": _CODE, "package.json": '{"dependencies": {"pg-boss": "latest"}}'},
            good={"work.ts": _CODE, "package.json": '{"dependencies": {"pg-boss": "^12.0.0"}}'},
        ),
    ),
    check=check,
)
