"""The generated runtime on a real Redis: what steps, attempts, sleeps, failures and events mean there.

One worker process runs all jobs of `SCENARIOS`; what they do is in a log, which each test reads for itself.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from migrator.servers import node, servers
from tests.codemods.typescript.inngest_to_bullmq.application import rewrite
from tests.codemods.typescript.inngest_to_bullmq.modules import with_modules

pytestmark = pytest.mark.behaviour
PATIENCE = 60.0

CLIENT = 'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "app" });\n'

SCENARIOS = """import { appendFileSync, readFileSync } from "node:fs";
import { NonRetriableError, RetryAfterError, StepError } from "inngest";
import { inngest } from "./client";

const log = (name: string, ...values: unknown[]) => appendFileSync(process.env["LOG"]!, JSON.stringify([name, ...values]) + "\\n");
/** How often this has been logged, over all processes. */
const times = (name: string) => readFileSync(process.env["LOG"]!, "utf8").split(`["${name}"`).length - 1;

export const sequence = inngest.createFunction({ id: "sequence", retries: 3 }, { event: "sequence" }, async ({ event, step, attempt }) => {
  const kept = await step.run("first", () => {
    log("sequence first", attempt);
    if (times("sequence first") < 3) throw new Error("not yet");
    return { at: new Date(0), gone: undefined, n: event.data.n };
  });
  log("sequence kept", kept, attempt);
  await step.sleep("nap", "1h");
  const nothing = await step.run("second", () => log("sequence second", attempt));
  if (times("sequence body") < 2) {
    log("sequence body", attempt);
    throw new Error("the body fails");
  }
  for (const n of [1, 2]) await step.run("loop", () => log("sequence loop", n));
  log("sequence end", attempt, nothing);
});

export const together = inngest.createFunction({ id: "together", retries: 2 }, { event: "together" }, async ({ step }) => {
  const results = await Promise.all([
    step.run("x", () => {
      log("together x");
      if (times("together x") < 3) throw new RetryAfterError("later", 5_000);
      return "x";
    }),
    (async () => {
      const y = await step.run("y", () => (log("together y"), "y"));
      return step.run("z", () => (log("together z"), `${y}z`));
    })(),
    step.sleep("s", 60_000),
  ]);
  log("together end", results);
});

export const poison = inngest.createFunction(
  {
    id: "poison",
    retries: 1,
    onFailure: async ({ event, error, step }) => {
      await step.run("note", () => {
        log("poison note", error.name, error.message, event.data.event.data, event.data.function_id);
        if (times("poison note") === 1) throw new Error("the note fails once");
      });
    },
  },
  { event: "poison" },
  async ({ step, event }) => {
    try {
      await step.run("work", () => {
        log("poison work", event.data.then);
        throw new TypeError("boom");
      });
    } catch (error) {
      log("poison caught", event.data.then, error instanceof StepError, (error as Error).name);
      if (event.data.then === "swallow") return;
      throw event.data.then === "wrap" ? new Error("wrapped") : error;
    }
  },
);

export const never = inngest.createFunction({ id: "never", retries: 3 }, { event: "never" }, async () => {
  log("never");
  throw new NonRetriableError("no use");
});

export const fan = inngest.createFunction({ id: "fan", retries: 1 }, { event: "fan" }, async ({ step }) => {
  const { ids } = await step.sendEvent("out", [1, 2, 3].map((n) => ({ name: "leaf", data: { n } })));
  log("fan", ids.length);
  if (times("fan") === 1) throw new Error("after it has sent");
});

export const leaf = inngest.createFunction({ id: "leaf" }, { event: "leaf" }, async ({ event }) => log("leaf", event.data.n));

export const some = inngest.createFunction({ id: "some" }, { event: "some/*", if: "event.data.n >= 2" }, async ({ event }) => {
  log("some", event.name, event.data.n);
});

export const once = inngest.createFunction({ id: "once", idempotency: "event.data.key" }, { event: "once" }, async ({ event }) => {
  log("once", event.data.key);
});

export const narrow = inngest.createFunction({ id: "narrow", concurrency: 1 }, { event: "narrow" }, async ({ step, event }) => {
  await Promise.all([1, 2].map((n) => step.run(`part ${n}`, async () => {
    log("narrow", "in", event.data.n, n);
    await new Promise((done) => setTimeout(done, 20));
    log("narrow", "out", event.data.n, n);
  })));
});

export const ticking = inngest.createFunction({ id: "ticking" }, { cron: "TZ=Asia/Tokyo 0 9 * * *" }, async () => log("ticking"));

export const dying = inngest.createFunction({ id: "dying", retries: 2 }, { event: "dying" }, async ({ step, attempt }) => {
  await step.run("before", () => log("dying before"));
  await step.run("dies", () => {
    log("dying", attempt);
    if (times("dying") < 4) process.kill(process.pid, "SIGKILL");
  });
  log("dying survived", attempt);
});
"""

SENDS = """import { inngest } from "./client";

const sent = await inngest.send([
  { name: "sequence", data: { n: 7 } },
  { name: "together" },
  { name: "poison", data: { then: "throw" } },
  { name: "poison", data: { then: "swallow" } },
  { name: "poison", data: { then: "wrap" } },
  { name: "never" },
  { name: "fan" },
  { name: "some/a", data: { n: 1 } },
  { name: "some/b", data: { n: 2 } },
  { name: "some/c" },
  { name: "something", data: { n: 2 } },
  { name: "once", data: { key: "a" } },
  { name: "once", data: { key: "b" } },
  { name: "narrow", data: { n: 1 } },
  { name: "narrow", data: { n: 2 } },
]);
await inngest.send({ name: "once", data: { key: "a" } });
for (let time = 0; time < 2; time += 1) await inngest.send({ name: "leaf", data: { n: 9 }, id: "the same" });
await inngest.send({ name: "leaf", data: { n: 10 }, ts: Date.now() + 3_600_000 });
console.log(JSON.stringify(sent));
"""
NAMES = ("sequence", "together", "poison", "never", "fan", "leaf", "some", "once", "narrow", "ticking", "dying")


@dataclass(frozen=True)
class Played:
    """What the jobs did."""

    lines: list[list[Any]]
    ids: list[str]
    seconds: float

    def of(self, name: str) -> list[list[Any]]:
        """What was logged under a name, in order."""
        return [values for first, *values in self.lines if first == name]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with servers() as started:
        yield started.redis


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("app")
    listed = ", ".join(NAMES)
    server = (
        'import { createServer } from "node:http";\nimport { serve } from "inngest/node";\nimport { inngest } from "./client";\n'
        f'import {{ {listed} }} from "./functions";\n'
        f'const server = createServer();\nserver.on("request", serve({{ client: inngest, functions: [{listed}] }}));\n'
        "server.listen(3000);\n"
    )
    manifest = '{ "name": "app", "type": "module", "dependencies": { "inngest": "^3.0.0" } }\n'
    files = {
        "package.json": manifest,
        "src/client.ts": CLIENT,
        "src/functions.ts": SCENARIOS,
        "src/send.ts": SENDS,
        "src/server.ts": server,
    }
    # Of one event nothing is told who sends it.
    after = rewrite(root, files, unsafe=True)
    assert {name: after.outcome(name)[0] for name in NAMES} == dict.fromkeys(NAMES, "rewritten")
    with_modules(root)
    return root


def environment(app: Path, url: str, log: Path, *, lock: str = "30") -> dict[str, str]:
    """`lock`: seconds after which a job is taken from a worker that does not say that it is at it; a busy machine makes it wait for one."""
    return node().environment({"REDIS_URL": url, "JOBS_TIME_SCALE": "0.0001", "JOBS_LOCK_SECONDS": lock, "LOG": str(log)})


def worker(app: Path, env: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    """A worker that is ready."""
    with output.open("ab") as stream:
        process = subprocess.Popen(
            [node().executable, "--import", "tsx", "src/jobs/worker.ts"], cwd=app, env=env, stdout=stream, stderr=stream
        )
    until(lambda: b"jobs: ready" in output.read_bytes() or process.poll() is not None, output)
    return process


def until(condition: Any, output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)


def read(log: Path) -> list[list[Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.fixture(scope="module")
def played(app: Path, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("log")
    log, output = folder / "log", folder / "output"
    log.touch()
    env = environment(app, redis_url, log)
    process = worker(app, env, output)
    started = time.monotonic()
    try:
        send = [node().executable, "--import", "tsx", "src/send.ts"]
        done = subprocess.run(send, cwd=app, env=env, capture_output=True, text=True, check=True)
        with redis.Redis.from_url(redis_url, decode_responses=True) as client:
            until(lambda: read(log) and not _busy(client), output)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
    return Played(read(log), json.loads(done.stdout)["ids"], time.monotonic() - started)


def _busy(client: Any) -> bool:
    """True while any job of the first scenario waits, runs or sleeps; three looks, so that none is between two places."""
    for _ in range(3):
        for name in (f"app-{name}{end}" for name in NAMES for end in ("", "-failure")):
            waiting = client.llen(f"bull:{name}:wait") + client.llen(f"bull:{name}:active")
            if waiting or [j for j in client.zrange(f"bull:{name}:delayed", 0, -1) if not j.startswith("repeat:")]:
                return True
        time.sleep(0.1)
    return False


def test_each_step_has_all_attempts_for_itself(played: Played) -> None:
    assert played.of("sequence first") == [[0], [1], [2]]
    # What follows a step that has succeeded is on its first attempt again.
    assert played.of("sequence second") == [[0]]
    assert played.of("sequence body") == [[0], [1]]
    assert played.of("sequence end") == [[0, None]]


def test_results_come_back_as_json(played: Played) -> None:
    kept = {"at": "1970-01-01T00:00:00.000Z", "n": 7}
    assert played.of("sequence kept")
    assert {json.dumps(values) for values in played.of("sequence kept")} == {
        json.dumps([kept, 0]),
        json.dumps([kept, 1]),
        json.dumps([kept, 2]),
    }


def test_two_steps_of_one_name_are_two(played: Played) -> None:
    assert played.of("sequence loop") == [[1], [2]]


def test_steps_at_once(played: Played) -> None:
    assert len(played.of("together x")) == 3
    assert len(played.of("together y")) == len(played.of("together z")) == 1
    assert played.of("together end") == [[["x", "yz", None]]]


def test_a_step_that_has_failed_for_good_can_be_caught(played: Played) -> None:
    for then in ("throw", "swallow", "wrap"):
        assert played.of("poison work").count([then]) == 2
        assert [then, True, "TypeError"] in played.of("poison caught")
    # An error of its own tries the body again; the step's error does not.
    assert [v[0] for v in played.of("poison caught")].count("throw") == 1
    assert [v[0] for v in played.of("poison caught")].count("wrap") == 2


def test_failure_handlers_run_for_what_has_failed_and_are_tried_again_themselves(played: Played) -> None:
    notes = played.of("poison note")
    assert len(notes) == 3
    assert sorted({json.dumps(n) for n in notes}) == sorted(
        json.dumps(n)
        for n in (["TypeError", "boom", {"then": "throw"}, "app-poison"], ["Error", "wrapped", {"then": "wrap"}, "app-poison"])
    )


def test_an_error_that_says_so_is_the_last(played: Played) -> None:
    assert len(played.of("never")) == 1


def test_what_a_step_sends_is_sent_once(played: Played) -> None:
    assert played.of("fan") == [[3], [3]]
    assert sorted(played.of("leaf")) == [[1], [2], [3], [9], [10]]


def test_events_find_their_jobs(played: Played) -> None:
    assert played.of("some") == [["some/b", 2]]
    assert len(set(played.ids)) == 15


def test_a_key_lets_one_job_in(played: Played) -> None:
    assert sorted(played.of("once")) == [["a"], ["b"]]


def test_a_limit_holds_for_steps_too(played: Played) -> None:
    seen = [values[0] for values in played.of("narrow")]
    assert seen == ["in", "out"] * 4


def test_schedules_have_their_zone(played: Played, redis_url: str) -> None:
    assert played.of("ticking") == []
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        [scheduler] = client.zrange("bull:app-ticking:repeat", 0, -1)
        entry = client.hgetall(f"bull:app-ticking:repeat:{scheduler}")
        assert (entry["pattern"], entry["tz"]) == ("0 9 * * *", "Asia/Tokyo")
        [moment] = [int(str(j).rsplit(":", 1)[1]) for j in client.zrange("bull:app-ticking:delayed", 0, -1)]
    assert moment % 86_400_000 == 0


def test_a_worker_that_dies_costs_an_attempt(app: Path, redis_url: str, played: Played, tmp_path: Path) -> None:
    log, output = tmp_path / "log", tmp_path / "output"
    log.touch()
    env = environment(app, redis_url, log, lock="1")
    send = 'import { inngest } from "./client"; await inngest.send({ name: "dying" });'
    name = "jobs" if "export const jobs" in (app / "src/client.ts").read_text() else "inngest"
    (app / "src/one.ts").write_text(send.replace("inngest", name))
    subprocess.run([node().executable, "--import", "tsx", "src/one.ts"], cwd=app, env=env, check=True)
    for _ in range(3):
        output.write_bytes(b"")
        process = worker(app, env, output)
        assert process.wait(PATIENCE) == -9
    output.write_bytes(b"")
    process = worker(app, env, output)
    try:
        with redis.Redis.from_url(redis_url, decode_responses=True) as client:
            until(lambda: client.zcard("bull:app-dying:failed") == 1, output)
            [job] = client.zrange("bull:app-dying:failed", 0, -1)
            assert client.hget(f"bull:app-dying:{job}", "failedReason") == "the worker died while it ran this job"
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert [values for first, *values in read(log) if first == "dying"] == [[0], [1], [2]]
    assert [first for first, *_ in read(log)].count("dying before") == 1


def test_routes_and_definitions_must_agree(app: Path, redis_url: str, tmp_path: Path) -> None:
    routes = app / "src/jobs/routes.ts"
    text = routes.read_text()
    try:
        routes.write_text(text.replace('queue: "app-never", attempts: 4', 'queue: "app-never", attempts: 5'))
        env = environment(app, redis_url, tmp_path / "log")
        command = [node().executable, "--import", "tsx", "src/jobs/worker.ts"]
        done = subprocess.run(command, cwd=app, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE)
    finally:
        routes.write_text(text)
    assert done.returncode == 1
    assert '"app-never" has 4 attempts on never, but routes.ts says 5 on never' in done.stderr
