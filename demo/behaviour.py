"""The notifier before and after its rewrite, fed the same jobs on a real Redis: do both do the same to the outside world?"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from rich.table import Table

from demo.narration import Narrator
from tests.behaviour.notifier_stage import Stage, procfile

#: as a person at a shell would send them; `--fail N` makes the first N attempts fail
JOBS = (
    "welcome 17 --fail 1",
    "welcome 18 --fail 9",
    "digest 17",
    "invoice 17",
    "remind 17 --seconds 2",
    "hook order.paid --key once --fail 1",
)
#: seconds without anything new after which a run counts as over
QUIET = 3.0
PATIENCE = 90.0


def compare_notifiers(narrator: Narrator, before: Path, after: Path, redis: str) -> None:
    """Run both, print what they did side by side; ends the demo if the two logs differ."""
    server = redis.rpartition("/")[0]
    logs: list[Counter[str]] = []
    for number, (root, system) in enumerate(((before, "Celery"), (after, "Dramatiq")), start=1):
        stage = Stage(root, f"{server}/{number}")
        names = [name for name, command in procfile(root).items() if " worker" in command or command.startswith("dramatiq")]
        narrator.say(f"{system}: starting what the Procfile names ({', '.join(names)}), sending {len(JOBS)} commands …")
        stage.send(*JOBS)
        with stage.running(*names):
            _wait(stage)
        logs.append(stage.effects())
    effects = [_by_kind(log) for log in logs]
    table = Table("effect", "with Celery", "after the rewrite", box=None, header_style="dim", padding=(0, 2))
    for kind in sorted(effects[0] | effects[1]):
        table.add_row(kind, str(effects[0][kind]), str(effects[1][kind]))
    narrator.console.print(table)
    if logs[0] != logs[1]:
        narrator.console.print("The two logs differ; the demo stops here.", style="bold red")
        for line in sorted((logs[0] - logs[1]) + (logs[1] - logs[0])):
            narrator.say(f"  {line}")
        sys.exit(1)
    narrator.say(f"The same {logs[0].total()} effects, attempt numbers and texts included.")


def _wait(stage: Stage) -> None:
    """Until nothing is queued and nothing new has happened for a while."""
    deadline = time.monotonic() + PATIENCE
    seen, since = stage.effects(), time.monotonic()
    while time.monotonic() < deadline:
        time.sleep(0.2)
        now = stage.effects()
        if now != seen or stage.waiting() or not now:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > QUIET:
            return


def _by_kind(log: Counter[str]) -> Counter[str]:
    """effect -> how often, read from the lines of the log."""
    counts: Counter[str] = Counter()
    for line, number in log.items():
        counts[line.split('"effect": "', 1)[1].split('"', 1)[0]] += number
    return counts
