"""An application in a process of its own: `python application.py EXPERIMENT`, told on standard input which jobs to send.

It knows nothing of ledgers: what it asked for and what it was told it says on standard output, a line before each job and one after.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from migrator.shadow.dispatch import Dispatcher


def main(experiment: str) -> None:
    """Sends what each line of standard input lists, and says `null` once all of it is sent."""
    with Dispatcher.open(Path(experiment)) as shadow:
        say(None)
        for line in sys.stdin:
            for order in json.loads(line):
                n, arm, payload = order["n"], order.get("arm"), order["payload"]
                note: dict[str, Any] = {"n": n, "arm": arm}
                say(note)
                try:
                    ticket = shadow.send("task", {"n": n, **payload}, unit=n, key=n, parent=arm)
                except Exception as error:  # noqa: BLE001 - what an application would hear
                    note["failed"] = type(error).__name__
                else:
                    note |= {"sent": ticket.key, "arm": ticket.arm}
                say(note)
            say(None)


def say(note: dict[str, Any] | None) -> None:
    """At once: what is said is known even if the process is killed."""
    sys.stdout.write(json.dumps(note) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
