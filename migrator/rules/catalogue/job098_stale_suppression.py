"""JOB098: a comment that looks as if it suppressed a finding, and does not."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.rules.evidence import Evidence
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each word of a comment that does nothing, and for each comment without rule or reason."""
    for spot, message in evidence.suppressions.wrong():
        yield Fail(spot, message)
    if (right := evidence.suppressions.right()) is not None:
        yield Pass(right)


_TASK = """from celery import shared_task

@shared_task
def send(order):
    try:
        deliver(order)
    except Exception:MARK
        print("lost")
"""
_WORKER = """import { Worker } from "bullmq";

new Worker("mail", async (job) => {
  try {
    await deliver(job.data);
  } catch (error) {MARK
    console.log(error);
  }
});
"""

RULE = Rule(
    id="JOB098",
    name="stale-suppression",
    title="Comments that suppress nothing",
    severity="low",
    systems=(),
    what="A comment `migrate: ignore[…]` or `migrate: ignore-file[…]` that names no rule, gives no reason, has a word that is no rule, or "
    "stands where the rule finds nothing.",
    why="Whoever wrote it believes that a finding is accepted at this place. If it is misspelt, the finding goes on counting; if the "
    "defect is gone, the comment is ready to hide the next one.",
    how="Comments as the grammar of the file's language sees them, so that text in strings is none; in Python, TypeScript, JavaScript, "
    "SQL, YAML, TOML, Terraform, shell, Dockerfiles and Procfiles. Files of tests and examples are left out. Nothing is said of rules "
    "that were not looked at (`--select`, `--ignore`, previews) or whose answer is unknown.",
    false_alarms="None known. A comment that only begins with the words (`migrate: ignore rows without an owner`) is none of ours.",
    migration="None.",
    fix="none",
    hint="Give the rule and the reason, on the line of the finding or on the line before; or take the comment out.",
    effort=Effort(1, 5, "place", "an estimate"),
    sources=("Ruff's RUF100 and ESLint's --report-unused-disable-directives do the same for their own comments",),
    examples=(
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("MARK", "  # migrate: ignore[JOB105]")},
            good={"tasks.py": _TASK.replace("MARK", "  # migrate: ignore[JOB105] lost mail is sent again by the nightly run")},
        ),
        Example(
            "bullmq",
            bad={"mail.ts": _WORKER.replace("MARK", " // migrate: ignore[JOB1055] counted elsewhere")},
            good={"mail.ts": _WORKER.replace("MARK", " // migrate: ignore[JOB105] counted elsewhere")},
        ),
    ),
    check=check,
    related=("JOB105",),
)
