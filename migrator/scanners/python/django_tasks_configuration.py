"""Configuration of Django's tasks in code: the setting `TASKS`, and the applications that bring a backend or a scheduler."""

from __future__ import annotations

from migrator.jobs import Client, Setting
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.django_apps import installed_apps
from migrator.scanners.python.django_tasks_terms import SYSTEM
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child
from migrator.systems.django_tasks import APPS

_SETTING = "TASKS"


def read_file(view: View) -> None:
    """Record what a settings file says of backends."""
    for node in view.source.nodes("assignment"):
        left, right = child(node, "left"), child(node, "right")
        if left is None or right is None or view.source.text(left) != _SETTING:
            continue
        # Other things are called TASKS too; only this one is a dictionary of backends.
        aliases = view.evaluator.entries(view.place(right))
        if not aliases or not all("BACKEND" in view.evaluator.entries(alias) for alias in aliases.values()):
            continue
        statement = statement_of(right)
        common = view.common(SYSTEM, view.source.location(statement))
        view.add(
            Setting(**common, name=_SETTING, value=view.value(view.place(right)), entry=span(statement)),
            Client(
                **common,
                name=_SETTING,
                symbol=_SETTING,
                module=view.module,
                definition=span(statement),
                role="backends",
                options=view.options(view.place(right)),
            ),
        )
    for text, app in installed_apps(view, APPS):
        view.add(Setting(**view.common(SYSTEM, view.source.location(text)), name=app, entry=span(text)))
