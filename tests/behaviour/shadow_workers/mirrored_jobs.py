"""A candidate that gets copies: `celery -A mirrored_jobs worker -Q copies -E`. Of its bodies some bear to be run for a copy."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

from celery import Celery

from migrator.shadow.modes.copies.bodies import mirrored
from migrator.shadow.modes.copies.celery import register
from migrator.shadow.modes.worker import join

join(os.environ["EXPERIMENT"])
app = Celery("mirrored_jobs", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
register(app)


def note(job: str, payload: dict[str, Any], **more: Any) -> None:
    with Path(os.environ["EFFECTS"]).open("a") as out:
        out.write(json.dumps({"job": job, "n": payload["n"], **more}) + "\n")


@app.task(name="mail")
def mail(**payload: Any) -> None:
    """Says nothing about copies: none may run it."""
    note("mail", payload)


@app.task(name="report")
@mirrored("report", dry_run=True)
def report(*, shadow: bool = False, **payload: Any) -> None:
    note("report", payload, shadow=shadow)
    if payload.get("leak"):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


@app.task(name="invoice")
@mirrored("invoice", idempotent=True)
def invoice(**payload: Any) -> None:
    note("invoice", payload)
