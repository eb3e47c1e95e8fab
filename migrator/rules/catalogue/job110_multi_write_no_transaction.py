"""JOB110: changes that belong together, of which a failure may leave the first one only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tree_sitter import Node

from migrator.jobs import Job
from migrator.regex import regex
from migrator.rules.database_calls import Query, is_in_transaction, queries
from migrator.rules.evidence import Evidence
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.scanners.candidates.slow_calls import TAKE_LONG, kind_of
from migrator.syntax.tree import ancestors, field

_WRITES = ("adds", "changes", "removes")
_BLOCKS = frozenset(("statement_block", "block"))
#: what is only run in some cases, or after something failed
_APART = frozenset(("catch_clause", "except_clause", "finally_clause", "else_clause", "switch_case", "case_clause"))
_CHAIN = ("member_expression", "call_expression", "attribute", "call", "await_expression", "await")
_AGAIN = regex(
    r"on\s+conflict|on\s+duplicate|insert\s+ignore|upsert|get_or_create|update_or_create|skipDuplicates|onConflict", re.IGNORECASE
)
_TABLE = regex(r"""(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?["`\[]?([\w.]+)""", re.IGNORECASE)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each function of a job that changes two tables, one after the other."""
    told: set[tuple[str, int]] = set()
    whole: Query | None = None
    for job in evidence.jobs:
        by_function: dict[tuple[str, int], list[Query]] = {}
        for query in queries(evidence, job):
            if query.doing not in _WRITES:
                continue
            if is_in_transaction(query.call):
                whole = whole or query
                continue
            by_function.setdefault((query.call.view.source.path, query.call.function.start_byte), []).append(query)
        for where, writes in by_function.items():
            pair = _pair(evidence, job, writes) if where not in told else None
            if pair is not None:
                told.add(where)
                yield _fail(job, *pair)
    if whole is not None:
        yield Pass(whole.spot)


def _pair(evidence: Evidence, job: Job, writes: Sequence[Query]) -> tuple[Query, Query] | None:
    """The first two changes of different tables with nothing between them that takes long."""
    slow = [
        call.node.start_byte
        for call in evidence.calls(job)
        if call.function == writes[0].call.function and kind_of(call.meaning.key, in_loop=False) in TAKE_LONG
    ]
    for first, second in pairwise(writes):
        if "adds" not in (first.doing, second.doing) or _is_same_again(first) or _is_same_again(second):
            continue
        tables = _table(first), _table(second)
        if not all(tables) or tables[0] == tables[1] or first.call.node.start_byte == second.call.node.start_byte:
            continue
        begin, end = sorted((first.call.node.start_byte, second.call.node.start_byte))
        if any(begin < at < end for at in slow) or not _in_a_row(first.call.node, second.call.node, first.call.function):
            continue
        return first, second
    return None


def _is_same_again(query: Query) -> bool:
    """True for what leaves the same when it is done a second time: rows are only added where there are none."""
    node = query.call.node
    # Further calls in one chain say more of the same statement: `insert(x).values(y).onConflictDoNothing()`.
    while node.parent is not None and node.parent.type in _CHAIN:
        node = node.parent
    return _AGAIN.search(query.call.view.source.text(node)) is not None


def _in_a_row(first: Node, second: Node, function: Node) -> bool:
    """True if both stand in one block, so that the second follows whenever the first has been done."""
    return _block(first, function) == _block(second, function) is not None


def _block(node: Node, function: Node) -> Node | None:
    """The innermost block around a call; None if that is only run in some cases, or in a function of its own."""
    for around in ancestors(node):
        if around.id == function.id:
            return None
        if around.type in _BLOCKS:
            owner = around.parent
            apart = owner is not None and (owner.type in _APART or any(a.type in _APART for a in ancestors(around)))
            return None if apart else around
        if around.type in ("arrow_function", "lambda"):
            return None
    return None


def _table(query: Query) -> str:
    """The table or model that a query changes; empty if that is not told."""
    source = query.call.view.source
    given = field(query.call.node, "arguments")
    if query.library == "SQL":
        found = _TABLE.search(source.text(given)) if given is not None else None
        return found[1].lower() if found is not None else ""
    if query.library in ("Drizzle", "Kysely"):
        return source.text(given.named_children[0]) if given is not None and given.named_children else ""
    owner = field(query.call.callee, "object")
    if owner is None:
        return ""
    if query.library == "Prisma":
        return source.text(owner).rpartition(".")[2]
    return re.split(r"\.(?:objects|_default_manager)\b", source.text(owner))[0]


def _fail(job: Job, first: Query, second: Query) -> Fail:
    name = f"`{job.name or job.symbol}`" if job.name or job.symbol else "A job"
    message = (
        f"{name} changes `{_table(first)}` and then `{_table(second)}`, each for itself: a failure between them leaves only the first."
    )
    return Fail(first.spot, message, (job.system,), (second.spot,), confidence="likely")


_CODE = (
    'import { Worker } from "bullmq";\nimport { Pool } from "pg";\nconst pool = new Pool();\n'
    'new Worker("scores", async (job) => {\n  await TRANSACTION\n    await client.query("UPDATE clients SET score = $1", job.data);\n'
    '    await client.query("INSERT INTO history (score) VALUES ($1)", job.data);\n  END\n});\n'
)
_MANIFEST = '{"dependencies": {"bullmq": "^5.0.0", "pg": "^8.0.0"}}'

RULE = Rule(
    id="JOB110",
    name="multi-write-no-transaction",
    title="Changes that belong together, each for itself",
    severity="high",
    systems=(),
    what="Two changes of different tables, one of which adds rows, that follow each other in one block of a job's code, outside of a "
    "transaction, with no call of another service between them.",
    why="A job ends anywhere: a deployment, a time limit, a lost connection. What is then in the database is half of it, and the next "
    "attempt begins from there.",
    how="Calls of Prisma, Drizzle, Kysely, TypeORM, Sequelize, Mongoose, Django, SQLAlchemy and SQL as text, on the way from the body of "
    "the job. In a transaction is what stands in `$transaction(…)`, `transaction(…)`, `atomic()`, `begin()` and the like, in any function "
    "on the way, and what is called on `tx` or `trx`. Changes of one table, in branches of their own and around other services are left "
    "out, and so is what leaves the same when it is done again: two removals, upserts.",
    false_alarms="Changes that have nothing to do with each other, and databases without transactions.",
    migration="A system that tries again where the old one did not makes the half that is left a matter of every day.",
    fix="none",
    hint="Put both into one transaction, or make each a step that does nothing the second time.",
    effort=Effort(30, 60, "place", "an audit made by hand: 1 hour"),
    sources=("BullMQ guide, Patterns, Idempotent jobs",),
    examples=(
        Example(
            "bullmq",
            bad={
                "package.json": _MANIFEST,
                "scores.ts": _CODE.replace("await TRANSACTION", "const client = pool; {").replace("END", "}"),
            },
            good={
                "package.json": _MANIFEST,
                "scores.ts": _CODE.replace("TRANSACTION", "transaction(async (client) => {").replace("END", "});"),
            },
        ),
    ),
    check=check,
    related=("JOB107",),
)
