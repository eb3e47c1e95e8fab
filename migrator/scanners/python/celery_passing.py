"""The parameters of Celery's calls, and which of them the neutral model has fields for."""

from __future__ import annotations

from typing import TypedDict

from migrator.jobs import Value
from migrator.scanners.python.passing import Passing
from migrator.scanners.reading import View

#: positional parameters of the calls that take the task's arguments in a list and a dictionary (celery 5.7.0)
APPLY_ASYNC = ("args", "kwargs", "task_id", "producer", "link", "link_error", "shadow")
SEND_TASK = (
    *("name", "args", "kwargs", "countdown", "eta", "task_id", "producer", "connection", "router", "result_cls", "expires"),
    *("publisher", "link", "link_error", "add_to_parent", "group_id", "group_index", "retries", "chord", "reply_to"),
    *("time_limit", "soft_time_limit", "root_id", "parent_id", "route_name", "shadow", "chain", "task_type"),
)
SIGNATURE = ("args", "kwargs")
NAMED_SIGNATURE = ("name", "args", "kwargs")


class Fields(TypedDict, total=False):
    """The neutral fields of `Enqueue` that options fill."""

    delay: Value
    eta: Value
    queue: Value
    priority: Value
    expires: Value


def fields(passing: Passing, view: View) -> Fields:
    """The neutral fields of `Enqueue` that the options fill."""
    found: Fields = {}
    delay = passing.given(view, "countdown")
    if delay is not None:
        found["delay"] = delay
    for name in ("eta", "queue", "priority", "expires"):
        value = passing.given(view, name)
        if value is not None:
            found[name] = value
    return found
