"""The part of the dev server's GraphQL that tells of runs, with the types that it was seen to have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from graphql import build_schema, graphql_sync

from tests.doubles.inngest.run import BODY, Attempt, Run

SCHEMA = build_schema("""
scalar Time
enum FunctionRunStatus { QUEUED RUNNING COMPLETED FAILED CANCELLED SKIPPED }
enum RunTraceSpanStatus { QUEUED RUNNING WAITING COMPLETED FAILED CANCELLED }
enum StepOp { INVOKE RUN SLEEP WAIT_FOR_EVENT }
enum RunsOrderByField { QUEUED_AT STARTED_AT ENDED_AT }
enum RunsOrderByDirection { ASC DESC }
input RunsOrderBy { field: RunsOrderByField! direction: RunsOrderByDirection! }
input RunsFilter { from: Time! until: Time timeField: RunsOrderByField status: [FunctionRunStatus!] functionIDs: [ID!] }
type Function { slug: String! name: String! }
type Span {
  name: String! status: RunTraceSpanStatus! attempts: Int duration: Int queuedAt: Time! startedAt: Time endedAt: Time
  stepOp: StepOp stepID: String outputID: String childrenSpans: [Span!]!
}
type Run {
  id: ID! status: FunctionRunStatus! queuedAt: Time! startedAt: Time endedAt: Time eventName: String output: String
  function: Function! trace(preview: Boolean): Span
}
type RunsConnection { totalCount: Int! }
type OutputError { message: String! name: String stack: String }
type Output { input: String data: String error: OutputError }
type Query {
  run(runID: String!): Run
  runs(first: Int! after: String orderBy: [RunsOrderBy!]! filter: RunsFilter!): RunsConnection!
  runTraceSpanOutputByID(outputID: String!): Output!
}
""")


def answer(body: Any, runs: Sequence[Run]) -> tuple[int, Any]:
    """A request's answer: status and JSON."""
    result = graphql_sync(SCHEMA, body["query"], root_value=_Root(runs), variable_values=body.get("variables"))
    return (200 if result.errors is None else 422), result.formatted


class _Root:
    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs

    def run(self, _: Any, runID: str) -> dict[str, Any] | None:  # noqa: N803 - as in the schema
        return next((_run(run) for run in self._runs if run.id == runID), None)

    def runs(self, _: Any, first: int, orderBy: Any, filter: Any, after: str | None = None) -> dict[str, Any]:  # noqa: A002, ARG002, N803
        return {"totalCount": sum(_status(run) in filter.get("status", [_status(run)]) for run in self._runs)}

    def runTraceSpanOutputByID(self, _: Any, outputID: str) -> dict[str, Any]:  # noqa: N802, N803
        run_id, number = outputID.split("/")
        attempt = next(run for run in self._runs if run.id == run_id).attempts[int(number)]
        return {"data": None, "error": {"message": attempt.error, "name": attempt.error_name}}


def _status(run: Run) -> str:
    return "QUEUED" if run.active and not run.calls else run.status.upper()


def _run(run: Run) -> dict[str, Any]:
    starts = [attempt.started_at for attempt in run.attempts if attempt.started_at] + ([run.call_began] if run.call_began else [])
    common = {
        "status": _status(run),
        "queuedAt": _moment(run.queued_at),
        "startedAt": _moment(min(starts, default=None)),
        "endedAt": _moment(run.ended_at),
    }
    trace = {**common, "name": run.function.id, "attempts": 0, "childrenSpans": _spans(run)}
    function = {"slug": run.function.id, "name": run.function.name}
    return {
        "id": run.id,
        **common,
        "eventName": run.event.name,
        "function": function,
        "trace": lambda _, preview: trace if preview is False else None,
    }


def _spans(run: Run) -> list[dict[str, Any]]:
    numbered = list(enumerate(run.attempts))
    spans: list[dict[str, Any]] = []
    for step, group in groupby(sorted(numbered, key=lambda entry: (_first(run, entry[1].step), entry[0])), key=lambda entry: entry[1].step):
        tries = list(group)
        # The body speaks up after every step that ends a call; only what failed, or was alone, is a span of its own.
        if step == BODY and len({attempt.step for attempt in run.attempts}) > 1 and all(attempt.ok for _, attempt in tries):
            spans.append(_span(run, "function success", *tries[-1]))
            continue
        name = "execute" if step == BODY else step
        last = tries[-1][1]
        children = [_span(run, f"Attempt {attempt.number - 1}", number, attempt) for number, attempt in tries] if len(tries) > 1 else []
        if not last.ok and run.active:
            children = children or [_span(run, "Attempt 0", *tries[0])]
            children.append({"name": f"Attempt {last.number}", "status": "QUEUED", "queuedAt": _moment(last.ended_at), "childrenSpans": []})
        span = _span(run, name, *tries[-1])
        span |= {"startedAt": _moment(tries[0][1].started_at), "childrenSpans": children}
        if not last.ok and run.active:
            span |= {"status": "RUNNING", "endedAt": None, "outputID": None}
        span["stepOp"] = "SLEEP" if last.sleeps else None if step == BODY else "RUN"
        spans.append(span)
    if run.call_began:
        began = _moment(run.call_began)
        spans.append({"name": "execute", "status": "RUNNING", "queuedAt": began, "startedAt": began, "childrenSpans": []})
    return spans


def _first(run: Run, step: str) -> int:
    return next(number for number, attempt in enumerate(run.attempts) if attempt.step == step)


def _span(run: Run, name: str, number: int, attempt: Attempt) -> dict[str, Any]:
    over = attempt.ended_at is not None and attempt.ended_at <= datetime.now(UTC)
    return {
        "name": name,
        "status": ("COMPLETED" if attempt.ok else "FAILED") if over else "RUNNING",
        "attempts": attempt.number - 1,
        "queuedAt": _moment(attempt.started_at),
        "startedAt": _moment(attempt.started_at),
        "endedAt": _moment(attempt.ended_at) if over else None,
        "outputID": f"{run.id}/{number}",
        "childrenSpans": [],
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
