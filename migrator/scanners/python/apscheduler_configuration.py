"""Jobs and settings that Flask-APScheduler and django-apscheduler take from configuration."""

from __future__ import annotations

from tree_sitter import Node

from migrator.scanners.linking import Instance, Place
from migrator.scanners.linking.elements import elements
from migrator.scanners.python import apscheduler_jobs
from migrator.scanners.python.apscheduler_terms import SYSTEM
from migrator.scanners.python.named_settings import read_settings
from migrator.scanners.python.passing import named
from migrator.scanners.reading import View
from migrator.syntax.tree import field as child
from migrator.systems.apscheduler import DJANGO_APPS, DJANGO_SETTINGS, FLASK_SETTINGS

_LISTS = ("JOBS", "SCHEDULER_JOBS")


def read_file(view: View) -> None:
    """Record the jobs of a file's `JOBS = [{"id": …, "func": …, "trigger": …}]`, and its settings."""
    has_jobs = False
    for node in view.source.nodes("assignment", "pair"):
        value = child(node, "right") or child(node, "value")
        if value is not None and _name(view, node) in _LISTS:
            has_jobs = _jobs(view, view.place(value)) or has_jobs
    # `JOBS` alone may be anything.
    names = (FLASK_SETTINGS | DJANGO_SETTINGS) - (frozenset() if has_jobs else {"JOBS"})
    read_settings(view, SYSTEM, lambda name: name in names, DJANGO_APPS)


def _name(view: View, node: Node) -> str:
    left = child(node, "left") or child(node, "key")
    if left is None:
        return ""
    key = child(left, "subscript") or (left if left.type == "string" else None)
    return view.evaluator.text(view.place(key)) if key is not None else view.source.text(left)


def _jobs(view: View, place: Place) -> bool:
    found = False
    for entry in elements(view.evaluator, place).known:
        fields = _fields(view, entry)
        if entry.source.path == view.source.path and "func" in fields and "trigger" in fields:
            apscheduler_jobs.configured(view, entry, fields)
            found = True
    return found


def _fields(view: View, entry: Place) -> dict[str, Place]:
    """The fields of a dictionary, or of a call of `dict`."""
    meaning = view.evaluator.meaning(entry)
    if isinstance(meaning, Instance) and meaning.of.key == "builtins.dict" and meaning.call is not None:
        return named(meaning.call, ())
    return view.evaluator.entries(entry)
