"""Django Q's configuration in code: `Q_CLUSTER`, its entry in INSTALLED_APPS, a cluster that is started by hand."""

from __future__ import annotations

from tree_sitter import Node

from migrator.jobs import Client, Setting, Worker, literal_of
from migrator.scanners.python.django_apps import installed_apps
from migrator.scanners.python.django_q_terms import PACKAGE, SYSTEM, api
from migrator.scanners.python.django_rows import statement_around
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

_SETTING = "Q_CLUSTER"


def read_call(call: Call) -> bool:
    """Record `Cluster().start()`."""
    if api(call.key) != "Cluster().start":
        return False
    call.view.add(Worker(**call.common(SYSTEM), name="Cluster", entry=span(call.node)))
    return True


def read_file(view: View) -> None:
    """Record the cluster that a settings file describes."""
    for node in view.source.nodes("assignment", "augmented_assignment"):
        left, right = child(node, "left"), child(node, "right")
        if left is None or right is None:
            continue
        name = view.source.text(left)
        if name == _SETTING:
            _cluster(view, node, right)
        elif left.type == "subscript" and view.source.text(child(left, "value") or left) == _SETTING:
            _setting(view, node, left, right)
    for text, app in installed_apps(view, (PACKAGE,)):
        view.add(Setting(**view.common(SYSTEM, view.source.location(text)), name=app, entry=span(text)))


def _cluster(view: View, node: Node, value: Node) -> None:
    options = view.options(view.place(value))
    title = literal_of(options.get("name"))
    statement = statement_around(node)
    common = view.common(SYSTEM, view.source.location(statement))
    view.add(
        Setting(**common, name=_SETTING, value=view.value(view.place(value)), entry=span(statement)),
        Client(
            **common,
            name=title if isinstance(title, str) else _SETTING,
            symbol=_SETTING,
            module=view.module,
            definition=span(statement),
            role="cluster",
            options=options,
        ),
    )


def _setting(view: View, node: Node, left: Node, value: Node) -> None:
    """`Q_CLUSTER["orm"] = "default"`."""
    key = child(left, "subscript")
    name = view.evaluator.text(view.place(key)) if key is not None else ""
    statement = statement_around(node)
    view.add(
        Setting(
            **view.common(SYSTEM, view.source.location(statement)),
            name=f"{_SETTING}.{name}" if name else _SETTING,
            value=view.value(view.place(value)),
            entry=span(statement),
        )
    )
