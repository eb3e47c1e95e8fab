"""The articles application on a stage, before and after its functions have moved from Inngest to BullMQ."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from migrator.codemods import load
from migrator.codemods.changes import ChangeSet
from migrator.codemods.files import file_changes
from migrator.scanners import scan
from migrator.servers import node
from tests.doubles.inngest import InngestDouble
from tests.fixtures.articles import SOURCE, Application, application, effects_in, installed, process, request, shared_environment

#: a day of Inngest's takes not quite a second
TIME_SCALE = "0.00001"
#: real seconds; far more than anything here needs
PATIENCE = 90.0
WORKERS = ("src/bullmq/worker.ts", "packages/legacy-mailer/src/jobs/worker.ts")

Effects = dict[str, list[dict[str, Any]]]


def rewritten(folder: Path, *, unsafe: bool, staying: str = "") -> tuple[Path, ChangeSet]:
    """A copy of the application with the rewrite applied, and the change.

    `staying`: a file whose function is given a priority first, which the rewrite refuses.
    """
    installed()
    root = Path(shutil.copytree(SOURCE, folder / "articles", ignore=shutil.ignore_patterns("node_modules"), symlinks=True))
    if staying:
        text = (root / staying).read_text()
        assert "retries: 2," in text
        (root / staying).write_text(text.replace("retries: 2,", 'retries: 2, priority: { run: "100" },'))
    changes = load("inngest", "bullmq")(scan(root), root, unsafe=unsafe)
    for file in file_changes(changes, root):
        path = root / file.path
        if file.after is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after)
    for modules in (Path("node_modules"), Path("packages/legacy-mailer/node_modules")):
        if (SOURCE / modules).exists():
            (root / modules).symlink_to(SOURCE / modules)
    return root, changes


class Stage:
    """A running application that talks to the double; after the rewrite also its queues and workers."""

    def __init__(self, root: Path, folder: Path, database: str, queues: str = "") -> None:
        self.root, self.folder, self.database, self.queues = root, folder, database, queues
        self.effects_file = folder / "effects.jsonl"
        self.log = folder / "output.log"
        self.world = folder / "world.json"
        self.world.write_text("{}")
        self.server = InngestDouble()
        self._app: Application | None = None

    @contextmanager
    def running(self) -> Generator[Stage]:
        """The API and the mailer with their endpoints registered, and the workers where there are any."""
        with self.serving(), ExitStack() as stack:
            for script in WORKERS if self.queues else ():
                stack.enter_context(self.worker(script))
            yield self

    @contextmanager
    def serving(self) -> Generator[Stage]:
        """The API and the mailer, without workers."""
        with self.server, application(self.environment(), log=self.log, folder=self.root) as self._app:
            for endpoint in self._app.endpoints:
                self.server.register(endpoint)
            yield self

    def environment(self) -> dict[str, str]:
        """What every process of the application is told."""
        extra = {"OUTSIDE_WORLD": str(self.world), "JOBS_TIME_SCALE": TIME_SCALE, "JOBS_LOCK_SECONDS": "4", **self.server.environment()}
        if self.queues:
            extra["REDIS_URL"] = self.queues
        return shared_environment(self.database, self.effects_file, extra)

    @contextmanager
    def worker(self, script: str) -> Generator[None]:
        """One worker process."""
        with process([script], self.environment(), folder=self.root, log=self.log) as line:
            assert line.startswith("jobs: ready"), line
            yield

    def start_worker(self, script: str) -> subprocess.Popen[str]:
        """A worker process that the test ends itself."""
        runtime = node()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [str(runtime.executable), "--import", "tsx", script],
                cwd=self.root,
                env=runtime.environment({"OFFLINE": "1", **self.environment()}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                text=True,
            )

    def misbehave(self, world: dict[str, dict[str, dict[str, Any]]]) -> None:
        """Say what goes wrong outside."""
        self.world.write_text(json.dumps(world))

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A request to the API."""
        assert self._app
        return request(method, f"{self._app.url}/api{path}", body)

    def ask_mailer(self, path: str, body: object) -> None:
        """A request to the mailer."""
        assert self._app
        request("POST", f"{self._app.mailer_url}{path}", body)

    def settle(self) -> None:
        """Until nothing is left to do, here and there, schedules aside."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.server.run_until_idle()
            if not self.queues or self._idle():
                return
            time.sleep(0.1)
        raise AssertionError(f"not done after {PATIENCE} s: {self.waiting()}\n{self.log.read_text()[-4000:]}")

    def _idle(self) -> bool:
        for _ in range(3):
            if self.waiting():
                return False
            time.sleep(0.05)
        return True

    def waiting(self) -> list[str]:
        """Jobs that are still to run, but for the next ones of schedules."""
        found: list[str] = []
        with redis.Redis.from_url(self.queues, decode_responses=True) as client:
            for name in queue_names(self.root):
                for state in ("wait", "active"):
                    found += [f"{name} {state} {job}" for job in client.lrange(f"bull:{name}:{state}", 0, -1)]
                delayed = client.zrange(f"bull:{name}:delayed", 0, -1)
                found += [f"{name} delayed {job}" for job in delayed if not job.startswith("repeat:") or _begun(client, name, job)]
        return found

    def fire(self, function: str, queue: str) -> None:
        """Start a scheduled function as if its time had come."""
        if not self.queues:
            self.server.fire_cron(function)
            return
        script = f"""
            import {{ Queue }} from "bullmq";
            import {{ Redis }} from "ioredis";
            const connection = new Redis(process.env.REDIS_URL, {{ maxRetriesPerRequest: null }});
            const queue = new Queue("{queue}", {{ connection }});
            const [job] = await queue.getDelayed();
            await job.promote();
            await queue.close();
            connection.disconnect();
        """
        with redis.Redis.from_url(self.queues) as client:
            before = client.zcard(f"bull:{queue}:delayed")
        assert before == 1, f"{queue} has {before} scheduled jobs"
        runtime = node()
        subprocess.run(
            [str(runtime.executable), "--input-type=module", "-e", script],
            cwd=self.root,
            env=runtime.environment(self.environment()),
            check=True,
        )

    def effects(self) -> Effects:
        """What the outside world saw: for each effect and key, in order."""
        found: Effects = defaultdict(list)
        for effect in effects_in(self.effects_file):
            found[f"{effect['effect']} {effect['key']}"].append({k: v for k, v in effect.items() if k not in ("effect", "key")})
        return dict(sorted(found.items()))

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that a process does."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what}\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)

    def sql(self, statement: str) -> None:
        """Change the application's data directly."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _begun(client: Any, queue: str, job: str) -> bool:
    """True for a job of a schedule that has run and waits for its next attempt."""
    return int(client.hget(f"bull:{queue}:{job}", "ats") or 0) > 0


def queue_names(root: Path) -> list[str]:
    """The queues that the generated route table names, those for failures included."""
    names = re.findall(r'queue: "([^"]+)"', (root / "src/bullmq/routes.ts").read_text())
    return [n for name in names for n in (name, f"{name}-failure")]
