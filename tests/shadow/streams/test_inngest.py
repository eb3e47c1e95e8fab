"""Runs of Inngest as sightings, in the shapes that a real server was seen to answer with."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from migrator.shadow.streams.inngest import Arrival, Happening, arrival, course, ended, moment, sightings, summary

CAME = Arrival("01EVENT", "led-1", 5, None)
DAY = "2026-11-21T21:29:"


def ns(seconds: str) -> int:
    at = moment(f"{DAY}{seconds}Z")
    assert at
    return at


def span(name: str, start: str | None, end: str | None, *, status: str = "COMPLETED", op: str | None = "RUN", children: Any = ()) -> Any:
    times = {"startedAt": f"{DAY}{start}Z" if start else None, "endedAt": f"{DAY}{end}Z" if end else None}
    return {"name": name, "status": status, "stepOp": op, "outputID": f"out-{name}-{start}", "childrenSpans": list(children), **times}


def traced(*spans: Any, status: str = "RUNNING", start: str | None = "17.147", end: str | None = None) -> Any:
    times = {"queuedAt": f"{DAY}17.017Z", "startedAt": f"{DAY}{start}Z" if start else None, "endedAt": f"{DAY}{end}Z" if end else None}
    return {"id": "r", "status": status, "trace": {"childrenSpans": list(spans)}, **times}


ONE = span("one", "17.147", "17.171")
NAP = span("nap", "17.313", "18.313", op="SLEEP")
TRIES = (
    span("Attempt 0", "18.313", "18.336", status="FAILED", op=None),
    span("Attempt 1", "19.337", "19.371", op=None),
)
FLAKY = span("flaky", "18.313", "19.371", children=TRIES)
SUCCESS = span("function success", "19.546", "19.582", op=None)


def kinds(run: Any) -> list[tuple[str, int]]:
    return [(h.kind, h.ts_ns) for h in course(CAME, run)[1:]]


def test_a_run_of_several_steps_has_one_attempt_more_than_failures() -> None:
    run = traced(ONE, NAP, FLAKY, SUCCESS, status="COMPLETED", end="19.586")
    assert kinds(run) == [
        ("started", ns("17.147")),
        ("attempt_failed", ns("18.336")),
        ("started", ns("19.337")),
        ("completed", ns("19.586")),
    ]
    assert course(CAME, run)[2].output == "out-Attempt 0-18.313"
    assert course(CAME, run)[0] == Happening("available", 5)


def test_what_is_said_while_a_run_goes_on_stays_said() -> None:
    queued = span("Queued step", None, None, status="QUEUED", op=None)
    waiting = span("flaky", "18.313", None, status="RUNNING", children=(TRIES[0], span("Attempt 1", None, None, status="QUEUED", op=None)))
    again = span(
        "flaky", "18.313", None, status="RUNNING", children=(TRIES[0], span("Attempt 1", "19.337", None, status="RUNNING", op=None))
    )
    stages = [
        traced(start=None, status="QUEUED"),
        traced(span("execute", "17.147", None, status="RUNNING", op=None)),
        traced(ONE, queued),
        traced(ONE, NAP, span("flaky", "18.313", None, status="RUNNING")),
        traced(ONE, NAP, waiting),
        traced(ONE, NAP, again),
        traced(ONE, NAP, FLAKY, queued),
        traced(ONE, NAP, FLAKY, SUCCESS, status="COMPLETED", end="19.586"),
    ]
    told = [kinds(stage) for stage in stages]
    assert [len(each) for each in told] == [0, 1, 1, 1, 2, 3, 3, 4]
    assert all(later[: len(earlier)] == earlier for earlier, later in itertools.pairwise(told))


def test_a_function_without_steps_that_fails_for_good() -> None:
    tries = [span(f"Attempt {n}", f"1{n}.100", f"1{n}.200", status="FAILED", op=None) for n in range(2)]
    run = traced(
        span("execute", "10.100", "11.200", status="FAILED", op=None, children=tries), status="FAILED", start="10.100", end="11.250"
    )
    assert [kind for kind, _ in kinds(run)] == ["started", "attempt_failed", "started", "attempt_failed", "discarded"]
    assert course(CAME, run)[-1].output == "out-Attempt 1-11.100", "why it failed is why its last attempt did"


def test_steps_that_fail_at_the_same_time_are_one_failure() -> None:
    def step(name: str, fails: str, again: str) -> Any:
        tries = (span("Attempt 0", "10.000", fails, status="FAILED", op=None), span("Attempt 1", again, "12.500", op=None))
        return span(name, "10.000", "12.500", children=tries)

    run = traced(step("a", "10.100", "11.500"), step("b", "10.200", "11.600"), status="COMPLETED", start="10.000", end="12.600")
    assert [kind for kind, _ in kinds(run)] == ["started", "attempt_failed", "started", "completed"]


def test_a_failure_that_the_function_lives_with() -> None:
    doomed = span("doomed", "10.000", "10.100", status="FAILED")
    run = traced(doomed, span("instead", "10.300", "10.400"), status="COMPLETED", start="10.000", end="10.500")
    assert [kind for kind, _ in kinds(run)] == ["started", "attempt_failed", "started", "completed"]


def test_an_attempt_begins_with_what_runs_and_not_with_a_sleep() -> None:
    spans = (
        span("doomed", "10.000", "10.100", status="FAILED"),
        span("nap", "10.200", "11.200", op="SLEEP"),
        span("next", "11.300", "11.400"),
    )
    run = traced(*spans, status="COMPLETED", start="10.000", end="11.500")
    assert kinds(run)[2] == ("started", ns("11.300"))


def test_a_run_that_is_said_to_be_over_and_has_no_time_for_it_goes_on() -> None:
    assert kinds(traced(ONE, status="COMPLETED")) == [("started", ns("17.147"))]


def test_steps_that_checkpoints_hide_and_a_trace_that_is_not_there_yet() -> None:
    assert [kind for kind, _ in kinds(traced(status="COMPLETED", end="19.586"))] == ["started", "completed"]
    assert kinds({**traced(start=None), "trace": None}) == []


@pytest.mark.parametrize(("status", "kind"), [("CANCELLED", "cancelled"), ("SKIPPED", "cancelled"), ("FAILED", "discarded")])
def test_other_ends(status: str, kind: str) -> None:
    assert kinds(traced(status=status, start=None, end="19.000")) == [(kind, ns("19.000"))]


def test_an_end_is_no_end_before_it_has_a_time() -> None:
    """The rolled-up status of `/v1`: Completed after the first step of a run that goes on."""
    run = {"run_id": "r", "status": "Completed", "ended_at": None, "run_started_at": f"{DAY}17.017Z"}
    assert not ended(run)
    assert [h.kind for h in summary(CAME, run)] == ["available"]
    over = {**run, "ended_at": f"{DAY}40.187970652Z"}
    assert ended(over)
    assert summary(CAME, over)[-1] == Happening("completed", ns("40.187970652"))


def test_why_a_run_failed_where_there_are_no_traces() -> None:
    output = {"__serialized": True, "name": "RangeError", "message": "why", "stack": "…"}
    run = {"status": "Failed", "ended_at": f"{DAY}40Z", "output": output}
    last = summary(CAME, run)[-1]
    assert (last.kind, last.err_type, last.err_message) == ("discarded", "RangeError", "why")
    assert summary(CAME, {**run, "output": "text"})[-1].err_message is None


EVENT = {"internal_id": "01E", "name": "x", "data": {}, "received_at": f"{DAY}10.000Z", "ts": ns("10.000") // 1_000_000}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"id": "led-1"}, "led-1"),
        ({"id": "01E", "data": {"__shadow": {"ledger": "led", "key": "led-2"}}}, "led-2"),
        ({"id": "led-1", "data": {"__shadow": {"ledger": "led", "key": "led-2"}}}, "led-1"),
        ({"id": "other-1"}, None),
        ({"id": None, "data": None}, None),
        ({"id": "01E", "data": {"__shadow": "led-2"}}, None),
        ({"id": "01E", "data": {"__shadow": {"key": 5}}}, None),
        ({"id": "ledger-1"}, None),
        ({"id": "led-1", "received_at": "yesterday"}, None),
    ],
)
def test_which_events_are_ours(fields: dict[str, Any], key: str | None) -> None:
    came = arrival({**EVENT, **fields}, "led")
    assert (came.job_key if came else None) == key


def test_when_an_event_is_for_later() -> None:
    now = arrival({**EVENT, "id": "led-1", "ts": EVENT["ts"] + 900}, "led")
    later = arrival({**EVENT, "id": "led-1", "ts": EVENT["ts"] + 5000}, "led")
    assert now
    assert later
    assert (now.received_ns, now.until_ns) == (ns("10.000"), None), "the sender's clock may be a little ahead"
    assert later.until_ns == ns("15.000")
    assert course(later, traced(start=None, status="QUEUED"))[0] == Happening("delayed", ns("10.000"), until_ns=ns("15.000"))


def test_ids_are_places_in_the_run() -> None:
    run = traced(ONE, NAP, FLAKY, SUCCESS, status="COMPLETED", end="19.586")
    errors = {"out-Attempt 0-18.313": {"name": "RangeError", "message": "why"}}
    whole = sightings("r", "led-1", course(CAME, run), 0, errors)
    assert [s.id for s in whole] == ["r-0000", "r-0001", "r-0002", "r-0003", "r-0004"]
    assert (whole[2].err_type, whole[2].err_message) == ("RangeError", "why")
    assert sightings("r", "led-1", course(CAME, run), 3, errors) == whole[3:]
    assert sightings("r", "led-1", course(CAME, run), 9, errors) == []


@pytest.mark.parametrize("text", [None, "", "2026-11-21", "2026-11-21T21:29:17", "2026-11-21T21:29:17+01:00"])
def test_moments_that_are_none(text: str | None) -> None:
    assert moment(text) is None
