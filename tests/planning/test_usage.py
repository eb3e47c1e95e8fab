"""Which capabilities the code of a job asks for, and which it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.planning import asked
from migrator.planning.fit import general_traps
from migrator.planning.usage import Usage, usages
from migrator.planning.weights import ESSENTIAL, SMALL
from migrator.systems import CAPABILITIES, SYSTEMS
from tests.planning.applications import application

CELERY = "from celery import Celery, chain, chord, group, shared_task\napp = Celery('a', broker='redis://localhost')\n\n"
PLAIN = CELERY + "@app.task\ndef send(user): ...\n\n"


def of(root: Path, files: dict[str, str], name: str = "") -> dict[str, Usage]:
    app = application(root, files)
    job = next(j for j in app.jobs if j.name.endswith(name))
    return {usage.capability: usage for usage in usages(app, job)}


def celery(root: Path, code: str, name: str = "send") -> dict[str, Usage]:
    return of(root, {"tasks.py": code}, name)


def test_a_plain_task_asks_for_next_to_nothing(tmp_path: Path) -> None:
    assert set(celery(tmp_path, PLAIN)) == {"sync-handler"}


@pytest.mark.parametrize(
    ("call", "capability", "what"),
    [
        ("send.apply_async(kwargs={'user': 1}, countdown=60)", "delay", "60 s"),
        ("send.apply_async(kwargs={'user': 1}, countdown=172800)", "long-delay", "2 days"),
        ("send.apply_async(kwargs={'user': 1}, eta=when)", "run-at", "at `when`"),
        ("send.apply_async(kwargs={'user': 1}, expires=30)", "expiry", "dropped after 30 s"),
        ("send.apply_async(kwargs={'user': 1}, priority=3)", "priority", "priority 3"),
        ("send.apply_async(kwargs={'user': 1}, queue='slow')", "call-queue", "the call names the queue"),
        ("send.delay(1)", "positional-arguments", "with positional arguments"),
        ("app.send_task('tasks.send', kwargs={'user': 1})", "enqueue-by-name", "by a string"),
        ("chain(send.s(1), send.s())()", "chain", "part of a chain"),
        ("chord([send.s(1)], send.s())()", "chord", "part of a chord"),
    ],
)
def test_calls_of_celery(tmp_path: Path, call: str, capability: str, what: str) -> None:
    found = celery(tmp_path, f"{PLAIN}def caller(when):\n    {call}\n")
    assert found[capability].what == what
    assert found[capability].places[0].path == "tasks.py"
    assert found[capability].places[0].line == 8


@pytest.mark.parametrize(
    ("call", "many"),
    [
        ("send.defer(user=1)", False),
        ("send.batch_defer({'user': 1}, {'user': 2})", True),
        ("await send.batch_defer_async({'user': 1})", True),
    ],
)
def test_many_at_once(tmp_path: Path, call: str, *, many: bool) -> None:
    code = f"import procrastinate\n\napp = procrastinate.App()\n\n@app.task\ndef send(user):\n    pass\n\nasync def caller():\n    {call}\n"
    assert ("bulk-enqueue" in celery(tmp_path, code)) is many


@pytest.mark.parametrize(
    ("options", "capability"),
    [
        ("autoretry_for=(OSError,), max_retries=3", "retry-on-errors"),
        ("autoretry_for=(OSError,), retry_backoff=True", "backoff"),
        ("soft_time_limit=10", "soft-timeout"),
        ("time_limit=20", "timeout"),
        ("rate_limit='10/m'", "throttle"),
        ("acks_late=True", "late-acknowledgement"),
    ],
)
def test_options_of_celery(tmp_path: Path, options: str, capability: str) -> None:
    assert capability in celery(tmp_path, PLAIN.replace("@app.task", f"@app.task({options})"))


def test_what_is_switched_off_is_not_asked_for(tmp_path: Path) -> None:
    assert "late-acknowledgement" not in celery(tmp_path, PLAIN.replace("@app.task", "@app.task(acks_late=False)"))
    assert "delay" not in celery(tmp_path, PLAIN + "def caller():\n    send.apply_async(countdown=0)\n")


def test_a_chain_of_other_tasks_is_not_this_ones(tmp_path: Path) -> None:
    code = PLAIN + "@app.task\ndef other(): ...\n\ndef start():\n    send.delay(user=1)\n    chain(other.si(), other.si())()\n"
    assert "chain" not in celery(tmp_path, code)
    assert "chain" in celery(tmp_path, code, "other")


INNGEST = 'import { Inngest, NonRetriableError } from "inngest";\nconst inngest = new Inngest({ id: "a" });\n'
DEFINED = 'export const NAME = inngest.createFunction({ id: "NAME"OPTIONS }, { event: "EVENT" }, async ({ event, step }) => {\nBODY\n});\n'


def inngest(root: Path, options: str = "", body: str = "return 1;", event: str = "a/b", more: str = "") -> dict[str, Usage]:
    code = DEFINED.replace("NAME", "f").replace("OPTIONS", options).replace("BODY", body).replace("EVENT", event)
    return of(root, {"package.json": '{"dependencies": {"inngest": "^3.54.0"}}', "f.ts": INNGEST + code + more}, "f")


@pytest.mark.parametrize(
    ("options", "capabilities"),
    [
        (", concurrency: 3", {"concurrency-limit"}),
        (', concurrency: { limit: 3, key: "event.data.user" }', {"concurrency-limit", "concurrency-key"}),
        (', throttle: { limit: 3, period: "1m" }', {"throttle"}),
        (', rateLimit: { limit: 3, period: "1m", key: "event.data.user" }', {"rate-limit", "rate-limit-key"}),
        (', debounce: { period: "1m" }', {"debounce"}),
        (', batchEvents: { maxSize: 10, timeout: "5s" }', {"batch"}),
        (', cancelOn: [{ event: "a/stop" }]', {"cancel-running"}),
        (', idempotency: "event.data.id"', {"idempotency"}),
    ],
)
def test_options_of_inngest(tmp_path: Path, options: str, capabilities: set[str]) -> None:
    assert set(inngest(tmp_path, options)) - set(inngest(tmp_path / "plain")) == capabilities


def test_one_step_needs_no_memory(tmp_path: Path) -> None:
    assert "steps" not in inngest(tmp_path / "a", body='await step.run("a", () => 1);')
    assert "steps" in inngest(tmp_path / "b", body='await step.run("a", () => 1);\nawait step.run("b", () => 1);')
    assert "steps" in inngest(tmp_path / "c", body='for (const x of event.data.xs) await step.run("a", () => x);')


def test_step_tools(tmp_path: Path) -> None:
    found = inngest(tmp_path, body='await step.sleep("nap", "1d");\nawait step.waitForEvent("answer", { event: "a/c", timeout: "1h" });')
    assert found["step-sleep"].what == "`step.sleep` `nap`"
    assert found["wait-for-event"].what == "`step.waitForEvent` `answer`"


def test_an_event_for_one_is_no_fan_out(tmp_path: Path) -> None:
    assert "fan-out-event" not in inngest(tmp_path / "a")
    other = DEFINED.replace("NAME", "g").replace("OPTIONS", "").replace("BODY", "return 2;").replace("EVENT", "a/b")
    assert inngest(tmp_path / "b", more=other)["fan-out-event"].what == "`a/b` starts 2 jobs"


def test_what_the_body_throws(tmp_path: Path) -> None:
    assert "no-retry-error" in inngest(tmp_path, body='throw new NonRetriableError("no");')


def test_a_default_is_said_to_be_one(tmp_path: Path) -> None:
    assert inngest(tmp_path / "a")["retries"].what == "up to 5 runs, the default"
    assert inngest(tmp_path / "b", ", retries: 2")["retries"].what == "up to 3 runs"
    assert "retries" not in inngest(tmp_path / "c", ", retries: 0")


def test_every_word_is_in_the_vocabulary() -> None:
    options = {capability for table in asked.ASKED.values() for capability in table.values()}
    others = {*asked.STEP_KINDS.values(), *asked.COMPOSED.values(), *asked.BODY_USES.values(), *asked.BODY_CALLS.values()}
    written = set(re.findall(r'yield "([a-z-]+)"', Path(asked.__file__).with_name("usage.py").read_text()))
    assert (options | others | written | ESSENTIAL | SMALL) <= set(CAPABILITIES)
    assert not ESSENTIAL & SMALL
    assert set(asked.ASKED) <= set(SYSTEMS)


def test_what_the_application_meets_is_not_left_out_because_no_job_shows_it() -> None:
    listed = {trap.id for trap in general_traps("inngest", "bullmq", scope="application")}
    assert {"MIG416", "MIG515"} <= listed, "one that asks for nothing, and one that is about the hosting"
    assert {trap.scope for trap in general_traps("inngest", "bullmq", scope="application")} == {"application"}
    assert all(not trap.capability for trap in general_traps("inngest", "bullmq", scope="job"))
