"""What a mention of Celery's own names, or of the application object, means for the jobs around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from tree_sitter import Node

from migrator.codemods.python.mentions import Mention
from migrator.syntax.tree import ancestors
from migrator.syntax.tree import field as child

#: all: no job may move. file: none that is defined or used in the file. around: the job whose body it stands in, or else as `file`.
#: nothing: it is left to a person, and no job depends on it. ids: as nothing, but ids of messages are looked up.
Reach = OneOf["all", "file", "around", "nothing", "ids"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a mention reaches, and why."""

    reach: Reach
    trap: str
    reason: str


_AT = (
    # (dotted prefix, verdict), the first match counts
    *(
        (f"celery.signals.{name}", Verdict("nothing", "MIG150", "a signal handler sets up the logging of Celery's processes"))
        for name in ("setup_logging", "after_setup_logger", "after_setup_task_logger")
    ),
    *(
        (f"celery.signals.{name}", Verdict("nothing", "MIG150", "a signal handler runs when a process of Celery's starts or stops"))
        for name in ("worker_ready", "worker_shutdown", "worker_shutting_down", "beat_init", "beat_embedded_init", "heartbeat_sent")
    ),
    ("celery.signals", Verdict("all", "MIG150", "a signal handler runs around every job")),
    ("celery.bootsteps", Verdict("all", "MIG150", "the worker is extended by steps of its own")),
    ("celery.current_task", Verdict("around", "MIG109", "`current_task` has no counterpart that we know")),
    ("celery.current_app.control", Verdict("ids", "MIG156", "workers are controlled from code")),
    ("celery.current_app.AsyncResult", Verdict("ids", "MIG125", "results are looked up by id")),
    ("celery.current_app", Verdict("all", "MIG156", "the current application is used in a way that we do not know")),
    ("celery.app.control", Verdict("ids", "MIG156", "workers are controlled from code")),
    ("celery.result", Verdict("ids", "MIG125", "results are looked up by id")),
    ("celery.Celery", Verdict("all", "MIG156", "there is more than the one application, or it is not made plainly")),
    ("celery.signature", Verdict("all", "MIG126", "a job is named by a signature")),
    ("celery.subtask", Verdict("all", "MIG126", "a job is named by a signature")),
    ("celery.canvas.Signature", Verdict("file", "MIG124", "signatures are handled as objects")),
    ("celery.chain", Verdict("nothing", "MIG124", "a chain is put together at run time")),
    ("celery.group", Verdict("nothing", "MIG124", "a group is put together at run time")),
    ("celery.chord", Verdict("nothing", "MIG124", "a chord has no counterpart")),
    ("celery.canvas", Verdict("nothing", "MIG124", "a workflow is put together at run time")),
    ("celery.schedules", Verdict("nothing", "MIG142", "a schedule stands where we do not look for one")),
    ("celery.Task", Verdict("nothing", "MIG113", "a task class is used")),
    ("celery.app.task", Verdict("nothing", "MIG113", "a task class is used")),
    ("celery.exceptions", Verdict("around", "MIG156", "an exception of Celery's is used")),
    ("celery.utils.log", Verdict("nothing", "MIG156", "Celery's logging is used")),
    ("celery.shared_task", Verdict("file", "MIG114", "tasks are made by something else than a plain decorator")),
    ("celery.contrib.testing", Verdict("nothing", "MIG156", "Celery's test tools are used")),
    ("celery.contrib.pytest", Verdict("nothing", "MIG156", "Celery's test tools are used")),
    ("kombu.exceptions", Verdict("file", "MIG156", "an error of Celery's transport is handled")),
    ("kombu", Verdict("all", "MIG150", "Celery's transport is used directly")),
    ("celery", Verdict("around", "MIG156", "Celery is used in a way that we do not know")),
    ("django_celery_beat", Verdict("all", "MIG142", "schedules are kept in a database, which may start any job")),
    ("django_celery_results", Verdict("ids", "MIG125", "results are looked up in a database")),
    ("djcelery", Verdict("all", "MIG156", "Celery's old Django package is used")),
    ("billiard", Verdict("around", "MIG156", "Celery's process pool is used directly")),
)

_APP = {
    "control": Verdict("ids", "MIG156", "workers are controlled from code"),
    "AsyncResult": Verdict("ids", "MIG125", "results are looked up by id"),
    "GroupResult": Verdict("ids", "MIG125", "results are looked up by id"),
    "ResultSet": Verdict("ids", "MIG125", "results are looked up by id"),
    "backend": Verdict("ids", "MIG125", "the result store is used"),
    "events": Verdict("ids", "MIG156", "events of jobs are read"),
    "tasks": Verdict("all", "MIG126", "jobs are looked up by name"),
    "signature": Verdict("all", "MIG126", "a job is named by a signature"),
    "send_task": Verdict("all", "MIG126", "a job is sent by a name that only the run knows"),
    "on_after_configure": Verdict("nothing", "MIG142", "schedules are set up when the application is ready"),
    "on_after_finalize": Verdict("nothing", "MIG142", "schedules are set up when the application is ready"),
    "add_periodic_task": Verdict("nothing", "MIG142", "a schedule is added by a call"),
    "register_task": Verdict("nothing", "MIG114", "a task is registered as an object"),
    "user_options": Verdict("nothing", "MIG156", "Celery's command line is extended"),
}


#: classes that look a result up, and take the application as `app=`
_RESULTS = ("AsyncResult", "GroupResult", "ResultSet")


def judge(path: str) -> Verdict:
    """The verdict on one of Celery's names, by its dotted path."""
    return next(verdict for prefix, verdict in _AT if path == prefix or path.startswith(f"{prefix}."))


def judge_app(mention: Mention) -> Verdict | None:
    """The verdict on a mention of the application; None where it says nothing about jobs."""
    name = mention.attribute_name
    if name in _APP:
        return _APP[name]
    if name == "task" or mention.imported:
        return None
    parent = mention.node.parent
    if not name and parent is not None and parent.type == "keyword_argument" and _looks_up(parent):
        return _APP["AsyncResult"]
    if name == "Task":
        outer = mention.attribute.parent if mention.attribute is not None else None
        assigned = outer is not None and outer.type == "assignment" and child(outer, "left") == mention.attribute
        return Verdict("all" if assigned else "nothing", "MIG113", "a task class is used")
    if not name and parent is not None and parent.type == "assignment" and child(parent, "right") == mention.node:
        return None
    if any(a.type == "type" for a in ancestors(mention.node)):
        return None
    return Verdict("all", "MIG156", f"the application is used in a way that we do not know{f' (`{name}`)' if name else ''}")


def _looks_up(keyword: Node) -> bool:
    """True for the `app=…` of `AsyncResult(id, app=…)`."""
    call = keyword.parent.parent if keyword.parent is not None else None
    callee = child(call, "function", "attribute") or child(call, "function")
    return callee is not None and (callee.text or b"").decode() in _RESULTS and (keyword.text or b"").startswith(b"app")
