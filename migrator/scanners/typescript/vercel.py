"""Vercel in code: `vercel.ts`, and routes that only who knows the secret of its crons may call, though no configuration names them."""

from __future__ import annotations

import posixpath
import re

import msgspec
from tree_sitter import Node

from migrator.jobs import Endpoint, Enqueue, Job, Schedule
from migrator.regex import regex
from migrator.scanners.declared import Declared, declared
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Place
from migrator.scanners.prefilter import each_containing
from migrator.scanners.reading import Reader, View
from migrator.scanners.routes import route_of
from migrator.scanners.typescript.code_branch import CodeBranch
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.qstash_routes import BY_HAND
from migrator.scanners.vercel import Vercel
from migrator.syntax.source import SUFFIXES, Source
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.systems import qstash
from migrator.systems.vercel_cron import SECRET, SYSTEM

NAME = SYSTEM.name
_FILES = ("vercel.ts", "vercel.mts", "vercel.js", "vercel.mjs")
#: how many functions of the project lie between a route and the check of the secret
_DEPTH = 3
#: code that shows whether the secret is set
_IS_SET = regex(rf"(?:Boolean\(\s*|!!\s*)process\.env\.{SECRET}\b")
#: the name of the variable as a text that nothing is asked with: an entry of a list of what is to be set
_IS_NAMED = regex(rf"(?<![\w)\]]\[)(?<!\()([\"'`]){SECRET}\1")
#: files that may say who calls a route
_NAMING = (*SUFFIXES, ".yml", ".yaml", ".json", ".toml", ".sh", ".sql", ".tf")
_EITHER = f"it lets in QStash, and whoever knows {SECRET}; nothing in the tree sends messages to it"
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
    # What messages are sent to is another system's job, and called by that.
    known = {invoked.files[0] for invoked in found.invoked if invoked.system == NAME and invoked.files}
    known |= {i.job.rpartition(":")[0] for i in found.items if i.system == qstash.SYSTEM.name and isinstance(i, Enqueue | Schedule)}
    guessed: list[tuple[str, Declared]] = []
    for path in view.project.tree.sizes:
        if path in known or posixpath.splitext(path)[1] not in SUFFIXES or area_of(path) or not _is_route(path):
            continue
        if not _HINT.search(view.project.data(path)):
            continue
        at = declared(view.project, path, "GET") or (declared(view.project, path, "default") if "/pages/" in f"/{path}" else None)
        if at is not None and not at.source.is_python and _checks(view, at.source, at.whole, _DEPTH, known_functions):
            guessed.append((path, at))
    _doubt(view, {path for path, _ in guessed}, known_functions)
    named = _named(view.project.tree, [path for path, _ in guessed])
    for path, at in guessed:
        _add(view, path, at, named.get(path, ""))


def _doubt(view: View, paths: set[str], known: dict[tuple[str, int, int], bool]) -> None:
    """A route that lets in whoever knows the secret as well as QStash, and that nothing is sent to, need not be a job of that."""
    items = view.found.items
    both: set[tuple[str, int]] = set()
    for item in items:
        if not isinstance(item, Job) or item.system != qstash.SYSTEM.name or item.location.path not in paths or item.handler is None:
            continue
        source = view.project.source(item.handler.location.path)
        at = item.handler.location.span
        node = source.root.descendant_for_byte_range(at.start, at.end)
        if item.form == BY_HAND and node is not None and _checks(view, source, node, _DEPTH, known):
            both.add((item.location.path, item.location.line))
    for index, item in enumerate(items):
        if isinstance(item, Job | Endpoint) and item.system == qstash.SYSTEM.name and (item.location.path, item.location.line) in both:
            items[index] = msgspec.structs.replace(item, confidence="likely", reason=_EITHER)


def _named(tree: Tree, paths: list[str]) -> dict[str, str]:
    """Where else in the tree each of these routes is named: `path:line` of the first place."""
    routes = {_name(path).encode(): path for path in paths}
    files = (p for p in tree.sizes if p.endswith(_NAMING) and not area_of(p))
    found: dict[str, str] = {}
    for needle, holders in each_containing(tree, files, routes).items():
        whole = re.compile(re.escape(needle) + rb"(?![\w/-])")
        for holder in holders:
            data = tree.read(holder)
            match = whole.search(data) if holder != routes[needle] else None
            if match is not None:
                line = data.count(b"\n", 0, match.start()) + 1
                found.setdefault(routes[needle], f"{holder}:{line}")
    return found


def _name(path: str) -> str:
    return f"/{'/'.join(route_of(path) or ())}"


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
    """`process.env.CRON_SECRET` in the code itself, or by a constant of its file; to name it, or to ask whether it is set, is no check."""
    text = _asked(source, node)
    if SECRET in text:
        return True
    bound = view.project.bindings(source.path).module
    names = [name for name, bs in bound.items() if any(b.value is not None and SECRET in _asked(source, b.value) for b in bs)]
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _asked(source: Source, node: Node) -> str:
    """The code of `node` without what only shows whether the secret is set, or what it is called."""
    return _IS_NAMED.sub("", _IS_SET.sub("", source.text(node)))


def _add(view: View, path: str, at: Declared, named: str) -> None:
    location = at.source.location(at.whole, at=at.name)
    inner = View(at.source, view.project, view.evaluator, view.versions, view.found)
    inner.add(
        Job(
            **inner.common(NAME, location),
            name=_name(path),
            symbol=at.symbol,
            module=inner.module,
            definition=location.span,
            form="route",
            handler=handler_of(inner, Place(at.source, at.value)),
            confidence="likely",
            reason=f"it asks for {SECRET}, but no configuration calls it by the clock" + (f"; {named} names it" if named else ""),
        )
    )


READER = Reader(system=NAME, markers=(_MARK, b"crons"), packages=(), file=_file, finish=_finish)
