"""JOB007: a handler of failures that takes the event of the failure for the one that started the job."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs import Job, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.rules.log_calls import WRITES_A_LOG
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.scanners.linking import Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import function_of
from migrator.scanners.typescript.inngest_handlers import mentions
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, field, walk
from migrator.systems.inngest import FAILURE, FAILURE_DATA

_INDEX = regex(r"[\w\])]+\.event(?:\.data|\[[\"']data[\"']\])(?:\.get\(\s*[\"'](\w+)[\"']|\[[\"'](\w+)[\"']\])")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each handler of failures."""
    for job in evidence.of(Job, "inngest"):
        found = _handler(evidence, job)
        if found is None:
            if job.failure_handler is not None:
                yield Undecided("the code of a handler of failures was not found", spot(job))
            continue
        view, function = found
        wrong = list(_python(view, function) if view.source.is_python else _typescript(view, function))
        for node, message in wrong:
            yield Fail(spot(view.source.location(node)), f"The handler of failures of `{job.name or job.symbol}` {message}.", ("inngest",))
        if not wrong:
            yield Pass(spot(view.source.location(function), "takes the event of the failure for what it is"))


def _handler(evidence: Evidence, job: Job) -> tuple[View, Node] | None:
    """What is run after a failure: the job's own handler of failures, or a function that the event of failures starts."""
    if any(literal_of(trigger.value) == FAILURE for trigger in job.triggers):
        return evidence.handler(job)
    node = evidence.node(job.location.path, job.failure_handler)
    if node is None:
        return None
    view = evidence.bodies.view(job.location.path)
    if node.type in FUNCTIONS:
        return view, node
    place = function_of(view, Place(view.source, node))
    return (evidence.bodies.view(place.source.path), place.node) if place is not None else None


def _typescript(view: View, function: Node) -> Iterator[tuple[Node, str]]:
    for mention in mentions(view, function):
        match mention.path:
            case ("event", "data", field_, *_) if field_ not in FAILURE_DATA and not field_.startswith(("[", ".")):
                yield mention.node, _missing(field_)
            case ("event", "name") if not _is_logged(view, mention.node) and not _is_compared(mention.node):
                yield mention.node, f"takes `event.name` for that of the event that started it: it is always `{FAILURE}`"
            case _:
                continue


def _missing(name: str) -> str:
    return f"reads `event.data.{name}`, which the event of a failure does not have: it stands in `event.data.event.data.{name}`"


def _python(view: View, function: Node) -> Iterator[tuple[Node, str]]:
    for node in walk(function, ("subscript", "call")):
        found = _INDEX.match(view.source.text(node))
        name = (found[1] or found[2]) if found is not None else ""
        # What is read of the original event goes on after it.
        if name and name not in FAILURE_DATA:
            yield node, _missing(name)


def _is_logged(view: View, node: Node) -> bool:
    callees = (callee_of(a) for a in ancestors(node) if a.type == "call_expression")
    return any(c is not None and WRITES_A_LOG.search(view.source.text(c)) for c in callees)


def _is_compared(node: Node) -> bool:
    parent = node.parent
    return parent is not None and (parent.type in ("binary_expression", "switch_statement") or field(parent, "condition") == node)


_CODE = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export const bill = inngest.createFunction(\n  { id: "bill", onFailure: async ({ event, error }) => {\nBODY  } },\n'
    '  { event: "order/paid" },\n  async ({ event }) => charge(event.data.orderId),\n);\n'
)
_PYTHON = (
    'import inngest\n\nclient = inngest.Inngest(app_id="shop")\n\n\n'
    "async def failed(ctx: inngest.Context) -> None:\n    note(FIELD)\n\n\n"
    '@client.create_function(fn_id="bill", trigger=inngest.TriggerEvent(event="order/paid"), on_failure=failed)\n'
    "async def bill(ctx: inngest.Context) -> None:\n    charge(ctx.event.data)\n"
)

RULE = Rule(
    id="JOB007",
    name="failure-handler-wrong-event",
    title="Handlers of failures that take the wrong event for the right one",
    severity="high",
    systems=("inngest",),
    what="In `onFailure`, or in a function that `inngest/function.failed` starts: a field of `event.data` other than those that a failure "
    "has, and `event.name` for anything but a comparison or a log.",
    why="The handler is given the event of the failure, in which the one that started the function stands as `event.data.event`. A field "
    "of the original that is read one level too high is undefined: the wrong order is marked as failed, or none. What is stored under "
    "`event.name` cannot be sent again, because names that begin with `inngest/` are the server's own.",
    how="Reads of the first parameter under every name, destructured ones among them; the fields that a failure has are data.",
    false_alarms="None are known.",
    migration="A hook of BullMQ or pg-boss is given the job itself: `event.data.event.data` becomes `job.data`. The rewrite to BullMQ "
    "hands over the event of the failure as Inngest does, and what is read of it wrongly stays wrong.",
    fix="unsafe",
    hint="Read `event.data.event.name` and `event.data.event.data`.",
    effort=Effort(10, 10, "place", "an estimate"),
    sources=("Inngest documentation, System events, inngest/function.failed", "read in the types of inngest 3.54.2 and 4.24.0"),
    examples=(
        Example(
            "inngest",
            bad={"bill.ts": _CODE.replace("BODY", "    await markFailed(event.data.orderId, error.message);\n")},
            good={"bill.ts": _CODE.replace("BODY", "    await markFailed(event.data.event.data.orderId, error.message);\n")},
        ),
        Example(
            "inngest",
            bad={"bill.py": _PYTHON.replace("FIELD", 'ctx.event.data["order_id"]')},
            good={"bill.py": _PYTHON.replace("FIELD", 'ctx.event.data["event"]["data"]["order_id"]')},
        ),
    ),
    check=check,
    related=("JOB103", "JOB403"),
)
