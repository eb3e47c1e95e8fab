"""Celery's settings in code: `app.conf`, settings modules and classes, `CELERY_…` names of Django and Flask, entries of INSTALLED_APPS.

`Setting.name` is as written; `options["key"]` is the setting's modern name, where we know it as one.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from migrator.jobs import Literal, Setting
from migrator.regex import regex
from migrator.scanners.linking import Defined, Instance, Meaning, Namespace, Structure, parts
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.manifests.packages import of_environment
from migrator.scanners.python.celery_terms import SYSTEM, Terms
from migrator.scanners.reading import Call, View
from migrator.syntax.source import span
from migrator.syntax.tree import CLASSES, enclosing, walk
from migrator.syntax.tree import field as child
from migrator.systems.celery_settings import setting_key

#: Django applications that come with Celery
_APPS = frozenset(("django_celery_beat", "django_celery_results", "djcelery", "celery_progress", "djkombu", "kombu.transport.django"))
#: how the modern names of settings begin; a module or class that is given to Celery holds little else
_MODERN = regex(
    r"(accept_content|enable_utc|timezone|imports|include|override_backends|deprecated_settings)$|"
    r"(beat|broker|cache|control|database|event|redis|result|security|task|worker|mongodb|cassandra|elasticsearch|s3|gs|sqs|dynamodb|"
    r"couchbase|couchdb|arangodb|cosmosdbsql|azureblockblob|azure|filesystem|rpc)_"
)
_CLASS = regex(r"^_?Celery\w*(Config|Configuration|Settings|Conf)$", re.IGNORECASE)


def read_call(call: Call) -> bool:
    """Record what `app.conf.update(…)` sets and what `app.config_from_object(…)` leads to."""
    terms = Terms(call.view.evaluator)
    owner, name = parts(call.callee)
    if terms.app_method(call.callee) == "config_from_object":
        _from_object(call)
        return True
    if name in ("update", "setdefault") and owner is not None and _is_conf(terms, owner):
        _update(call)
        return True
    return False


def read_file(view: View) -> None:
    """Record the settings that a file writes down."""
    terms = Terms(view.evaluator)
    mentions_celery = b"celery" in view.source.data.lower()
    for node in view.source.nodes("assignment", "augmented_assignment", "keyword_argument", "pair", "class_definition"):
        match node.type:
            case "class_definition":
                _named_class(view, node)
            case "keyword_argument":
                _under(view, node, child(node, "name"), child(node, "value"))
            case "pair":
                key = child(node, "key")
                _under(view, node, key if key is not None and key.type == "string" else None, child(node, "value"))
            case _:
                _assignment(view, terms, node, old_names=mentions_celery)


def _assignment(view: View, terms: Terms, node: Node, *, old_names: bool) -> None:
    left, right = child(node, "left"), child(node, "right")
    if left is None or right is None:
        return
    if left.type == "identifier":
        name = view.source.text(left)
        at_top = enclosing(node, ("function_definition", "lambda")) is None
        if name.isupper() and at_top:
            if of_environment(name) == SYSTEM or (old_names and setting_key(name) and _is_module_level(node)):
                _add(view, node, name, right)
            elif name == "INSTALLED_APPS":
                _installed(view, right)
    elif left.type == "attribute":
        owner, name = child(left, "object"), child(left, "attribute")
        if owner is not None and name is not None and _is_conf(terms, view.evaluator.of(view.source, owner)):
            _add(view, node, view.source.text(name), right)
    elif left.type == "subscript":
        owner, key = child(left, "value"), child(left, "subscript")
        name = view.evaluator.text(view.place(key)) if key is not None else ""
        if of_environment(name) == SYSTEM or (name and owner is not None and _is_conf(terms, view.evaluator.of(view.source, owner))):
            _add(view, node, name, right)


def _under(view: View, node: Node, key: Node | None, value: Node | None) -> None:
    """A keyword argument or dictionary entry with a name of Celery's: `app.config.update(CELERY_BROKER_URL=…)`."""
    if key is None or value is None:
        return
    name = view.source.text(key) if key.type == "identifier" else view.evaluator.text(view.place(key))
    if name.isupper() and of_environment(name) == SYSTEM:
        _add(view, node, name, value)


def _installed(view: View, value: Node) -> None:
    for text in walk(value, ("string",)):
        name = view.evaluator.text(view.place(text))
        if name.split(".apps.")[0] in _APPS:
            view.add(_setting(view, text, name, text))


def _named_class(view: View, node: Node) -> None:
    """A class called `CeleryConfig` or the like: its fields are settings, under names of the project's own."""
    name, body = child(node, "name"), child(node, "body")
    if name is None or body is None or not _CLASS.match(view.source.text(name)):
        return
    for statement in body.named_children:
        inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
        left = child(inner, "left") if inner is not None and inner.type == "assignment" else None
        if inner is not None and left is not None and left.type == "identifier":
            setting = _setting(view, statement, view.source.text(left), child(inner, "right"))
            view.add(msgspec.structs.replace(setting, confidence="likely", reason="only the name of its class says so"))


# -- settings that are handed to an app -----------------------------------------------------------------------------------


def _from_object(call: Call) -> None:
    given = call.arguments.get(0, call.arguments.get("obj"))
    view = call.view
    if given is None:
        return
    view.add(_setting(view, call.node, "config_from_object", given.node, at=call.name))
    namespace = view.evaluator.text(call.arguments.get("namespace"))
    text = view.evaluator.text(given)
    meaning: Meaning = view.evaluator.meaning(given)
    if text:
        module, _, name = text.partition(":")
        path = view.project.resolve(view.source.path, module)
        if not path:
            return
        meaning = view.evaluator.export(path, name) if name else Namespace(path)
    if isinstance(meaning, Instance):
        meaning = meaning.of
    if isinstance(meaning, Namespace):
        _module(_view(view, meaning.path), namespace)
    elif isinstance(meaning, Defined) and meaning.place.node.type in CLASSES:
        _class(view, meaning, namespace, 4)
    elif isinstance(meaning, Structure):
        _structure(view, meaning)
    elif not text:
        view.unresolved(call.node, "where Celery's settings come from could not be told", SYSTEM)


def _module(view: View, namespace: str) -> None:
    for node in walk(view.source.root, ("assignment",), skip=("function_definition", "class_definition", "lambda")):
        left, right = child(node, "left"), child(node, "right")
        if left is not None and right is not None and left.type == "identifier":
            name = view.source.text(left)
            if _is_setting(name, namespace):
                _add(view, node, name, right, namespace)


def _class(view: View, meaning: Defined, namespace: str, depth: int) -> None:
    inner = _view(view, meaning.place.source.path)
    body = child(meaning.place.node, "body")
    for node in walk(body, ("assignment",), skip=("function_definition", "lambda")) if body is not None else ():
        left, right = child(node, "left"), child(node, "right")
        if left is not None and right is not None and left.type == "identifier" and _is_setting(inner.source.text(left), namespace):
            _add(inner, node, inner.source.text(left), right, namespace)
    for base in base_classes(inner.source, meaning.place.node):
        inherited = inner.evaluator.of(inner.source, base)
        if depth and isinstance(inherited, Defined) and inherited.place.node.type in CLASSES:
            _class(inner, inherited, namespace, depth - 1)


def _update(call: Call) -> None:
    for key, value in call.arguments.items():
        if isinstance(key, str) and key not in ("*", "**"):
            node = value.node.parent
            if node is not None and value.source.path == call.view.source.path:
                _add(call.view, node, key, value.node)
        else:
            meaning = call.view.evaluator.meaning(value)
            if isinstance(meaning, Structure):
                _structure(call.view, meaning)
            elif key != 1:
                call.view.unresolved(value.node, "settings that are only known at run time", SYSTEM)


def _structure(view: View, meaning: Structure) -> None:
    for name, entry in meaning.entries.items():
        pair = entry.node.parent
        if pair is not None and pair.type in ("pair", "keyword_argument"):
            _add(_view(view, entry.source.path), pair, name, entry.node)


def _is_setting(name: str, namespace: str) -> bool:
    if namespace:
        return name.startswith(f"{namespace.rstrip('_')}_")
    return bool(setting_key(name)) or _MODERN.match(name) is not None or (name.isupper() and of_environment(name) == SYSTEM)


def _is_conf(terms: Terms, meaning: Meaning) -> bool:
    return terms.app_method(meaning) == "conf"


def _is_module_level(node: Node) -> bool:
    return enclosing(node, ("class_definition",)) is None


def _add(view: View, node: Node, name: str, value: Node | None, namespace: str = "") -> None:
    statement = node.parent if node.parent is not None and node.parent.type == "expression_statement" else node
    view.add(_setting(view, statement, name, value, namespace))


def _setting(view: View, node: Node, name: str, value: Node | None, namespace: str = "", at: Node | None = None) -> Setting:
    key = setting_key(name, namespace) or setting_key(name)
    return Setting(
        **view.common(SYSTEM, view.source.location(node, at=at)),
        name=name,
        value=view.value(view.place(value)) if value is not None else None,
        entry=span(node),
        options={"key": Literal(key)} if key else {},
    )


def _view(view: View, path: str) -> View:
    if path == view.source.path:
        return view
    return View(view.project.source(path), view.project, view.evaluator, view.versions, view.found)
