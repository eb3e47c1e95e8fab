"""JOB505: calls that do not fit, and those that only look as if they did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_CELERY = "from celery import shared_task\n\n\nDECORATOR\ndef send(PARAMETERS):\n    ...\n\n\ndef f(x):\n    CALL\n"
_BULLMQ = (
    'import { Queue, Worker } from "bullmq";\nconst q = new Queue("mail", { connection: {} });\n'
    'new Worker("mail", async (job) => { BODY }, { connection: {} });\nexport const f = (x: any) => CALL;\n'
)


def _task(parameters: str, call: str, decorator: str = "@shared_task") -> dict[str, str]:
    return {"tasks.py": _CELERY.replace("PARAMETERS", parameters).replace("CALL", call).replace("DECORATOR", decorator)}


def _worker(body: str, call: str) -> dict[str, str]:
    return {"a.ts": _BULLMQ.replace("BODY", body).replace("CALL", call)}


CASES = {
    "it fits": ("pass", _task("a, b=1", "send.delay(x)")),
    "too many": ("fail", _task("a", "send.delay(x, x)")),
    "a list of them": ("fail", _task("a", "send.apply_async((x, x))")),
    "an option of the call": ("pass", _task("a", "send.apply_async((x,), countdown=5)")),
    "an option where a value is meant": ("fail", _task("a", "send.delay(x, countdown=5)")),
    "whatever comes": ("pass", _task("*args, **kwargs", "send.delay(x, y=x)")),
    "whatever is there": ("not-applicable", _task("a, b", "send.delay(*x)")),
    "the task itself": ("pass", _task("self, a", "send.delay(x)", "@shared_task(bind=True)")),
    "the task itself and one too many": ("fail", _task("self, a", "send.delay(x, x)", "@shared_task(bind=True)")),
    "what only the run tells": ("not-applicable", _task("self, a", "send.delay(x)", "@shared_task(bind=BIND)")),
    "another decorator": ("not-applicable", _task("a, session", "send.delay(x)", "@shared_task\n@with_session")),
    "a signature that is completed later": ("not-applicable", _task("result, a", "send.s(x)")),
    "a keyword for one in order": ("pass", _task("a, b", "send.delay(x, b=x)")),
    "one that can only be named": ("fail", _task("a, *, b", "send.delay(x)")),
    "a field that is sent": ("pass", _worker("note(job.data.to);", 'q.add("x", { to: x })')),
    "a field that is not sent": ("fail", _worker("note(job.data.text);", 'q.add("x", { to: x })')),
    "a field that is taken out": ("fail", _worker("const { text } = job.data; note(text);", 'q.add("x", { to: x })')),
    "a field with a default": ("pass", _worker('note(job.data.text ?? "");', 'q.add("x", { to: x })')),
    "a field that is asked for": ("pass", _worker("if (job.data.text) note();", 'q.add("x", { to: x })')),
    "a field that one of two calls sends": ("pass", _worker("note(job.data.text);", '[q.add("x", { to: x }), q.add("y", { text: x })]')),
    "a payload that is made elsewhere": ("unknown", _worker("note(job.data.text);", 'q.add("x", make(x))')),
    "a payload with more in it": ("unknown", _worker("note(job.data.text);", 'q.add("x", { to: x, ...x })')),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    state, files = CASES[case]
    assert became(tmp_path, "JOB505", files).state == state
