"""Drives runs: call the SDK, remember what it did, do what it asks for, call again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.doubles.inngest.agenda import Agenda
from tests.doubles.inngest.durations import parse_moment
from tests.doubles.inngest.events import FAILED, FINISHED, INVOKED, Event, new_id
from tests.doubles.inngest.registration import Function
from tests.doubles.inngest.retries import wait_before_retry
from tests.doubles.inngest.run import BODY, Attempt, Run
from tests.doubles.inngest.sdk import Reply, SdkError, call
from tests.doubles.inngest.waits import Waits

#: The step id that stands for "whatever comes next".
NEXT = "step"
#: Calls after which a run is taken to be going in circles.
MOST_CALLS = 5_000
Finished = Callable[[Run], None]


class Executor:
    """`emit` takes the events that the server itself sends. With a `retry_interval` every retry waits so many seconds, and time is real:
    an application that cannot be reached is an attempt that failed."""

    def __init__(
        self, agenda: Agenda, waits: Waits, emit: Callable[[Event], None], *, checkpointing: bool, retry_interval: float | None = None
    ) -> None:
        self._agenda = agenda
        self._retry_interval = retry_interval
        self._waits = waits
        self._emit = emit
        self._checkpointing = checkpointing
        self._parents: dict[str, Finished] = {}
        self.functions: dict[str, Function] = {}
        self.runs: list[Run] = []

    def start(self, function: Function, event: Event, when_finished: Finished | None = None) -> Run:
        """Queue a run; it begins when its event takes effect."""
        run = Run(function, event, max(event.at, self._agenda.now))
        self.runs.append(run)
        if when_finished:
            self._parents[run.id] = when_finished
        self._look_for_more(run, event)
        return run

    def checkpoint(self, run_id: str, ops: list[Mapping[str, Any]]) -> None:
        """Steps that the SDK reports in the middle of a call."""
        run = next((run for run in self.runs if run.id == run_id), None)
        if run is None:
            raise KeyError(f"no run {run_id}")
        for op in ops:
            if op["op"] not in ("StepRun", "Step"):
                raise SdkError(f"a checkpoint with {op['op']} is not known to the double")
            self._step_ran(run, op, 0)

    def cancel(self, run: Run) -> None:
        self._end(run, "Cancelled")

    def resume(self, run: Run, step: str, value: Any) -> None:
        """A step that was waited for has its result."""
        if run.active and step not in run.steps:
            run.remember(step, value)
            self._look_for_more(run)

    def _look_for_more(self, run: Run, event: Event | None = None) -> None:
        if not run.discovering:
            run.discovering = True
            self._agenda.enter(partial(self._call, run, NEXT, 0), event.at if event else None)

    def _call(self, run: Run, step: str, attempt: int) -> None:
        if not run.active or step in run.steps:
            return
        if step == NEXT:
            run.discovering = False
        run.calls += 1
        if run.calls > MOST_CALLS:
            raise SdkError(f"{run.function.id} was called {MOST_CALLS} times in one run and is still not done")
        run.call_began = self._now()
        reply = self._ask(run, step, attempt)
        if reply.status == 206:
            self._apply(run, step, attempt, reply)
        elif reply.status == 200:
            self._complete(run, reply.body, attempt)
        elif reply.status in (400, 500):
            self._body_failed(run, step, attempt, reply)
        else:
            raise SdkError(f"{run.function.id} answered {reply.status}: {reply.body!r}")
        run.call_began = None

    def _ask(self, run: Run, step: str, attempt: int) -> Reply:
        try:
            return call(run, step, attempt, checkpointing=self._checkpointing)
        except SdkError as error:
            if self._retry_interval is None:
                raise
            return Reply(500, {"name": "Error", "message": str(error)}, retry=True, retry_after="", version=run.version)

    def _now(self) -> datetime:
        return self._agenda.now if self._retry_interval is None else datetime.now(UTC)

    def _attempt(self, run: Run, op: Mapping[str, Any], attempt: int, *, ok: bool) -> Attempt:
        name = (op.get("userland") or {}).get("id") or op.get("displayName") or op["id"]
        error: Mapping[str, Any] = {} if ok else (op.get("error") or {})
        return Attempt(
            name, attempt + 1, ok, str(error.get("message", "")), str(error.get("name", "")), run.call_began or self._now(), self._now()
        )

    def _apply(self, run: Run, step: str, attempt: int, reply: Reply) -> None:
        ops: list[Mapping[str, Any]] = reply.body
        run.parallel = run.parallel or len([op for op in ops if op["op"] not in ("StepRun", "RunComplete")]) > 1
        for op in ops:
            match op["op"]:
                case "StepRun" | "Step":
                    self._step_ran(run, op, attempt)
                    self._look_for_more(run)
                case "StepError" if attempt + 1 < run.function.max_attempts:
                    run.attempts.append(self._attempt(run, op, attempt, ok=False))
                    self._again(run, step, attempt, reply)
                case "StepError" | "StepFailed":
                    run.attempts.append(self._attempt(run, op, attempt, ok=False))
                    run.remember(op["id"], {"type": "error", "error": op["error"]})
                    self._look_for_more(run)
                case "RunComplete":
                    self._complete(run, op.get("data"), attempt)
                case "DiscoveryRequest":
                    self._look_for_more(run)
                case kind if op["id"] not in run.pending and op["id"] not in run.steps:
                    run.pending.add(op["id"])
                    self._plan(run, kind, op)
                case _:
                    pass  # asked for again while it is under way

    def _plan(self, run: Run, kind: str, op: Mapping[str, Any]) -> None:
        step, options, now = op["id"], op.get("opts") or {}, self._agenda.now
        match kind:
            case "StepPlanned":
                self._agenda.enter(partial(self._call, run, step, 0))
            case "Sleep":
                until = parse_moment(op["name"], now)
                name = (op.get("userland") or {}).get("id") or op.get("displayName") or step
                run.attempts.append(Attempt(name, 1, ok=True, started_at=now, ended_at=until, sleeps=True))
                self._agenda.enter(partial(self.resume, run, step, None), until)
            case "WaitForEvent":
                self._waits.add(run, step, op["name"], options.get("if") or "")
                self._agenda.enter(partial(self._wait_over, run, step), parse_moment(options["timeout"], now))
            case "InvokeFunction":
                self._invoke(run, step, options)
            case _:
                raise SdkError(f"{run.function.id} asks for {kind}, which the double does not know")

    def _wait_over(self, run: Run, step: str) -> None:
        self._waits.drop(run, step)
        self.resume(run, step, None)

    def _invoke(self, run: Run, step: str, options: Mapping[str, Any]) -> None:
        function = self.functions.get(options["function_id"])
        if function is None:
            error = {"name": "Error", "message": f"could not find function {options['function_id']}"}
            self.resume(run, step, {"type": "error", "error": error})
            return

        def hand_back(child: Run) -> None:
            done = child.status == "Completed"
            value = {"type": "data", "data": child.output} if done else {"type": "error", "error": child.error}
            self.resume(run, step, value)

        event = Event(new_id("E"), INVOKED, (options.get("payload") or {}).get("data") or {}, self._agenda.now)
        self.start(function, event, hand_back)
        if timeout := options.get("timeout"):
            error = {"name": "InngestInvokeTimeoutError", "message": "Timed out waiting for invoked function to complete"}
            overdue = partial(self.resume, run, step, {"type": "error", "error": error})
            self._agenda.enter(overdue, parse_moment(timeout, self._agenda.now))

    def _step_ran(self, run: Run, op: Mapping[str, Any], attempt: int) -> None:
        if op["id"] in run.steps:
            return
        run.attempts.append(self._attempt(run, op, attempt, ok=True))
        run.remember(op["id"], {"type": "data", "data": op.get("data")})

    def _body_failed(self, run: Run, step: str, attempt: int, reply: Reply) -> None:
        error = reply.body if isinstance(reply.body, dict) else {"name": "Error", "message": str(reply.body)}
        run.attempts.append(self._attempt(run, {"id": BODY, "error": error}, attempt, ok=False))
        if reply.retry and attempt + 1 < run.function.max_attempts:
            self._again(run, step, attempt, reply)
        else:
            run.error = error
            self._end(run, "Failed")

    def _again(self, run: Run, step: str, attempt: int, reply: Reply) -> None:
        wait = wait_before_retry(attempt + 1, reply.retry_after, self._now())
        if self._retry_interval is not None and not reply.retry_after:
            wait = timedelta(seconds=self._retry_interval)
        self._agenda.enter(partial(self._call, run, step, attempt + 1), self._now() + wait)

    def _complete(self, run: Run, output: Any, attempt: int) -> None:
        run.output = output
        run.attempts.append(self._attempt(run, {"id": BODY}, attempt, ok=True))
        self._end(run, "Completed")

    def _end(self, run: Run, status: Any) -> None:
        run.status, run.ended_at = status, self._now()
        self._waits.drop(run)
        about = {"function_id": run.function.id, "run_id": run.id, "event": run.event.to_json(), "events": [run.event.to_json()]}
        if status == "Failed":
            self._emit(Event(new_id("E"), FAILED, {**about, "error": run.error}, self._agenda.now))
        if status != "Cancelled":
            result = {"error": run.error} if status == "Failed" else {"result": run.output}
            self._emit(Event(new_id("E"), FINISHED, {**about, **result}, self._agenda.now))
        if hand_back := self._parents.pop(run.id, None):
            hand_back(run)
