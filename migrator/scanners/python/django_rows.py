"""Rows that code writes through a Django model: `Model.objects.create(…)` and its kin, `Model(…)`, models that a migration looks up."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import UNKNOWN, External, Instance, Meaning, Member, Place, parts
from migrator.scanners.python.dictionaries import entries
from migrator.scanners.reading import Call, View
from migrator.scanners.seen_from import in_rounds
from migrator.syntax.tree import ancestors, callee_of
from migrator.syntax.tree import field as child

#: methods of a manager that put a row in, or make sure that there is one
WRITES = frozenset(("create", "get_or_create", "update_or_create", "acreate", "aget_or_create", "aupdate_or_create"))
#: those that are handed rows that were made before
BULK = frozenset(("bulk_create", "abulk_create"))
#: what a migration runs, and what takes that back
_RUN_PYTHON = ("code", "reverse_code")


#: the key under which the fields of a row say that they are one of several
SEVERAL = "..."


class Models(msgspec.Struct, frozen=True):
    """The models of a package: `modules` are where code imports them from, `apps` its labels for Django."""

    modules: frozenset[str]
    apps: frozenset[str]

    def name(self, view: View, meaning: Meaning) -> str:
        """The name of one of these models, imported or looked up; empty for anything else."""
        # What a model of the project inherits is that of an instance of its base.
        inherited = meaning.of if isinstance(meaning, Instance) and meaning.call is None else meaning
        meaning = inherited if isinstance(inherited, External) else meaning
        module, _, name = meaning.key.rpartition(".")
        if isinstance(meaning, External) and module in self.modules:
            return name
        app, model = _looked_up(view, meaning)
        return model if app in self.apps else ""

    def written(self, view: View, callee: Meaning) -> str:
        """The model of `Model.objects.get_or_create`, whichever database it is for."""
        model = model_written(callee)
        return self.name(view, model) if model is not None else ""

    def in_migrations(self, view: View, model: str) -> Iterator[Call]:
        """Calls that write rows of `model`, where the file looks it up: `apps.get_model("app", "Model").objects.create(…)`."""
        for node in view.source.nodes("call") if b"get_model" in view.source.data else ():
            function = child(node, "function")
            name = child(function, "attribute") or function
            if function is None or name is None or (function.type == "attribute" and view.source.text(name) not in WRITES):
                continue
            callee = view.evaluator.of(view.source, function)
            if isinstance(_root(callee), External) or only_reverses(view, node):
                continue
            if self.written(view, callee) == model or self.name(view, callee) == model:
                call = Call(view, node, callee, callee.key, name, view.place(node))
                # A loop over rows that are spelled out writes each of them.
                yield from list(in_rounds(call)) or [call]


def model_written(callee: Meaning) -> Meaning | None:
    """The model of `Model.objects.create`, `Model.objects.using("x").create`; None for any other method."""
    manager, name = parts(callee)
    return model_of(manager) if manager is not None and name in WRITES else None


def model_of(manager: Meaning) -> Meaning | None:
    """The model of a manager: `Model.objects`, `Model._default_manager`, narrowed or not."""
    while isinstance(manager, Instance):
        manager = parts(manager.of)[0] or UNKNOWN
    model, name = parts(manager)
    return model if name in ("objects", "_default_manager", "_base_manager") else None


def fields(view: View, call: Place) -> dict[str, Place]:
    """The fields of a row: keyword arguments, and those under `defaults`."""
    given: dict[str, Place] = {}
    for key, value in view.evaluator.arguments(call).items():
        if isinstance(key, str) and isinstance(value, Place):
            if key == "**":
                given = {**entries(view, value), **given} or {key: value}
            else:
                given[key] = value
    for name in ("defaults", "create_defaults"):
        if name in given:
            place = given.pop(name)
            given = {**entries(view, place), **({SEVERAL: place} if _is_one_of_several(view, place) else {}), **given}
    return given


def _is_one_of_several(view: View, place: Place) -> bool:
    """True for a name that is given different things under conditions that only the run decides."""
    source, frame = place.source, place.frame
    bound = view.project.bindings(source.path).lookup(place.text, place.node) if place.node.type == "identifier" else []
    return len(bound) > 1 and len(view.evaluator.reached_bindings(source, bound, frame)) > 1


def in_migration(view: View) -> bool:
    """True for a file of a folder `migrations`."""
    return "migrations" in view.source.path.split("/")[:-1]


def only_reverses(view: View, node: Node) -> bool:
    """True in a function that a migration runs only when it is taken back: `RunPython(forth, back)`."""
    name = child(next((a for a in ancestors(node) if a.type == "function_definition"), None), "name")
    if name is None or not in_migration(view):
        return False
    forth, back = False, False
    for call in view.source.nodes("call"):
        function = callee_of(call)
        if function is None or not view.source.text(function).endswith("RunPython"):
            continue
        given = view.evaluator.arguments(view.place(call))
        named = [place.text if isinstance(place := given.get(i, given.get(key)), Place) else "" for i, key in enumerate(_RUN_PYTHON)]
        forth, back = forth or named[0] == view.source.text(name), back or named[1] == view.source.text(name)
    return back and not forth


def statement_around(node: Node) -> Node:
    """The statement that a call is all of, or the call itself."""
    parent = node.parent
    return parent if parent is not None and parent.type == "expression_statement" else node


def _looked_up(view: View, meaning: Meaning) -> tuple[str, str]:
    """(app, model) of `apps.get_model("app", "Model")` and `apps.get_model("app.Model")`."""
    if not isinstance(meaning, Instance) or meaning.call is None or parts(meaning.of)[1] != "get_model":
        return "", ""
    given = view.evaluator.arguments(meaning.call)
    places = (given.get(0, given.get("app_label")), given.get(1, given.get("model_name")))
    app, _, model = ".".join(view.evaluator.text(p) for p in places if isinstance(p, Place)).partition(".")
    return app, model


def _root(meaning: Meaning) -> Meaning:
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return meaning
