"""An application on a stage, the notifier as a rule: its workers, its log of effects, and ways to know when nothing is left to do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from migrator.codemods import load
from migrator.codemods.files import file_changes
from migrator.scanners import scan

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "fixtures" / "notifier"
#: seconds; far more than anything here needs, for machines that are busy with other things
PATIENCE = 120.0


def copy_of(folder: Path) -> Path:
    """The application as it is."""
    return Path(shutil.copytree(FIXTURE, folder / "notifier", ignore=shutil.ignore_patterns("__pycache__", "var")))


def rewrite_in_place(root: Path, *, unsafe: bool) -> None:
    """The application as it becomes."""
    changes = load("celery", "dramatiq")(scan(root), root, unsafe=unsafe)
    for file in file_changes(changes, root):
        path = root / file.path
        if file.after is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after)


def procfile(root: Path) -> dict[str, str]:
    """name -> command line."""
    lines = (root / "Procfile").read_text().splitlines()
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines if not line.startswith("#"))}


class Stage:
    """One copy of the application with a Redis database of its own."""

    def __init__(self, root: Path, url: str, entry: str = "notifier.cli") -> None:
        self.root, self.url, self.entry = root, url, entry
        self.log = root / "effects.jsonl"
        self.output = root / "output.log"
        self.environ = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "CELERY_BROKER_URL": url,
            "EFFECTS_LOG": str(self.log),
            "STATE_DIR": str(root / "state"),
            "MAIL_RETRY_SECONDS": "1",
            "WEBHOOK_RETRY_SECONDS": "1",
            "PYTHONPATH": str(root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "dramatiq_queue_prefetch": "1",
        }
        self._redis = redis.Redis.from_url(url)

    def effects(self, *, without: Sequence[str] = ()) -> Counter[str]:
        """The lines of the log and how often each stands there; order is not promised by any queue."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return Counter(line for line in lines if json.loads(line)["effect"] not in without)

    def named(self, effect: str) -> list[dict[str, Any]]:
        """The effects of one kind, in the order in which they happened."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [entry for line in lines if (entry := json.loads(line))["effect"] == effect]

    def send(self, *commands: str) -> None:
        """Enqueue through the application's own command line."""
        for command in commands:
            arguments = [sys.executable, "-m", self.entry, *shlex.split(command)]
            subprocess.run(arguments, cwd=self.root, env=self.environ, check=True, stdout=subprocess.DEVNULL)

    def waiting(self) -> int:
        """Messages of either system that are still to be run: queued, fetched, or put off."""
        total = 0
        for key in self._redis.scan_iter("*"):
            name = key.decode()
            if name in ("unacked", "celery", "mail", "sms", "bulk"):
                total += self._redis.hlen(name) if name == "unacked" else self._redis.llen(name)
            elif name.startswith("dramatiq:") and name.endswith(".msgs") and not name.endswith(".XQ.msgs"):
                total += self._redis.hlen(name)
        return total

    def dead(self) -> int:
        """Messages that Dramatiq gave up."""
        return sum(self._redis.zcard(key) for key in self._redis.scan_iter("dramatiq:*.XQ"))

    def settled(self, expected: Counter[str], *, without: Sequence[str] = ()) -> bool:
        """True once everything expected happened and nothing is left to do."""
        return expected <= self.effects(without=without) and self.waiting() == 0

    @contextmanager
    def running(self, *names: str) -> Generator[None]:
        """Start entries of the Procfile, as they stand there; stop them at the end, whatever happens."""
        commands = procfile(self.root)
        processes: list[subprocess.Popen[bytes]] = []
        with self.output.open("ab") as output:
            try:
                processes.extend(
                    subprocess.Popen(shlex.split(commands[name]), cwd=self.root, env=self.environ, stdout=output, stderr=output)
                    for name in names
                )
                yield
                assert all(process.poll() is None for process in processes), f"a worker ended early:\n{self.output.read_text()[-4000:]}"
            finally:
                for process in processes:
                    process.terminate()
                for process in processes:
                    try:
                        process.wait(60)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        process.wait()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition that must come true."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                log = self.log.read_text() if self.log.exists() else "(none)"
                raise AssertionError(f"waited in vain for {what}\n--- effects\n{log}\n--- output\n{self.output.read_text()[-6000:]}")
            time.sleep(0.1)


def line(effect: str, key: object, attempt: int = 1, **details: Any) -> str:
    """A line of the log, as the application writes it."""
    return json.dumps({"effect": effect, "key": str(key), "attempt": attempt, **details}, sort_keys=True)
