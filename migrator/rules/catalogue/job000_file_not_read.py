"""JOB000: files that the audit could not read as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs.findings import Spot
from migrator.rules.evidence import Evidence
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.unread import unread


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for the whole tree."""
    places = [Spot(file.path, file.line, file.reason) for file in unread(evidence)]
    if not places:
        # How many files were read depends on what was looked for, not on the code.
        yield Pass(Spot(".", 1, "every file that names a job system was read as a whole"))
        return
    first, *others = places
    count = f"{len(places)} files were" if others else "A file was"
    message = f"{count} not read as a whole ({first.path}: {first.what}): what else is in there is not in this audit."
    yield Fail(first, message, (), tuple(others))


_TASK = "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"

RULE = Rule(
    id="JOB000",
    name="file-not-read",
    title="Files that were not read as a whole",
    severity="info",
    systems=(),
    what="Code or configuration that has to do with jobs and could not be read to its end: a mistake in its syntax, a size over the limit, "
    "no right to read it, YAML that is a template.",
    why="What was not read is in no list and no finding. An audit that is silent about it would be taken for a clean one. Rules that say "
    "that something is nowhere say unknown where such a file could hold it.",
    how="What the readers could not read. Files that no reader asked for are not counted: they name no job system.",
    false_alarms="Syntax that is newer than the grammar; templates of charts, which become YAML only when they are filled in.",
    migration="A job in such a file is not moved.",
    fix="none",
    hint="Mend the file, or read it yourself and look for jobs in it.",
    effort=Effort(5, 15, "place", "an estimate"),
    sources=("the audit's own account",),
    examples=(
        Example(
            "celery", bad={"tasks.py": _TASK, "more.py": _TASK + "\n@shared_task\ndef (((\n"}, good={"tasks.py": _TASK, "more.py": _TASK}
        ),
    ),
    check=check,
)
