"""JOB503: what a job is given has no size that anybody has set."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal as OneOf

from migrator.jobs import Enqueue
from migrator.jobs.findings import Severity
from migrator.regex import regex
from migrator.rules.bounds import SCOPED, leads_to
from migrator.rules.evidence import Evidence, spot
from migrator.rules.payloads import Given, given
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.value_kinds import text_of
from migrator.scanners.linking import Instance, Meaning
from migrator.syntax.tree import walk
from migrator.systems import SYSTEMS

Bulk = OneOf["file", "rows", "document"]
_FILES = regex(
    r".*\b(?:builtins\.open|Path\(\)\.open)\(\)\.read\(\)(?:\.\w+\(\))?|.*\bPath\(\)\.read_(?:text|bytes)\(\)|.*\bUploadedFile\(\)\.read\(\)(?:\.\w+\(\))?"
    r"|base64\.b64encode\(\)(?:\.decode\(\))?|(?:node:)?(?:fs|fs-extra)(?:\.default)?\.readFileSync\(\)(?:\.toString\(\))?"
    r"|(?:node:)?fs(?:/promises|\.promises)(?:\.default)?\.readFile\(\)(?:\.toString\(\))?|.*\.arrayBuffer\(\)|globalThis\.btoa\(\)"
)
_DOCUMENTS = regex(
    r"(?:flask|django\.template\.loader|django\.shortcuts)\.render(?:_to_string|_template)\(\)|jinja2\b.*\.render\(\)|.*Environment\(\).*\.render\(\)"
    r"|@react-email/(?:render|components)\.render(?:Async)?\(\)|react-dom/server\.renderTo\w+\(\)|ejs\.render(?:File)?\(\)|mjml\.default\(\)"
)
_ROWS = regex(
    r"@prisma/client\.PrismaClient\(\)\.\w+\.findMany\(\)(?:\.(?:map|filter|flatMap)\(\))*|.*\.(?:filter|exclude|all|order_by)\(\)\.values(?:_list)?\(\)"
)
#: what a list of all rows looks like where it is made of a query on the spot
_LISTED = regex(r"^list\(.*\.(?:values_list|values|all|filter)\(", re.DOTALL)
#: how a query begins that goes over a whole table
_TABLES = regex(r"\.objects\b|\bfindMany\(|\w+Manager\b")
_LIMITED = regex(r"\btake\b|\blimit\b|\bfirst\b|\[\s*\w*\s*:|__in\s*=|\bin\s*:")
_BASE64 = regex(r"\.toString\(\s*[\"'`]base64[\"'`]\s*\)\s*$")
_WORDS: dict[Bulk, str] = {
    "file": "the contents of a file",
    "rows": "every row of a query without a limit",
    "document": "a document that was rendered",
}
_SEVERITIES: dict[Bulk, Severity] = {"file": "medium", "rows": "medium", "document": "low"}
_SMALL = 10 * 1024**2


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name under which something without a bound is handed over; or for a system where nothing is."""
    found: defaultdict[tuple[str, str, Bulk], list[Enqueue]] = defaultdict(list)
    clean: dict[str, Enqueue] = {}
    for enqueue in evidence.of(Enqueue):
        bulky = False
        for value in given(evidence, enqueue):
            kind = _kind(value)
            if kind is not None:
                bulky = True
                found[enqueue.system, value.name or text_of(value.place.node), kind].append(enqueue)
        if not bulky and enqueue.arguments:
            clean.setdefault(enqueue.system, enqueue)
    for (system, name, kind), enqueues in found.items():
        places = list(dict.fromkeys(spot(enqueue, enqueue.name) for enqueue in enqueues))
        message = f"`{name}` is {_WORDS[kind]}: {_limit(system)}."
        yield Fail(places[0], message, (system,), tuple(places[1:]), "likely", severity=_SEVERITIES[kind])
    for enqueue in clean.values():
        yield Pass(spot(enqueue, "is given nothing that grows"))


def _kind(value: Given) -> Bulk | None:
    """What makes a value large; None for what has a bound, and for what cannot be told. A list of jobs is no value of one job."""
    if not value.key and not value.place.source.is_python:
        return None
    meaning = value.view.evaluator.meaning(value.place)
    key, text = meaning.key, value.place.text
    if _FILES.fullmatch(key) or _BASE64.search(text):
        return "file"
    if _DOCUMENTS.fullmatch(key):
        return "document"
    if _ROWS.fullmatch(key) or (key == "builtins.list()" and _LISTED.match(text)):
        written = _written(value, meaning)
        # What belongs to one thing, or is asked for by a list, has the bound of that.
        whole = _TABLES.search(written) is not None and SCOPED.search(written) is None and _LIMITED.search(written) is None
        return "rows" if whole else None
    return None


def _written(value: Given, meaning: Meaning) -> str:
    """The query as the code has it, with what its names were given."""
    call = meaning.call if isinstance(meaning, Instance) else None
    node = call.node if call is not None else value.place.node
    texts = [value.view.source.text(node) if call is None else call.text]
    inner = next((c for c in walk(node, ("identifier",)) if c.text != b"list"), None)
    source = call.source if call is not None else value.place.source
    given_to = leads_to(value.view, inner) if inner is not None and source is value.view.source else None
    if given_to is not None:
        texts.append(value.view.source.text(given_to))
    return " ".join(texts)


def _limit(system: str) -> str:
    """How much the system takes, in words."""
    title = SYSTEMS[system].title
    most = [limit.value for limit in SYSTEMS[system].limits if limit.id == "MIG04" and limit.kind == "maximum" and limit.value <= _SMALL]
    if not most:
        return f"{title} keeps all of it with every job, and hands it over again with every attempt"
    low, high = _size(min(most)), _size(max(most))
    return f"{title} takes at most {low if low == high else f'{low} to {high}, by plan,'} for one"


def _size(count: float) -> str:
    """Bytes in words.

    >>> _size(256 * 1024), _size(1024**2), _size(1_000_000)
    ('256 KiB', '1 MiB', '1 MB')
    """
    if count % 1024**2 == 0:
        return f"{count / 1024**2:g} MiB"
    return f"{count / 1024:g} KiB" if count % 1024 == 0 else f"{count / 1e6:g} MB"


_EVENT = (
    'import { Inngest } from "inngest";\nimport fs from "node:fs";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export async function scan(path: string) {\n  await inngest.send({ name: "file/uploaded", data: GIVEN });\n}\n'
)
_TASK = (
    "from celery import shared_task\n\nfrom shop.models import User\n\n\n@shared_task\ndef news(ids):\n    ...\n\n\n"
    "def start():\n    news.delay(GIVEN)\n"
)

RULE = Rule(
    id="JOB503",
    name="large-payload",
    title="Jobs that are given more than anybody has counted",
    severity="medium",
    systems=(),
    what="Among what a job is given: the contents of a file, base64, a document that was rendered, every "
    "row or id of a query without a limit.",
    why="It goes through the broker with every attempt, and is kept there: Redis holds it in memory. Hosted systems refuse what is too "
    "large, on the day that somebody uploads the first large file: 256 KiB to 3 MiB for an event of Inngest, 1 MiB for a message of SQS, "
    "1 MB to 10 MB for QStash.",
    how="What a value stands for is followed to the call that it comes from; queries with a limit and slices are left out. How large it is "
    "only the run tells: the finding says what the system takes. Rendered documents are low.",
    false_alarms="Files of a known size, and tables that stay small.",
    migration="The limits of the target decide: what fits into a row of Postgres may not fit into an event of Inngest.",
    fix="none",
    hint="Put it where files are kept and hand over its name; for many rows, one job for each batch.",
    effort=Effort(60, 180, "place", "an estimate"),
    sources=("the limits of each system, `migrate systems`", "Dramatiq guide, Best practices, Concise messages"),
    examples=(
        Example(
            "inngest",
            bad={"scan.ts": _EVENT.replace("GIVEN", '{ body: fs.readFileSync(path).toString("base64") }')},
            good={"scan.ts": _EVENT.replace("GIVEN", "{ path }")},
        ),
        Example(
            "celery",
            bad={"tasks.py": _TASK.replace("GIVEN", 'list(User.objects.values_list("id", flat=True))')},
            good={"tasks.py": _TASK.replace("GIVEN", 'list(User.objects.values_list("id", flat=True)[:500])')},
        ),
    ),
    check=check,
    related=("JOB501",),
)
