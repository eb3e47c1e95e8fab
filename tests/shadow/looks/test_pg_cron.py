"""Rows of `cron.job_run_details` as pg_cron 1.4 writes them, one after the other."""

from __future__ import annotations

from typing import Any

from migrator.shadow.looks.pg_cron import Reader, Run

COMMAND = """select work('{"n": 1, "__shadow":{"ledger":"led","key":"led-a b''s"}}'::jsonb)"""


def run(status: str, *, runid: int = 1, command: str = COMMAND, **more: Any) -> Run:
    return Run(runid=runid, jobid=7, command=command, status=status, **more)


def test_a_run_from_its_beginning_to_its_end() -> None:
    reader = Reader("led-")
    looks = [
        run("starting"),
        run("running", start_us=10),
        run("running", start_us=10),
        run("succeeded", start_us=10, end_us=20, message="SELECT 1"),
        run("succeeded", start_us=10, end_us=20, message="SELECT 1"),
    ]
    found = [[(s.kind, s.ts_ns) for s in reader.read([look], 99)] for look in looks]
    assert found == [[], [("started", 10_000)], [], [("completed", 20_000)], []]
    (sighting, _) = Reader("led-").read(looks[-1:], 99)
    assert (sighting.job_key, sighting.native_id) == ("led-a b's", "7")


def test_failures() -> None:
    ended = [("failed", "ERROR: no title\nCONTEXT: x"), ("failed", "job canceled"), ("failed", "server restarted")]
    found = [Reader("led-").read([run(status, start_us=1, end_us=2, message=message)], 99)[-1] for status, message in ended]
    assert [(s.kind, s.err_message) for s in found] == [("discarded", "no title"), ("cancelled", None), ("discarded", "server restarted")]


def test_a_run_that_failed_before_it_began() -> None:
    (only,) = Reader("led-").read([run("failed", message="connection failed")], 99)
    assert (only.kind, only.err_message, only.ts_ns, only.dated) == ("discarded", "connection failed", 99_000, False)


def test_whose_run_it_is() -> None:
    reader = Reader("led-")
    assert reader.key_of("select 1 /* led-x.1 */") == "led-x.1"
    assert reader.key_of("select 1") is None
    assert reader.key_of("""select f('{"key": "other-1"}')""") is None
    assert reader.read([run("running", command="select 1", start_us=1)], 99) == []


def test_what_is_read_no_more_is_forgotten() -> None:
    reader = Reader("led-")
    reader.read([run("running", start_us=1), run("running", runid=2, start_us=1)], 99)
    reader.forget(2)
    assert reader.read([run("running", runid=2, start_us=1)], 99) == []
    assert [s.kind for s in reader.read([run("running", start_us=1)], 99)] == ["started"]
