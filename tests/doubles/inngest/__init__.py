"""A test double of the Inngest server: enough of it, in Python, to run an application's real functions through the real SDK.

    with InngestDouble() as server:
        ...                                   # start the application with server.environment()
        server.register("http://127.0.0.1:3000/api/inngest")
        server.send({"name": "article/imported", "data": {"url": "…"}})
        server.run_until_idle()
        assert [run.status for run in server.runs] == ["Completed"]

It speaks the SDK protocol over HTTP on loopback: registration, events, calls with memoised steps, checkpoints. Time is virtual: sleeps,
backoff, timeouts and crons move the double's clock and take no time of ours. Calls are made one after the other, so a run's effects come in
the same order every time.

What it does not prove: anything about the real server's queueing, latency, order or limits; flow control (concurrency, throttle and
priority are ignored; debounce, batching, rate limits, singleton, idempotency keys and timeouts are refused); signatures and production
mode; the application's own clock, which stays where it is; the jitter of retries, which is left out.
"""

from tests.doubles.inngest.double import InngestDouble
from tests.doubles.inngest.events import Event
from tests.doubles.inngest.expressions import UnsupportedExpressionError, holds
from tests.doubles.inngest.registration import Function, UnsupportedFunctionError
from tests.doubles.inngest.run import Attempt, Run
from tests.doubles.inngest.sdk import SdkError

__all__ = [
    "Attempt",
    "Event",
    "Function",
    "InngestDouble",
    "Run",
    "SdkError",
    "UnsupportedExpressionError",
    "UnsupportedFunctionError",
    "holds",
]
