"""JOB504: a secret is put where jobs are kept, and where people look at them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.log_calls import WRITES_A_LOG
from migrator.rules.payloads import Given, given
from migrator.rules.receivers import receivers
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.secret_names import secrecy
from migrator.scanners.linking import Known, Place
from migrator.systems import SYSTEMS

#: packages that encrypt what jobs are given -> the system they belong to
_ENCRYPT = {"inngest": ("@inngest/middleware-encryption", "inngest-encryption")}
_ENCRYPTED = regex(r"(?i)encrypt|cipher|\bseal(?:ed)?\b|redact|mask|\bhash")
_ENVIRONMENT = regex(r"process\.env\b|os\.environ\b|os\.getenv\b|\bsettings\.[A-Z]")
_LAST = regex(r"(\w+)[\"'\])]*$")
_WHOLE = regex(r"\bjob\.data\b(?!\s*[.?\[])|\bevent\.data\b(?!\s*[.?\[])")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name under which a secret is handed over, and for each job that logs one; or for a system where none is."""
    found: defaultdict[tuple[str, str, str], list[Enqueue]] = defaultdict(list)
    clean: dict[str, Enqueue] = {}
    for enqueue in evidence.of(Enqueue):
        package = evidence.package(*_ENCRYPT[enqueue.system]) if enqueue.system in _ENCRYPT else None
        if package is not None:
            clean.setdefault(enqueue.system, enqueue)
            continue
        secret = [(name, kind) for value in given(evidence, enqueue) if (name := _name(value)) and (kind := _kind(value, name))]
        for name, kind in secret:
            found[enqueue.system, name, kind].append(enqueue)
        if not secret and enqueue.arguments:
            clean.setdefault(enqueue.system, enqueue)
    for (system, name, kind), enqueues in found.items():
        if _is_public(evidence, name):
            clean.setdefault(system, enqueues[0])
            continue
        places = list(dict.fromkeys(spot(enqueue, enqueue.name) for enqueue in enqueues))
        message = (
            f"`{name}` is handed to a job of {SYSTEMS[system].title}: it is kept readable with the job, shown to whoever sees the "
            "dashboard, and stands in every dump."
        )
        yield Fail(places[0], message, (system,), tuple(places[1:]), "likely", severity="medium" if kind == "token" else None)
        if kind == "secret":
            yield from _logged(evidence, name, enqueues)
    for enqueue in clean.values():
        yield Pass(spot(enqueue, "is given nothing whose name says that it is secret"))


def _is_public(evidence: Evidence, name: str) -> bool:
    """True if the code says of something of this name that it is the public half of a key."""
    said = re.compile(rf"\b{re.escape(name)}\b\s*[:=]\s*[\w.?!]*public\w*".encode(), re.IGNORECASE)
    return any(evidence.said(path, said) for path in evidence.containing(name.encode()))


def _name(value: Given) -> str:
    """The name under which a value is handed over, or that the code has for it."""
    if value.name:
        return value.name
    written = (
        _LAST.search(value.place.text) if value.place.node.type in ("identifier", "attribute", "member_expression", "subscript") else None
    )
    return written[1] if written is not None else ""


def _kind(value: Given, name: str) -> str:
    meaning = value.view.evaluator.meaning(value.place)
    text = value.place.text
    if isinstance(meaning, Known) and not isinstance(meaning.value, str):
        return ""
    if isinstance(meaning, Known) and not meaning.value:
        return ""
    if _ENCRYPTED.search(text) or value.place.node.type in ("unary_expression", "binary_expression", "comparison_operator", "not_operator"):
        return ""
    kind = secrecy(name)
    environment = _ENVIRONMENT.search(text) is not None and secrecy(_last(text)) == "secret"
    return "secret" if environment else kind


def _last(text: str) -> str:
    found = _LAST.search(text)
    return found[1] if found is not None else ""


def _logged(evidence: Evidence, name: str, enqueues: list[Enqueue]) -> Iterator[Outcome]:
    """The jobs that are handed a secret and write all that they are handed to a log."""
    jobs = {job.location: job for enqueue in enqueues for job in receivers(evidence, enqueue)}
    for job in jobs.values():
        for call in evidence.calls(job):
            if call.via or not WRITES_A_LOG.search(call.written):
                continue
            if any(isinstance(a, Place) and _WHOLE.search(a.text) for a in call.arguments().values()):
                where = spot(call.view.source.location(call.node), call.written)
                message = f"`{job.name or job.symbol}` logs all that it is given, `{name}` among it."
                yield Fail(where, message, (job.system,), confidence="likely")
                break


_QUEUE = (
    'import { Queue } from "bullmq";\nconst imports = new Queue("imports", { connection: { host: "redis" } });\n'
    'export const start = (account: Account) => imports.add("import", GIVEN);\n'
)
_TASK = (
    "from celery import shared_task\n\n\n@shared_task\ndef sync(account_id, api_key=None):\n    ...\n\n\n"
    "def start(account):\n    sync.delay(GIVEN)\n"
)

RULE = Rule(
    id="JOB504",
    name="secret-or-pii-in-payload-or-log",
    title="Secrets among what jobs are given",
    severity="high",
    systems=(),
    what="Values whose name says that they are passwords, keys, tokens, card or bank numbers, and secrets of the environment, among "
    "what a job is given; and jobs that are given one and log all that they are given.",
    why="What a job is given is written to Redis, to a table, or to the vendor, unencrypted, and stays there: BullMQ keeps completed jobs "
    "for ever unless told otherwise. It is shown in every dashboard and error report, and cannot be rotated out of the copies.",
    how="The names of values, taken apart into words: `apiKey` and `reset_token` are found, `tokenCount` and `nextPageToken` are not. What "
    "is encrypted, hashed or masked by a call, a flag or a number is left out. A token of which its name does not say what it opens is "
    "medium.",
    false_alarms="A name that means something else in the trade, such as the token of a coin.",
    migration="The vendor's servers see what stayed in one's own Redis before; Inngest has a middleware that encrypts.",
    fix="none",
    hint="Hand over an id and read the secret in the job, or encrypt the field.",
    effort=Effort(30, 60, "place", "an estimate"),
    sources=("BullMQ guide, Going to production, Protecting data", "Inngest documentation, Encryption middleware"),
    examples=(
        Example(
            "bullmq",
            bad={"imports.ts": _QUEUE.replace("GIVEN", "{ accountId: account.id, password: account.password }")},
            good={"imports.ts": _QUEUE.replace("GIVEN", "{ accountId: account.id, tokenCount: account.tokens }")},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("GIVEN", "account.id, api_key=account.api_key")},
            good={"tasks.py": _TASK.replace("GIVEN", "account.id")},
        ),
    ),
    check=check,
    related=("JOB503",),
)
