"""What a file offers to others under a name: its own, re-exported, or a submodule of a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from migrator.scanners.linking import generated, names
from migrator.scanners.linking.choosing import first
from migrator.scanners.linking.values import (
    External,
    Instance,
    Meaning,
    Member,
    Namespace,
    Place,
    Structure,
    Unknown,
)
from migrator.syntax.bindings import NAMESPACE
from migrator.syntax.import_text import DEFAULT
from migrator.syntax.source import Source

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator


def export(evaluator: Evaluator, path: str, name: str) -> Meaning:
    """What the file `path` offers under `name`."""
    if generated.offers(evaluator.project.data(path), name):
        return External((generated.PACKAGE, name))
    if not _may_offer(evaluator, path, name):
        submodule = evaluator.project.resolve(path, f".{name}") if path.endswith("__init__.py") else ""
        return Namespace(submodule) if submodule else Unknown(_missing(path, name))
    source, bindings = evaluator.project.source(path), evaluator.project.bindings(path)
    if source.is_python:
        bound = bindings.module.get(name)
        if bound:
            return first(names.bound(evaluator, source, b, None) for b in bound[::-1])
        submodule = evaluator.project.resolve(path, f".{name}") if path.endswith("__init__.py") else ""
        return Namespace(submodule) if submodule else star_import(evaluator, source, name) or Unknown(_missing(path, name))
    found = bindings.exports().get(name)
    if found is not None:
        if found.module:
            return _reexported(evaluator, path, found.module, found.member)
        if found.local and found.local in bindings.module:
            return evaluator.name(source, found.local, source.root)
        if found.value is not None:
            meaning = evaluator.of(source, found.value)
            if isinstance(meaning, Instance) and not meaning.symbol:
                return msgspec.structs.replace(meaning, symbol=f"{path}:{name}")
            return meaning
    return star_import(evaluator, source, name) or _commonjs(evaluator, path, name) or Unknown(_missing(path, name))


def _missing(path: str, name: str) -> str:
    return f"{name} is not in {path}" if path.endswith((".py", ".pyi")) else f"{name} is not exported by {path}"


def _may_offer(evaluator: Evaluator, path: str, name: str) -> bool:
    """False for most of the files that a barrel passes on: those that do not have the name. They are not parsed to know that."""
    project = evaluator.project
    if name in (NAMESPACE, DEFAULT) or project.imports(path).whole:
        return True
    data = project.data(path)
    return name.encode() in data if path.endswith((".py", ".pyi")) else project.exports(path).may_export(name, data)


def _reexported(evaluator: Evaluator, path: str, module: str, member: str) -> Meaning:
    target = evaluator.project.resolve(path, module)
    if not target:
        package = evaluator.project.package_of(path, module)
        return External(package if member == NAMESPACE else (*package, member))
    return Namespace(target) if member == NAMESPACE else evaluator.export(target, member)


def _commonjs(evaluator: Evaluator, path: str, name: str) -> Meaning | None:
    """`require("./x").name` of a file that says `module.exports = something`."""
    default = evaluator.project.bindings(path).exports().get("default")
    if name == "default" or default is None or default.value is None or not default.commonjs:
        return None
    source = evaluator.project.source(path)
    meaning = evaluator.member(evaluator.of(source, default.value), name)
    if isinstance(meaning, Member) and isinstance(meaning.of, Structure):
        from migrator.scanners.linking.holdings import entry

        # `const config = {}; config.queue = { … }; module.exports = config;`
        meaning = entry(evaluator, meaning.of, Place(source, default.value), name) or meaning
    return None if isinstance(meaning, Unknown) else meaning


def star_import(evaluator: Evaluator, source: Source, name: str) -> Meaning | None:
    """A name that only `from x import *` or `export * from "x"` can provide."""
    for module in evaluator.project.bindings(source.path).star_exports():
        target = evaluator.project.resolve(source.path, module)
        if target and target != source.path:
            found = evaluator.export(target, name)
            if not isinstance(found, Unknown):
                return found
        elif not target and evaluator.notable(".".join(evaluator.project.package_of(source.path, module))):
            return External((*evaluator.project.package_of(source.path, module), name))
    return None
