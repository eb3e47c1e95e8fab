"""An application with functions for Inngest, on the SDK for Python: `python inngest_jobs.py PORT`."""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta
from typing import Any

import inngest
import inngest.flask
from bodies import body
from flask import Flask

client = inngest.Inngest(app_id="jobs", is_production=False)


@client.create_function(fn_id="task", retries=2, trigger=inngest.TriggerEvent(event="app/task"))
def task(ctx: inngest.ContextSync) -> str:
    """The body as one piece."""
    body(ctx.attempt + 1, os.getpid(), dict(ctx.event.data))
    return "done"


@client.create_function(fn_id="steps", retries=2, trigger=inngest.TriggerEvent(event="app/steps"))
def steps(ctx: inngest.ContextSync) -> str:
    """A step, a sleep, and a step that may fail. The function is called for each, and counts the attempts of the step it is at."""
    payload: dict[str, Any] = dict(ctx.event.data)
    ctx.step.run("first", lambda: "ready")
    ctx.step.sleep("nap", timedelta(seconds=payload.get("nap", 1)))
    ctx.step.run("second", lambda: body(ctx.attempt + 1, os.getpid(), payload))
    return "done"


@client.create_function(fn_id="also", retries=0, trigger=inngest.TriggerEvent(event="app/both"))
def also(ctx: inngest.ContextSync) -> str:
    """One of two functions that an event starts."""
    return str(ctx.event.id)


@client.create_function(fn_id="both", retries=0, trigger=inngest.TriggerEvent(event="app/both"))
def both(ctx: inngest.ContextSync) -> str:
    """The other."""
    body(1, os.getpid(), dict(ctx.event.data))
    return "done"


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Flask(__name__)
    inngest.flask.serve(app, client, [task, steps, also, both])
    sys.stdout.write("up\n")
    sys.stdout.flush()
    app.run(host="127.0.0.1", port=int(sys.argv[1]))
