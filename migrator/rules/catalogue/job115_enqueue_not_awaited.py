"""JOB115: nobody waits to hear whether the job was taken."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.syntax.tree import callee_of, field

#: whose clients answer with a promise or a coroutine
_ASYNC = ("inngest", "bullmq", "bull", "pg-boss", "qstash", "sqs", "trigger.dev", "agenda", "graphile-worker")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each enqueue that stands alone as a statement."""
    kept: Enqueue | None = None
    for enqueue in evidence.of(Enqueue, *_ASYNC):
        call = evidence.node(enqueue.location.path, enqueue.call)
        if enqueue.language != "typescript" or call is None or not _is_own(enqueue, call):
            continue
        if enqueue.awaited or enqueue.result_used:
            kept = kept or enqueue
            continue
        name = f"`{enqueue.name}`" if enqueue.name else "a job"
        yield Fail(
            spot(enqueue), f"Nobody waits until {name} is taken: if that fails, it is lost and nobody hears of it.", (enqueue.system,)
        )
    if kept is not None:
        yield Pass(spot(kept, "awaited, returned or kept"))


def _is_own(enqueue: Enqueue, call: Node) -> bool:
    """True for a call of the API or of what wraps it; not for the gathering of what is handed over elsewhere."""
    name = field(callee_of(call), "property") or callee_of(call)
    called = (name.text or b"").decode("utf-8", "replace") if name is not None else ""
    return call.type == "call_expression" and called in (enqueue.form, *enqueue.via[:1])


_QUEUE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail");\n'
    'export async function join(to: string) {\n  LINE\n  return "ok";\n}\n'
)

RULE = Rule(
    id="JOB115",
    name="enqueue-not-awaited",
    title="Nobody hears whether the job was taken",
    severity="high",
    systems=_ASYNC,
    what="A call that enqueues, in TypeScript or JavaScript, as a statement of its own: neither awaited nor returned, kept or handed on.",
    why="The promise fails when the broker cannot be reached. Unawaited, the job is lost while the user is told that all is well; on "
    "serverless hosts the process may be frozen before the request has left it, without any failure at all.",
    how="The receiver is followed to the system's client; `void`, `return`, an assignment, a collected promise and `waitUntil(…)` count "
    "as awaited.",
    false_alarms="A promise that is stored in a way that is not an expression around the call.",
    migration="A move makes no difference: the new client answers with a promise as well.",
    fix="unsafe",
    hint="Write `await`, or hand the promise to `waitUntil`.",
    effort=Effort(2, 5, "place", "an estimate"),
    sources=("Inngest's ESLint plugin, `await-inngest-send`", "BullMQ guide, Going to production"),
    examples=(
        Example(
            "bullmq",
            bad={"join.ts": _QUEUE.replace("LINE", 'mails.add("welcome", { to });')},
            good={"join.ts": _QUEUE.replace("LINE", 'await mails.add("welcome", { to });')},
        ),
    ),
    check=check,
)
