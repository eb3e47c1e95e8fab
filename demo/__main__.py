"""Audit, rewrite, run old and new side by side, report: each step a command that a reader can type again."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from rich.text import Text

from demo.behaviour import compare_notifiers
from demo.narration import Narrator
from migrator.errors import MigratorError
from migrator.servers import NodeRuntime, install, node, servers

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "reports"
#: what the demo leaves behind, and what each is
MADE = {
    "shadow.html": "which of the three systems is better, and how sure it is",
    "shadow.md": "the same for a pull request",
    "report-deadlines.html": "a report for a team on an application with eighteen defects",
    "plan-articles.html": "what a move of the TypeScript application to BullMQ takes, job by job",
    "audit-articles.html": "every job of the TypeScript application",
    "audit-notifier.html": "every job of the Python application",
    "articles.diff": "the rewrite from Inngest to BullMQ",
    "notifier.diff": "the rewrite from Celery to Dramatiq",
    "gates-notifier.md": "what is left of that migration, gate by gate",
}


def main() -> None:
    """Run the demo; exit status 0 when every step went through."""
    narrator = Narrator()
    REPORTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="migrator-demo-") as name:
        folder = Path(name)
        narrator.chapter(
            "Three applications",
            "fixtures/articles (TypeScript: a job table in Postgres, half way to Inngest) and fixtures/notifier (Python: Celery)",
            "are copied to a temporary folder, and fixtures/deadlines, whose jobs have eighteen defects.",
            "Nothing in this checkout is changed except reports/.",
        )
        for app in ("articles", "notifier", "deadlines"):
            copy(ROOT / "fixtures" / app, folder / app)
        # So that the commands are short and can be read.
        (folder / "reports").symlink_to(REPORTS)
        narrator.say("Installing the npm packages of the TypeScript application (later runs take them from a cache) …")
        runtime = node()
        install(folder / "articles", runtime)
        audit(narrator, folder)
        review(narrator, folder)
        plan(narrator, folder)
        rewrite_notifier(narrator, folder)
        with servers(postgres=True, redis=True) as running:
            narrator.chapter(
                "Does it still do the same?",
                "The Python application runs on a real Redis as it was and as it is now, and both are given the same jobs, some of which",
                "fail or are delayed. Then what they did to the outside world is compared.",
            )
            compare_notifiers(narrator, folder / "notifier-before", folder / "notifier", running.redis)
            rewrite_articles(narrator, folder, runtime)
            experiment(narrator, folder / "articles", {"DATABASE_URL": running.postgres, "REDIS_URL": running.redis}, runtime)
    narrator.chapter("Look at these files", "Start with the first: open it in a browser.")
    for file, what in MADE.items():
        narrator.console.print(Text.assemble((f"  reports/{file:22}", "bold"), what))


def copy(source: Path, target: Path) -> None:
    """An application without what was installed or made by running it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("node_modules", ".migrator", "__pycache__", "var"))


def audit(narrator: Narrator, folder: Path) -> None:
    """What there is, on the terminal and as reports."""
    narrator.chapter(
        "What jobs are there?", "The audit reads the code, never runs it, and follows names through imports, factories and wrappers."
    )
    for app in ("articles", "notifier"):
        narrator.run("migrate", "audit", app, folder=folder)
        for form, suffix in (("html", "html"), ("json", "json"), ("markdown", "md")):
            narrator.run("migrate", "audit", app, "--format", form, "--output", f"reports/audit-{app}.{suffix}", folder=folder)


def review(narrator: Narrator, folder: Path) -> None:
    """What is wrong with the jobs of an application, as a document."""
    narrator.chapter("What is wrong with them?", "Rules with evidence, an order in which to mend, and times with what they rest on.")
    for suffix in ("html", "md"):
        narrator.run("migrate", "report", "deadlines", "--output", f"reports/report-deadlines.{suffix}", folder=folder)


def plan(narrator: Narrator, folder: Path) -> None:
    """Which system, and what a move to it takes; status 1 says that a job is blocked."""
    narrator.chapter(
        "Where to, and what does it take?", "The same jobs on three systems; then one of them, job by job, with the arithmetic."
    )
    narrator.run("migrate", "plan", "--compare", "bullmq", "pg-boss", "sqs", "articles", folder=folder, fine=(0, 1))
    sizes = ("--assume", "pieces=200", "--assume", "plugins=4")
    for suffix in ("html", "md"):
        made = f"reports/plan-articles.{suffix}"
        narrator.run("migrate", "plan", "--to", "bullmq", "articles", *sizes, "--output", made, folder=folder, fine=(1,))


def rewrite_notifier(narrator: Narrator, folder: Path) -> None:
    """Celery to Dramatiq; the application as it was stays beside it."""
    narrator.chapter(
        "From Celery to Dramatiq",
        "First as a diff that changes nothing, then written. What cannot be proven is left as it was, with a TODO and the reason;",
        "a job that stays on Celery keeps its worker.",
    )
    copy(folder / "notifier", folder / "notifier-before")
    narrator.run("migrate", "freeze", "notifier", "--from", "celery", "--to", "dramatiq", folder=folder)
    codemod(narrator, folder, "notifier", "celery", "dramatiq", glimpse="notifier/tasks/push.py")
    narrator.say("Is the migration finished? Not yet, and the gates say what is left:")
    narrator.run("migrate", "verify", "notifier", "-f", "markdown", "-o", "reports/gates-notifier.md", folder=folder, fine=(1,))


def rewrite_articles(narrator: Narrator, folder: Path, runtime: NodeRuntime) -> None:
    """Inngest to BullMQ in a copy, checked by the TypeScript compiler."""
    narrator.chapter(
        "From Inngest to BullMQ",
        "The same for a copy of the TypeScript application, whose compiler then checks the result against the real packages.",
    )
    copy(folder / "articles", folder / "articles-after")
    codemod(narrator, folder, "articles-after", "inngest", "bullmq", glimpse="src/inngest/functions/summarize-article.ts")
    narrator.say("Installing the packages that it now asks for …")
    after = folder / "articles-after"
    install(after, runtime)
    narrator.run("node", "node_modules/typescript/bin/tsc", "--noEmit", folder=after, program=runtime.executable)
    narrator.say("The compiler has no complaint.")


def codemod(narrator: Narrator, folder: Path, app: str, source: str, target: str, *, glimpse: str) -> None:
    """The diff, a look into it, and the same written; status 1 says that something is left for a person."""
    command = ("migrate", "codemod", app, "--from", source, "--to", target)
    patch = f"reports/{app.partition('-')[0]}.diff"
    narrator.run(*command, "--patch", patch, folder=folder, fine=(0, 1))
    narrator.glimpse(folder / patch, glimpse)
    narrator.run(*command, "--write", folder=folder, fine=(0, 1), brief=True)


def experiment(narrator: Narrator, folder: Path, addresses: dict[str, str], runtime: NodeRuntime) -> None:
    """300 imports over three systems, and the report on them."""
    narrator.chapter(
        "Three systems side by side",
        "300 article imports, each given to exactly one of three systems, a third each: the job table, pg-boss and BullMQ, with real",
        "workers in Node. Some are slow, some fail once or twice, a few never work. Every job is accounted for.",
    )
    environment = {**addresses, **runtime.environment({})}
    narrator.run("migrate", "shadow", "run", "shadow.toml", folder=folder, environment=environment)
    command = ("migrate", "shadow", "report", "shadow.toml", "--out", "../reports")
    narrator.run(*command, folder=folder, environment=environment, fine=(0, 1, 3), show=40)
    narrator.say("300 jobs in half a minute settle little, and the report says so; a real experiment runs for days.")


if __name__ == "__main__":
    try:
        main()
    except MigratorError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
