"""Decorators of one's own that only keep what they are told, by which other code makes jobs when the application starts.

`@JobHandler("mail")` calls `SetMetadata(KEY, "mail")`, and a service goes over all providers, asks a `Reflector` for `KEY`, and calls
`boss.work(…)` with what it finds. Which jobs that makes only the run knows, so that each decorator is said, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Item, Job, Schedule, Unresolved
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Evaluator, Instance, Place, Project
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.prefilter import containing
from migrator.scanners.reading import excerpt
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import FUNCTIONS, callee_of, enclosing, field, name_of, walk
from migrator.systems import SYSTEMS

_KEEPS = (b"SetMetadata", b"defineMetadata", b"createDecorator")
#: methods of Nest's `Reflector`, of `Reflect`, and of discovery services that read what was kept
_READS = frozenset((b"get", b"getMetadata", b"getOwnMetadata", b"getAllAndOverride", b"getAllAndMerge", b"getMetadataByDecorator"))
_WITH_KEY = b"MetaAtKey"

#: a text, or where something that is no text is made: path and first byte
_Key = str | tuple[str, int]


def report_decorator_metadata(tree: Tree, found: Found, project: Project, evaluator: Evaluator) -> None:
    """Say of every decorator which code makes jobs of what it keeps."""
    readers: dict[_Key, Item] = {}
    for key, item in sorted(_readers(found, project, evaluator), key=lambda each: (each[1].location.path, each[1].location.line)):
        if key:
            readers.setdefault(key, item)
    if not readers:
        return
    paths = [p for p in tree.sizes if p.endswith(tuple(SUFFIXES)) and not p.endswith((".py", ".pyi", ".d.ts")) and not area_of(p)]
    keepers: dict[_Key, Item] = {}
    names: set[str] = set()
    for path in containing(tree, paths, _KEEPS):
        for node in walk(project.source(path).root, ("call_expression",)):
            for decorator, name in _keeper(evaluator, Place(project.source(path), node), readers):
                keepers[decorator] = readers[_kept(evaluator, Place(project.source(path), node))]
                names.add(name)
    for path in containing(tree, paths, [f"@{name}".encode() for name in names]):
        source = project.source(path)
        for node in walk(source.root, ("decorator",)):
            made = node.named_children[0] if node.named_children else None
            used = callee_of(made) or made
            item = keepers.get(_identity(evaluator, Place(source, used))) if used is not None else None
            if used is not None and item is not None:
                where, what = f"{item.location.path}:{item.location.line}", SYSTEMS[item.system].title
                reason = f"{where} makes jobs of {what} of what `@{source.text(used)}` keeps: which, only the run knows"
                text = excerpt(source.text(node))
                found.unresolved.append(Unresolved(path, node.start_point.row + 1, reason, item.system, text))


def _readers(found: Found, project: Project, evaluator: Evaluator) -> Iterator[tuple[_Key, Item]]:
    """(key, item) of every key whose metadata is read in a class that makes jobs without a name."""
    for item in (*found.items, *found.quiet):
        if not isinstance(item, Job | Schedule) or item.name or item.area or item.language == "python":
            continue
        source = project.source(item.location.path)
        at = source.root.descendant_for_byte_range(item.location.span.start, item.location.span.end)
        owner = enclosing_class(at) if at is not None else None
        for node in walk(owner, ("call_expression",)) if owner is not None else ():
            method = field(callee_of(node), "property")
            name = (method.text or b"") if method is not None else b""
            if name in _READS or name.endswith(_WITH_KEY):
                yield _kept(evaluator, Place(source, node)), item


def _keeper(evaluator: Evaluator, call: Place, wanted: dict[_Key, Item]) -> Iterator[tuple[_Key, str]]:
    """(identity, name) of the decorator that keeps something under one of those keys."""
    callee = callee_of(call.node)
    name = field(callee, "property") or callee
    if name is None or name.text not in _KEEPS:
        return
    if name.text == b"createDecorator":
        declared = enclosing(call.node, ("variable_declarator",))
        own = field(declared, "name")
        key = (call.source.path, call.node.start_byte)
        if own is not None and key in wanted:
            yield key, call.source.text(own)
        return
    if _kept(evaluator, call) not in wanted:
        return
    function = enclosing(call.node, FUNCTIONS)
    while function is not None and name_of(function) is None:
        function = enclosing(function, FUNCTIONS)
    own = name_of(function) if function is not None else None
    if function is not None and own is not None:
        yield (call.source.path, function.start_byte), call.source.text(own)


def _kept(evaluator: Evaluator, call: Place) -> _Key:
    """The key that a call names first; for a decorator made by `createDecorator`, that itself."""
    name = field(callee_of(call.node), "property")
    first = evaluator.arguments(call).get(0)
    if name is not None and name.text == b"createDecorator":
        return (call.source.path, call.node.start_byte)
    return _identity(evaluator, first) if isinstance(first, Place) else ""


def _identity(evaluator: Evaluator, place: Place) -> _Key:
    """What an expression stands for; empty where that cannot be told."""
    meaning = evaluator.meaning(place)
    made = meaning.place if isinstance(meaning, Defined) else meaning.call if isinstance(meaning, Instance) else None
    return (made.source.path, made.node.start_byte) if made is not None else evaluator.text(place)
