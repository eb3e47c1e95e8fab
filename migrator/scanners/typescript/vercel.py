"""Vercel in code: `vercel.ts`, and routes that only who knows the secret of its crons may call, though no configuration names them."""

from __future__ import annotations

import posixpath
import re

from tree_sitter import Node

from migrator.jobs import Job
from migrator.regex import regex
from migrator.scanners.declared import Declared, declared
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import Reader, View
from migrator.scanners.routes import route_of
from migrator.scanners.typescript.code_branch import CodeBranch
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.vercel import Vercel
from migrator.syntax.source import SUFFIXES, Source
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.systems.vercel_cron import SECRET, SYSTEM

NAME = SYSTEM.name
_FILES = ("vercel.ts", "vercel.mts", "vercel.js", "vercel.mjs")
#: how many functions of the project lie between a route and the check of the secret
_DEPTH = 3
#: code that shows whether the secret is set
_IS_SET = regex(rf"(?:Boolean\(\s*|!!\s*)process\.env\.{SECRET}\b")
_MARK = SECRET.encode()
#: what a route that checks the secret, or has it checked, calls it, or what it is called itself
_HINT = regex(rb"cron", re.IGNORECASE)


def _file(view: View) -> None:
    if posixpath.basename(view.source.path) in _FILES:
        for name in ("config", "default"):
            at = declared(view.project, view.source.path, name)
            if at is not None:
                Vercel(view.project.tree, view.found, view.source.path).read(CodeBranch(view, Place(at.source, at.value)))


def _finish(found: Found) -> None:
    """Routes that check the secret and that no configuration calls: their schedule stands in a console, or elsewhere."""
    view = next((v for v in found.views if _MARK in v.source.data and not v.area), None)
    if view is None:
        return
    known_functions: dict[tuple[str, int, int], bool] = {}
    known = {invoked.files[0] for invoked in found.invoked if invoked.system == NAME and invoked.files}
    for path in view.project.tree.sizes:
        if path in known or posixpath.splitext(path)[1] not in SUFFIXES or area_of(path) or not _is_route(path):
            continue
        if not _HINT.search(view.project.data(path)):
            continue
        at = declared(view.project, path, "GET") or (declared(view.project, path, "default") if "/pages/" in f"/{path}" else None)
        if at is not None and not at.source.is_python and _checks(view, at.source, at.whole, _DEPTH, known_functions):
            _add(view, path, at)


def _is_route(path: str) -> bool:
    route = route_of(path)
    return route is not None and "api" in route


def _checks(view: View, source: Source, node: Node, depth: int, known: dict[tuple[str, int, int], bool]) -> bool:
    """True if the code of `node`, or a function of the project that it calls or is made by, reads the secret; `known`: answers so far."""
    key = (source.path, node.start_byte, depth)
    if key not in known:
        known[key] = False
        known[key] = _reaches(view, source, node, depth, known)
    return known[key]


def _reaches(view: View, source: Source, node: Node, depth: int, known: dict[tuple[str, int, int], bool]) -> bool:
    if _MARK in source.data and _reads(view, source, node):
        return True
    for call in walk(node, ("call_expression",)) if depth else ():
        callee = callee_of(call)
        meaning = view.evaluator.of(source, callee) if callee is not None else None
        if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS or meaning.place.node.id == node.id:
            continue
        if _checks(view, meaning.place.source, meaning.place.node, depth - 1, known):
            return True
    return False


def _reads(view: View, source: Source, node: Node) -> bool:
    """`process.env.CRON_SECRET` in the code itself, or by a constant of its file; to ask only whether it is set is no check."""
    text = _IS_SET.sub("", source.text(node))
    if SECRET in text:
        return True
    bound = view.project.bindings(source.path).module
    names = [name for name, bs in bound.items() if any(b.value is not None and SECRET in source.text(b.value) for b in bs)]
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _add(view: View, path: str, at: Declared) -> None:
    location = at.source.location(at.whole, at=at.name)
    inner = View(at.source, view.project, view.evaluator, view.versions, view.found)
    segments = route_of(path) or ()
    inner.add(
        Job(
            **inner.common(NAME, location),
            name=f"/{'/'.join(segments)}",
            symbol=at.symbol,
            module=inner.module,
            definition=location.span,
            form="route",
            handler=handler_of(inner, Place(at.source, at.value)),
            confidence="likely",
            reason=f"it asks for {SECRET}, but nothing in the tree calls it by the clock",
        )
    )


READER = Reader(system=NAME, markers=(_MARK, b"crons"), packages=(), file=_file, finish=_finish)
