"""JOB704: credentials of brokers, databases and services that stand in the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.jobs import Setting
from migrator.jobs.findings import Spot
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.secrets import MARKERS, secrets

#: files that show what has to be filled in, or that are about secrets themselves
_TEMPLATES = regex(r"(?:^|[._-])(?:example|sample|template|dist|test|tests|ci)(?:[._-]|$)|^\.gitleaks|^\.secrets", re.IGNORECASE)

#: what a pipeline needs for its own runs
_CI = (".github/", ".circleci/", ".gitlab")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each credential, wherever it stands, or one for all."""
    places: dict[str, list[Spot]] = {}
    for path in (*evidence.containing(*MARKERS, comments=True), *evidence.mentioning(*MARKERS)):
        if _TEMPLATES.search(posixpath.basename(path)) or path.startswith(_CI):
            continue
        for secret in secrets(evidence.tree.read(path).decode("utf-8", "replace")):
            places.setdefault(secret.mark, []).append(Spot(path, secret.line, secret.what))
    for first, *others in places.values():
        message = f"{first.what[:1].upper()}{first.what[1:]} stands here as it is: whoever can read the repository has it."
        yield Fail(first, message, (), tuple(others), confidence="likely")
    named = next((s for s in evidence.of(Setting) if s.name.isupper() and s.value is None), None)
    if not places and named is not None:
        yield Pass(spot(named, f"`{named.name}` comes from the environment"))


_APP = 'import os\nfrom celery import Celery\n\napp = Celery("shop", broker=BROKER)\n\n@app.task\ndef send(to): ...\n'
_CRON = (
    "select cron.schedule('clean', '0 3 * * *', $$ select net.http_post(\n  url := 'https://shop.app/api/clean',\n"
    "  headers := jsonb_build_object('Authorization', HEADER)) $$);\n"
)

RULE = Rule(
    id="JOB704",
    name="hard-coded-credential",
    title="Credentials in the repository",
    severity="critical",
    systems=(),
    what="The password of a Redis, RabbitMQ, Postgres or MongoDB server in its address; a signing key of Inngest, a token of QStash, an "
    "access "
    "key of AWS; a `Bearer` token in SQL that calls over HTTP (pg_cron). In code, SQL, environment and deployment files alike.",
    why="Whoever has ever had a copy of the repository can read every job and its data, and start jobs of their own. With Celery and "
    "pickle "
    "that is code in the workers. Taking it out of the file does not take it out of the history: it has to be replaced.",
    how="By the shape of the text, in files of production. Passwords for machines of one's own (`localhost`, names without a dot, private "
    "addresses), places for a password (`${…}`, `changeme`, `YOUR_…`), templates, pipelines and the public key of the role `anon` are no "
    "findings. "
    "The text itself is shown nowhere: not in this finding, not in any report. Other kinds of secrets are the business of a secret "
    "scanner.",
    false_alarms="A credential that has been replaced since.",
    migration="The target needs credentials as well; let the move be the moment at which all of them come from one place.",
    fix="none",
    hint="Replace the credential, then read the new one from the environment or a secret manager (in Supabase from the Vault).",
    effort=Effort(15, 30, "place", "an estimate; replacing it may need an appointment"),
    sources=("Supabase documentation, Scheduling edge functions", "CWE-798"),
    examples=(
        Example(
            "celery",
            bad={"app.py": _APP.replace("BROKER", '"amqp://shop:kY7wQ2vN9pLx@mq.shop-prod.com:5671/shop"')},
            good={"app.py": _APP.replace("BROKER", 'os.environ["CELERY_BROKER_URL"]')},
        ),
        Example(
            "pg_cron",
            bad={"migrations/1_cron.sql": _CRON.replace("HEADER", "'Bearer 4f9a77c0e1b24d6d8a35'")},
            good={
                "migrations/1_cron.sql": _CRON.replace(
                    "HEADER", "'Bearer ' || (select decrypted_secret from vault.decrypted_secrets where name = 'cron')"
                )
            },
        ),
    ),
    check=check,
    related=("JOB701", "JOB703"),
)
