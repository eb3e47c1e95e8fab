"""Audit, rewrite, run old and new side by side, report: each step a command that a reader can type again."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from demo.behaviour import compare_notifiers
from demo.narration import Narrator
from migrator.errors import MigratorError
from migrator.servers import NodeRuntime, install, node, servers

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "reports"


def main() -> None:
    """Run the demo; exit status 0 when every step went through."""
    narrator = Narrator()
    REPORTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="migrator-demo-") as name:
        folder = Path(name)
        narrator.chapter(
            "Two applications",
            "fixtures/articles (TypeScript: a job table in Postgres, half way to Inngest) and fixtures/notifier (Python: Celery)",
            "are copied to a temporary folder; nothing in this checkout is changed but reports/.",
        )
        for app in ("articles", "notifier"):
            copy(ROOT / "fixtures" / app, folder / app)
        narrator.say("Installing what the TypeScript application depends on (npm, once) …")
        runtime = node()
        install(folder / "articles", runtime)
        audit(narrator, folder)
        rewrite_notifier(narrator, folder)
        with servers(postgres=True, redis=True) as running:
            narrator.chapter(
                "Does it still do the same?",
                "The application before and the application after run on a real Redis and are fed the same jobs, some of which fail",
                "or are delayed; then what they did to the outside world is compared.",
            )
            compare_notifiers(narrator, folder / "notifier-before", folder / "notifier", running.redis)
            rewrite_articles(narrator, folder, runtime)
            experiment(narrator, folder / "articles", {"DATABASE_URL": running.postgres, "REDIS_URL": running.redis}, runtime)
    narrator.chapter("Look at", "Open these files:")
    for file in sorted(f for f in REPORTS.iterdir() if f.suffix in (".html", ".md", ".diff")):
        narrator.say(f"  {file.relative_to(ROOT)}")


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
        for form, suffix in (("json", "json"), ("markdown", "md")):
            file = str(REPORTS / f"audit-{app}.{suffix}")
            narrator.run("migrate", "audit", app, "--format", form, "--output", file, folder=folder)


def rewrite_notifier(narrator: Narrator, folder: Path) -> None:
    """Celery to Dramatiq; the application as it was stays beside it."""
    narrator.chapter(
        "From Celery to Dramatiq",
        "First as a diff that changes nothing, then written. What cannot be proven is left as it was, with a TODO and the reason.",
    )
    command = ("migrate", "codemod", "notifier", "--from", "celery", "--to", "dramatiq")
    copy(folder / "notifier", folder / "notifier-before")
    narrator.run(*command, "--patch", str(REPORTS / "notifier.diff"), folder=folder, fine=(0, 1))
    narrator.run(*command, "--write", folder=folder, fine=(0, 1))


def rewrite_articles(narrator: Narrator, folder: Path, runtime: NodeRuntime) -> None:
    """Inngest to BullMQ in a copy, checked by the TypeScript compiler."""
    narrator.chapter(
        "From Inngest to BullMQ", "The same for the TypeScript application; its compiler checks the result against the real packages."
    )
    copy(folder / "articles", folder / "articles-after")
    command = ("migrate", "codemod", "articles-after", "--from", "inngest", "--to", "bullmq")
    narrator.run(*command, "--patch", str(REPORTS / "articles.diff"), folder=folder, fine=(0, 1))
    narrator.run(*command, "--write", folder=folder, fine=(0, 1))
    install(folder / "articles-after", runtime)
    narrator.run(str(runtime.executable), "node_modules/typescript/bin/tsc", "--noEmit", folder=folder / "articles-after")
    narrator.say("The compiler has no complaint.")


def experiment(narrator: Narrator, folder: Path, addresses: dict[str, str], runtime: NodeRuntime) -> None:
    """300 imports over three systems, and the report on them."""
    narrator.chapter(
        "Three systems side by side",
        "300 article imports, each sent to exactly one of three systems, a third each: the job table, pg-boss and BullMQ,",
        "with real workers in Node. Some are slow, some fail once or twice, a few never work. Every job is accounted for.",
    )
    environment = {**addresses, **runtime.environment({})}
    narrator.run("migrate", "shadow", "run", "shadow.toml", folder=folder, environment=environment)
    narrator.run(
        "migrate", "shadow", "report", "shadow.toml", "--out", str(REPORTS), folder=folder, environment=environment, fine=(0, 1, 3)
    )


if __name__ == "__main__":
    try:
        main()
    except MigratorError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
