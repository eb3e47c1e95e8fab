"""Paths of the tree as code puts them together, and the files that a listing of a folder or a pattern stands for."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING

from migrator.regex import regex
from migrator.scanners.linking.values import Place
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import callee_of, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

#: how code says the folder of the file in which it stands, and the file itself
_FOLDER = frozenset(("__dirname", "import.meta.dirname"))
_FILE = frozenset(("__filename", "import.meta.url", "import.meta.filename"))
_JOINS = regex(r"^(path\.|posix\.)?(join|resolve)$")
_SAME = regex(r"^(fileURLToPath|pathToFileURL|url\.fileURLToPath|url\.pathToFileURL|String)$")
_LISTS = frozenset(("readdirSync", "readdir"))
_PATTERNS = regex(r"(^|\.)(glob|globSync|sync|globby|globbySync)$")
_NARROWS = frozenset(("filter", "sort", "slice", "reverse", "map"))
_OF_RECORDS = frozenset(("Object.values", "Object.entries", "Object.keys"))
_CODE = tuple(suffix for suffix in SUFFIXES if not suffix.startswith(".py"))
#: what stands beside jobs in a folder and is none
_BESIDE = regex(r"(^|/)index\.\w+$|\.(test|spec|d)\.\w+$")
_STEPS = 12


def path_of(evaluator: Evaluator, place: Place, steps: int = _STEPS) -> str | None:
    """The path in the tree that an expression stands for; None for anything but a path."""
    node, source = place.node, place.source
    here = posixpath.dirname(source.path)
    if steps == 0:
        return None
    if node.type in ("parenthesized_expression", "await_expression", "as_expression", "non_null_expression") and node.named_children:
        return path_of(evaluator, Place(source, node.named_children[0], place.frame), steps - 1)
    if place.text in _FOLDER:
        return here
    if place.text in _FILE:
        return source.path
    if place.text == "process.cwd()":
        return ""
    if node.type == "identifier":
        found = evaluator.project.bindings(source.path).lookup(place.text, node)
        origin = evaluator.origin(place)
        if origin != place:
            return path_of(evaluator, origin, steps - 1)
        if found and found[0].kind == "value" and found[0].value is not None and not found[0].path:
            return path_of(evaluator, Place(source, found[0].value, place.frame), steps - 1)
        return None
    if node.type in ("template_string", "binary_expression"):
        return _put_together(evaluator, place, steps)
    if node.type in ("new_expression", "call_expression"):
        return _called(evaluator, place, steps)
    if node.type == "member_expression" and source.text(field(node, "property") or node) in ("href", "pathname"):
        owner = field(node, "object")
        return path_of(evaluator, Place(source, owner, place.frame), steps - 1) if owner is not None else None
    return None


def _put_together(evaluator: Evaluator, place: Place, steps: int) -> str | None:
    """`${__dirname}/jobs/${file}`, `dir + "/" + file`."""
    nodes = [n for child in place.node.named_children for n in (child.named_children if child.type == "template_substitution" else [child])]
    if not nodes:
        return None
    first = Place(place.source, nodes[0], place.frame)
    start = path_of(evaluator, first, steps - 1)
    texts = [
        place.source.text(n) if n.type == "string_fragment" else evaluator.text(Place(place.source, n, place.frame)) for n in nodes[1:]
    ]
    return posixpath.normpath(f"{start}{''.join(texts)}".lstrip("/")) if start is not None and all(texts) else None


def _called(evaluator: Evaluator, place: Place, steps: int) -> str | None:
    callee = callee_of(place.node)
    name = place.source.text(callee) if callee is not None else ""
    given = [p for p in evaluator.arguments(place).values() if isinstance(p, Place)]
    if not given:
        return None
    if name == "URL":
        base = path_of(evaluator, given[1], steps - 1) if len(given) > 1 else None
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), evaluator.text(given[0]))) if base is not None else None
    if _SAME.match(name):
        return path_of(evaluator, given[0], steps - 1)
    if name.endswith("dirname"):
        inner = path_of(evaluator, given[0], steps - 1)
        return posixpath.dirname(inner) if inner is not None else None
    if _JOINS.match(name):
        start = path_of(evaluator, given[0], steps - 1)
        rest = [evaluator.text(p) for p in given[1:]]
        return posixpath.normpath(posixpath.join(start, *(r.lstrip("/") for r in rest))) if start is not None and all(rest) else None
    return None


def listed(evaluator: Evaluator, place: Place) -> list[tuple[str, str]]:
    """(text, path) of each code file that a listing of a folder or a pattern gives; empty for anything else."""
    node, source = place.node, place.source
    for _ in range(_STEPS):
        if node.type == "identifier":
            found = evaluator.project.bindings(source.path).lookup(source.text(node), node)
            if not found or found[0].kind != "value" or found[0].value is None or found[0].path:
                return []
            node = found[0].value
        elif node.type in ("await_expression", "parenthesized_expression", "as_expression") and node.named_children:
            node = node.named_children[0]
        elif node.type == "call_expression" and source.text(field(node, "function", "property") or node) in _NARROWS:
            node = field(node, "function", "object") or node
        elif node.type == "call_expression" and source.text(field(node, "function") or node) in (
            "Object.values",
            "Object.entries",
            "Object.keys",
        ):
            arguments = field(node, "arguments")
            node = arguments.named_children[0] if arguments is not None and arguments.named_children else node
        else:
            break
    return _of_listing(evaluator, Place(source, node, place.frame))


def _of_listing(evaluator: Evaluator, call: Place) -> list[tuple[str, str]]:
    callee = callee_of(call.node)
    first = evaluator.arguments(call).get(0) if callee is not None else None
    if callee is None or not isinstance(first, Place):
        return []
    name = call.source.text(callee)
    here = posixpath.dirname(call.source.path)
    if name.rpartition(".")[2] in _LISTS:
        text = evaluator.text(first)
        folder = posixpath.normpath(text.removeprefix("/")) if text else path_of(evaluator, first)
        files = [(posixpath.basename(p), p) for p in _code(evaluator) if folder is not None and posixpath.dirname(p) == folder.strip("/.")]
    elif name == "import.meta.glob" or _PATTERNS.search(name):
        pattern = evaluator.text(first) or path_of(evaluator, first) or ""
        whole = posixpath.normpath(posixpath.join(here, pattern)) if pattern.startswith(".") else pattern.lstrip("/")
        files = [(p, p) for p in _code(evaluator) if pattern and _matches(p, whole)]
    else:
        return []
    return [(text, path) for text, path in files if path != call.source.path and not _BESIDE.search(path)]


def _code(evaluator: Evaluator) -> list[str]:
    return sorted(path for path in evaluator.project.tree.sizes if path.endswith(_CODE))


def _matches(path: str, pattern: str) -> bool:
    """`**` goes over any folders, `*` over none; of `{a,b}` either."""
    alternatives = re.search(r"\{([^{}]*)\}", pattern)
    if alternatives is not None:
        options = alternatives[1].split(",")
        return any(_matches(path, pattern[: alternatives.start()] + o + pattern[alternatives.end() :]) for o in options)
    if "**" in pattern:
        return fnmatch.fnmatchcase(path, pattern.replace("**/", "*"))
    return fnmatch.fnmatchcase(path, pattern) and path.count("/") == pattern.count("/")
