"""Jobs whose objects stand in files of a folder, and that one call makes of whatever the folder holds.

`fs.readdirSync(dir).forEach((file) => add(require(path.join(dir, file))))`, and somewhere `cron.schedule(job.schedule, job.run)`. Where
reading cannot follow a file to the call, its form tells: an object, or a list of objects, that a file exports with all the members that
the call asks for, one of them a function, in a folder whose path code puts together. What is found so is `likely`, with the reason.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

import msgspec

from migrator.jobs import Client, Item, Worker
from migrator.regex import regex
from migrator.scanners.asked_members import Asked, asked_of
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Frame, Meaning, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.linking.folders import path_of
from migrator.scanners.prefilter import containing
from migrator.scanners.reading import Call, Reader
from migrator.scanners.registration import LOADS
from migrator.scanners.told import told_by
from migrator.scanners.typescript.handlers import function_of
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import callee_of

_CODE = tuple(suffix for suffix in SUFFIXES if not suffix.startswith(".py"))
_PATHS = ("call_expression", "binary_expression", "template_string", "string")
#: where code begins a path of the tree
_HERE = regex(rb"__dirname|__filename|import\.meta|process\.cwd")
#: a file, and a line of it
_At = tuple[str, int]


@dataclass
class LeftOpen:
    """Calls that name no job where they stand, as they were read."""

    calls: list[tuple[Reader, Call]] = field(default_factory=list)

    def note(self, reader: Reader, call: Call) -> None:
        """Remember a call of production code of TypeScript or JavaScript."""
        if not call.view.source.is_python and not call.via and not call.view.area:
            self.calls.append((reader, call))

    def resolve(self, found: Found, told: Callable[[list[Item]], None]) -> None:
        """Record what the files of folders define; `told` is given what the calls themselves said."""
        asked = [(reader, call, what) for reader, call in self.calls if (what := asked_of(call)) is not None]
        if not asked:
            return
        view = asked[0][1].view
        tree, evaluator = view.project.tree, view.evaluator
        code = [p for p in tree.sizes if p.endswith(_CODE) and not p.endswith(".d.ts") and not area_of(p)]
        if not any(LOADS.search(tree.read(path)) for path in code):
            return
        wanted = {what.members for _, _, what in asked}
        exporting = {members: _exporting(evaluator, code, members) for members in wanted}
        folders = {posixpath.dirname(path) for paths in exporting.values() for path in paths}
        named = _named(evaluator, code, folders)
        for reader, call, what in asked:
            items: list[Item] = []
            for path in exporting[what.members]:
                at = named.get(posixpath.dirname(path))
                if at is not None and path != call.view.source.path:
                    items += _of_file(found, reader, call, what, path, at)
            if items:
                told([i for i in found.items if i.location == call.location and i.system == reader.system and not i.name])
                found.items += items


def _exporting(evaluator: Evaluator, code: Iterable[str], members: Collection[str]) -> list[str]:
    """The files in which all of these members stand."""
    first = max(members, key=len)
    names = [member.encode() for member in members]
    tree = evaluator.project.tree
    return [path for path in containing(tree, code, {first.encode()}) if all(name in tree.read(path) for name in names)]


def _named(evaluator: Evaluator, code: Iterable[str], folders: set[str]) -> dict[str, _At]:
    """Where code puts together the path of each of these folders, or of the one around it."""
    found: dict[str, _At] = {}
    above = {posixpath.dirname(folder) for folder in folders}
    names = {name.encode() for folder in folders | above if (name := posixpath.basename(folder))}
    spelled = re.compile(rb"[/'\"`](?:%s)[/'\"`]" % b"|".join(sorted(map(re.escape, names)))) if names else None
    for path in sorted(containing(evaluator.project.tree, code, names)):
        data = evaluator.project.tree.read(path)
        if spelled is None or not spelled.search(data) or not (_HERE.search(data) or LOADS.search(data)):
            continue
        source = evaluator.project.source(path)
        for node in source.nodes(*_PATHS):
            for folder in _paths(evaluator, Place(source, node)):
                if folder:
                    found.setdefault(folder, (path, node.start_point.row + 1))
    return {folder: at for folder in folders if (at := found.get(folder) or found.get(posixpath.dirname(folder))) is not None}


def _paths(evaluator: Evaluator, place: Place) -> Iterator[str]:
    """The folders that a path in code may name: what stands before the first star of a pattern."""
    node, source = place.node, place.source
    if node.type != "string":
        path = path_of(evaluator, place)
        if path is not None:
            yield _folder(path)
        return
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    callee = callee_of(call)
    text = evaluator.text(place)
    # A module that is named is imported; a folder is handed to something else.
    if callee is None or "/" not in text or source.text(callee) in ("require", "import", "require.resolve"):
        return
    if text.startswith("."):
        yield _folder(posixpath.join(posixpath.dirname(source.path), text))
    yield _folder(text.lstrip("/"))


def _folder(path: str) -> str:
    before = path.partition("*")[0]
    return posixpath.normpath(before.rpartition("/")[0] if before != path else before).lstrip("./")


def _of_file(found: Found, reader: Reader, call: Call, what: Asked, path: str, at: _At) -> list[Item]:
    """What the call makes of each object that a file exports with these members."""
    items: list[Item] = []
    reason = f"`{posixpath.dirname(path)}` is named in {at[0]}:{at[1]}: what its files export has the members that this asks for"
    for place, meaning in _objects(call.view.evaluator, path):
        entries = call.view.evaluator.entries(place)
        if not what.members <= entries.keys() or not any(function_of(call.view, entries[name]) for name in what.members):
            continue
        function, position = what.taken or (call.inner.node, 0)
        frame = Frame(function, {position: place}, None, call.inner.frame)
        for node in what.wholes:
            frame.answers[(call.inner.source, node.id)] = meaning
        for node, name in () if what.wholes or what.taken else what.parts:
            frame.answers[(call.inner.source, node.id)] = call.view.evaluator.member(meaning, name)
        seen = replace(call, inner=msgspec.structs.replace(call.inner, frame=frame), about=place)
        told = [item for item in told_by(found, reader, seen) if not isinstance(item, Client | Worker) and item.name]
        for item in told:
            # The key of a function is no name, the file has one.
            name = posixpath.basename(path).partition(".")[0] if item.name in what.members else item.name
            items.append(msgspec.structs.replace(item, name=name, confidence="likely", reason=item.reason or reason))
    return items


def _objects(evaluator: Evaluator, path: str) -> Iterator[tuple[Place, Meaning]]:
    """The objects that a file exports, also those in a list."""
    seen: set[int] = set()
    for export in evaluator.project.bindings(path).exports().values():
        meaning = evaluator.export(path, export.name)
        each = elements(evaluator, meaning.place).known if isinstance(meaning, Structure) and meaning.is_list else ()
        for value in [meaning, *map(evaluator.meaning, each)]:
            if isinstance(value, Structure) and not value.is_list and value.place.node.id not in seen and value.place.source.path == path:
                seen.add(value.place.node.id)
                yield value.place, value
