"""JOB906: what could not be tied down, so that nobody takes it for clean."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.rules.blind_spots import blind_spots
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.systems import SYSTEMS


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system: all its blind spots, or none."""
    blind = blind_spots(evidence.inventory)
    for system in sorted(evidence.systems):
        if system in blind:
            first, *others = blind[system]
            count = len(blind[system])
            places = f"{count} places" if count > 1 else "one place"
            message = f"{SYSTEMS[system].title} is used in {places} that reading could not tie down: {first.what}."
            yield Fail(first, message, (system,), tuple(others))
        else:
            seen = next(i for i in evidence.inventory.production if i.system == system)
            yield Pass(spot(seen, "everything was tied down"))


_QUEUE = 'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'

RULE = Rule(
    id="JOB906",
    name="unresolved-dynamic-name",
    title="Jobs that reading cannot tie down",
    severity="info",
    systems=(),
    what="Enqueues, schedules and definitions of a job system whose name, queue or function is only known when the code runs.",
    why="They are in no count, and no other rule can say that they are right. Whoever plans a move has to look at them by hand.",
    how="Everything that the audit gave up on, with the reason; one finding for each system.",
    false_alarms="None: it is a list of what is not known.",
    migration="Each of them is a decision for a person.",
    fix="none",
    hint="Write the name where the job is enqueued, or a table of all names that it can be.",
    effort=Effort(5, 15, "place", "an estimate"),
    sources=("the audit's own account",),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _QUEUE + "export const put = (name: string) => mails.add(name, {});\n"},
            good={"mail.ts": _QUEUE + 'export const put = () => mails.add("welcome", {});\n'},
        ),
    ),
    check=check,
)
