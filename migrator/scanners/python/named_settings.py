"""Settings that code gives under a system's own names: in settings modules and classes, `app.config["X"] = …`, `config.update(X=…)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from tree_sitter import Node

from migrator.jobs import Setting
from migrator.regex import regex
from migrator.scanners.python.assignments import statement_of
from migrator.scanners.python.django_apps import installed_apps
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, enclosing
from migrator.syntax.tree import field as child

#: files in which a constant with a system's name is a setting; elsewhere it may be anything
_SETTINGS_FILE = regex(r"(^|[/_.])(settings?|config\w*|conf|defaults?|env)([/_.]|$)", re.IGNORECASE)


def read_settings(
    view: View,
    system: str,
    is_named: Callable[[str], bool],
    apps: Collection[str],
    needles: Collection[bytes] = (),
    known: Collection[str] | None = None,
) -> None:
    """Record the settings of a file whose names `is_named` knows, and entries of INSTALLED_APPS that are one of `apps`.

    A file without one of `needles`, where some are given, has none of them. With `known`, a constant at the top of a file is a
    setting only if it is one of these, or if the file's name says that it holds settings.
    """
    if needles and not any(needle in view.source.data for needle in needles):
        return
    for node in view.source.nodes("assignment", "keyword_argument", "pair"):
        name, value = _named(view, node), child(node, "right") or child(node, "value")
        if is_named(name) and value is not None and (known is None or name in known or _is_place(view, node)):
            _add(view, system, node, name, value)
    for text, app in installed_apps(view, apps):
        view.add(Setting(**view.common(system, view.source.location(text)), name=app, entry=span(text)))


def _is_place(view: View, node: Node) -> bool:
    """True where a name of a system's is surely given as a setting: not for a mere constant."""
    left = child(node, "left")
    if left is None or left.type != "identifier" or enclosing(node, CLASSES) is not None:
        return True
    return _SETTINGS_FILE.search(view.source.path) is not None


def _named(view: View, node: Node) -> str:
    """The name that a node gives a value; empty for what is no setting's place."""
    match node.type:
        case "keyword_argument":
            key = child(node, "name")
            return view.source.text(key) if key is not None else ""
        case "pair":
            return _text(view, child(node, "key"))
        case _:
            left = child(node, "left")
            if left is None:
                return ""
            if left.type == "subscript":
                return _text(view, child(left, "subscript"))
            settles = left.type == "identifier" and enclosing(node, ("function_definition", "lambda")) is None
            return view.source.text(left) if settles else ""


def _text(view: View, node: Node | None) -> str:
    return view.source.text(node).strip("\"'") if node is not None and node.type == "string" else ""


def _add(view: View, system: str, node: Node, name: str, value: Node) -> None:
    statement = statement_of(value) if node.type == "assignment" else node
    view.add(
        Setting(
            **view.common(system, view.source.location(statement)),
            name=name,
            value=view.value(view.place(value)),
            entry=span(statement),
        )
    )
