"""Which files are read, and which of their calls are looked into: round after round, as names turn out to lead to a job system.

A file is read when it contains a marker of a reader, imports a name that leads to a job system, or uses a client by its name. A call is
looked into when a live name stands in what is called. Both only save work: looking into everything finds the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from migrator.scanners.asking import Asking
from migrator.scanners.found import Found
from migrator.scanners.handed_functions import hands_on
from migrator.scanners.leading import Leading
from migrator.scanners.linking import Place, generated, sails_helpers
from migrator.scanners.linking.calls import called_of
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.linking.fills import entries_of
from migrator.scanners.linking.kinds import above_all
from migrator.scanners.linking.live_names import LiveNames
from migrator.scanners.linking.offers import Offers
from migrator.scanners.linking.outside import outside, partly
from migrator.scanners.linking.tables import Table, filled
from migrator.scanners.prefilter import containing
from migrator.scanners.progress import Progress, counted, unwatched
from migrator.scanners.reading import Reader, View
from migrator.scanners.references import references
from migrator.scanners.registry import folder_of
from migrator.scanners.told import told_by
from migrator.scanners.workspace import Workspace
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.import_text import DEFAULT
from migrator.syntax.tree import ancestors, name_of
from migrator.syntax.tree import field as child

_CALLS = ("call", "call_expression", "new_expression")
#: modules whose functions find a value by its name
_LOOKUPS = frozenset(("importlib", "pydoc", "operator", "django.utils.module_loading", "werkzeug.utils"))
#: what loads files that it does not name
_LOADERS = frozenset((b"readdirSync(", b"readdir(", b"import.meta.glob", b"globSync(", b"glob.sync("))
_GLOBAL_OBJECT = frozenset((b"globalThis", b"global"))
#: what stands between the name of a method and what it is given
_CALLED = ("(", "<", "?.(")
#: names of clients shorter than this stand in every file
_SHORTEST_NAME = 4


@dataclass
class _File:
    """A file that is being read: `waiting` are the calls that were not looked into, `dead` the imports that lead nowhere yet."""

    view: View
    live: LiveNames
    waiting: list[Node]
    dead: list[Binding]
    filled: tuple[tuple[Table, Node], ...]  #: what is put into dictionaries of other files, with those
    names: int = -1  #: how many names mattered when its calls were last looked at
    known: int = -1  #: how much was offered by others when its dead imports were last looked at

    @property
    def path(self) -> str:
        return self.view.source.path


class Rounds:
    """Reads files, one after the other, and says which ones to read next. With `everything`, nothing is passed over."""

    def __init__(
        self,
        workspace: Workspace,
        found: Found,
        readers: Mapping[str, tuple[Reader, ...]],
        *,
        everything: bool,
        progress: Progress = unwatched,
    ) -> None:
        """`readers`: those to be asked, by folder."""
        self._workspace, self._found = workspace, found
        self._project, self._evaluator = workspace.project, workspace.evaluator
        self._everything, self._progress = everything, progress
        self._readers = readers
        self._packages = {p for listed in readers.values() for r in listed for p in r.packages}
        self._telltales = {folder: {t.encode() for r in listed for t in (*r.telltales, *r.methods)} for folder, listed in readers.items()}
        self._offers = Offers(self._project)
        self._files: dict[str, _File] = {}
        self._asking = Asking(workspace, found, readers, self._files, self._offer_when_read)
        self._wrappers, self._by_name = self._asking.wrappers, self._asking.by_name
        every = [r for listed in readers.values() for r in listed]
        self._leading = Leading(self._evaluator, self._offers, found, every, self._live_names)
        self._clients: set[bytes] = set()
        self._tied: set[tuple[str, int]] = set()
        self._helpers: set[bytes] = set()  #: objects of frameworks that helpers which were read are called on
        self._globals: set[str] = set()  #: names on JavaScript's global object that lead on
        self._sought: set[str] = set()  #: those of them that files were looked for by
        self._methods = 0  #: how many names of methods that wrap a client were known when calls were last looked into

    def declare(self, paths: Iterable[str]) -> list[str]:
        """Let readers see what these files declare before any file is read; gives those that declare something."""
        told: list[str] = []
        for path in paths:
            before = self._found.size
            for reader in self._readers[folder_of(path)]:
                if reader.declares is not None:
                    reader.declares(self._view(path))
            if self._found.size > before:
                told.append(path)
            else:
                self._project.release(path)
        for table in self._found.tables:
            path, _, name = table.symbol.rpartition(":")
            if path:
                self._offers.add(path, name)
        return told

    def _live_names(self, path: str) -> LiveNames | None:
        return self._files[path].live if path in self._files else None

    def _view(self, path: str) -> View:
        return self._workspace.view(path, self._found)

    def read(self, path: str) -> None:
        """Let every reader see the file; of one that `migrate codemod` wrote as a library only what it offers counts."""
        offered = generated.offered(self._project.data(path))
        for name in offered:
            self._offers.add(path, name)
        if offered:
            return
        view = self._view(path)
        source = view.source
        source.study()
        bindings = self._project.bindings(path)
        self._found.views.append(view)
        if source.refused:
            view.unresolved(source.root, source.refused)
        for gap in source.gaps[:1]:
            view.unresolved(source.root, f"parsed with gaps: the first is at line {gap.line}")
        helper = sails_helpers.called(path)
        if helper:
            # It is called by that name on an object of the framework, and imported by nobody.
            self._found.called |= {helper, f"{helper}.{sails_helpers.WITH}"}
            self._helpers.add(sails_helpers.OBJECT)
        imports = [b for b in bindings.every() if b.kind == "import"]
        put_in = tuple(filled(self._project, path)) if source.is_python else ()
        file = self._files[path] = _File(view, LiveNames(bindings), list(source.nodes(*_CALLS)), imports, put_in)
        self._advance(file)
        for reader in self._readers[folder_of(path)]:
            if reader.file:
                reader.file(view)
                for call, items in self._found.opened:
                    self._asking.open(reader, call, items)
                self._found.opened.clear()
        source.forget()

    def following(self, unread: Iterable[str]) -> list[str]:
        """The files to be read next."""
        self._project.forget()
        offered = self._settle()
        clients = {name for name in self._by_name.names() if len(name) >= _SHORTEST_NAME} - self._clients
        names = self._found.called | self._wrappers.telling_methods()
        methods = ({f".{name}{after}".encode() for name in names for after in _CALLED} | _LOADERS) - self._clients
        plain = {f".{name}".encode() for name in self._wrappers.methods() - names}
        self._clients |= clients | methods
        used = self._by_name.use()
        fresh_globals, self._sought = self._globals - self._sought, set(self._globals)
        kept = re.compile(rb"\b(?:%s)\b" % b"|".join(sorted(name.encode() for name in fresh_globals))) if fresh_globals else None
        by_folder: defaultdict[str, list[str]] = defaultdict(list)
        for path in unread:
            by_folder[folder_of(path)].append(path)
        found: list[str] = []
        for folder, paths in by_folder.items():
            # What a file offers is imported by files of its own language alone.
            needles = {needle for path, needle in offered if folder_of(path) == folder}
            named = clients | methods if self._telltales.get(folder) else set()
            on_global = {name.encode() for name in fresh_globals} if folder == "typescript" else set[bytes]()
            untold = plain if folder == "typescript" else set[bytes]()
            for path in containing(self._project.tree, paths, needles | named | on_global | untold):
                data = self._project.data(path)
                by_name = named and ((used is not None and used.search(data)) or any(m in data for m in methods))
                by_name = by_name or (untold and self._wrappers.plainly_called(data))
                by_name = by_name or (on_global and kept is not None and kept.search(data))
                if by_name or self._imports_live(path):
                    found.append(path)
        filled = {filling.call.view.source.path for filling in self._wrappers.fillings} | {path for path, _ in self._found.wanted}
        return sorted({*found, *(path for path in unread if path in filled or path in self._asking.handed)})

    def finish(self) -> None:
        """What only the whole project can tell: clients reached by name alone, callers of wrappers, every mention."""
        for reader, call in self._by_name.tied():
            self._asking.follow(reader, call)
        for reader, call, items, uses in self._by_name.stood_in():
            self._wrappers.watch(reader, call, items)
            for use in uses:
                self._wrappers.use(use)
        self._asking.fill()
        for file in counted(self._progress, "listing mentions", self._files.values()):
            live = None if self._everything else file.live
            file.view.add(*references(file.view, self._leading.matters, live))
            file.view.source.forget()
        self._wrappers.resolve()
        self._asking.handed_lists.resolve(self._found, self._wrappers.calls_of, self._wrappers.mark)
        self._asking.left_open.resolve(self._found, self._wrappers.mark)

    # -- names --------------------------------------------------------------------------------------------------------

    def _settle(self) -> set[tuple[str, bytes]]:
        """Look again into the files that were read, until nothing new comes of it; gives what they offer, see `Offers.fresh`."""
        offered: set[tuple[str, bytes]] = set()
        while True:
            self._asking.fill()
            known = [(path, function) for path, function in self._found.wanted if path in self._files]
            for path, function in [*self._wrappers.layers(), *self._tied_wrappers(), *known]:
                self._offer_when_read(path, function)
            self._found.wanted[:] = [each for each in self._found.wanted if each[0] not in self._files]
            fresh, methods = self._offers.fresh(), len(self._wrappers.methods()) + len(self._globals)
            if not fresh and methods == self._methods:
                return offered
            self._methods = methods
            offered |= fresh
            for file in counted(self._progress, "following names", self._files.values()):
                self._advance(file)

    def _tied_wrappers(self) -> Iterator[tuple[str, Node]]:
        """(path, function) of the functions around calls that are tied to a client by name, where the call leaves the job open."""
        for reader, call in self._by_name.tied():
            key = (call.view.source.path, call.node.id)
            if key not in self._tied and reader.call is not None:
                self._tied.add(key)
                if not all(item.name for item in told_by(self._found, reader, call)):
                    opened = self._wrappers.around(reader, call)
                    if opened is not None:
                        self._wrappers.note(opened)
                        yield call.view.source.path, opened.function

    def _advance(self, file: _File) -> None:
        """Look into every call that has become worth it."""
        while True:
            grown = file.live.grow(self._woken(file))
            # What was not worth it before is so only by a name that has come to matter since.
            names = len(file.live) + len(self._wrappers.methods())
            ready = [node for node in file.waiting if self._everything or self._is_live(file, node)] if names > file.names else []
            file.names = names
            if ready:
                known = {node.id for node in ready}
                file.waiting = [node for node in file.waiting if node.id not in known]
            for node in ready:
                self._asking.ask(self._asking.call(file.view, node))
            self._offer_names(file)
            if not ready and not grown:
                return

    def _woken(self, file: _File) -> set[bytes]:
        """Names that are live for a reason outside of the file."""
        names = {name.encode() for name in self._offers.of(file.path)} | self._asking.handed.get(file.path, set())
        if self._helpers and not file.view.source.is_python:
            names |= self._helpers
        if self._globals and not file.view.source.is_python:
            names |= _GLOBAL_OBJECT | {name.encode() for name in self._globals}
        live = [b for b in file.dead if self._leads(file.path, b)] if file.known < self._offers.version else []
        file.known = self._offers.version
        if live:
            file.dead = [b for b in file.dead if b not in live]
        for binding in live:
            names.add(binding.name.encode())
            if binding.name == NAMESPACE:
                # What `from x import *` binds is known to x alone.
                names |= file.live.every()
        return names

    def _leads(self, path: str, binding: Binding) -> bool:
        if self._offers.imported(path, binding.name, binding.module, binding.member):
            return True
        package = self._project.package_of(path, binding.module)
        named = outside((*package, binding.member))
        known = package[0] in self._packages or named[0] in self._packages or ".".join(package) in _LOOKUPS
        matters = known or partly(package if binding.member == NAMESPACE else named, self._project.data(path))
        return matters and not self._project.resolve(path, binding.module)

    def _imports_live(self, path: str) -> bool:
        """True if an unread file imports, or passes on, anything that leads to a job system."""
        return any(self._offers.imported(path, *taken) for taken in self._project.imports(path).taken)

    def _offer_names(self, file: _File) -> None:
        """Note which of the file's names lead on, for others to import."""
        path, source = file.path, file.view.source
        bindings = self._project.bindings(path)
        for name, bound in bindings.module.items():
            if name in self._offers.of(path) or name.encode() not in file.live:
                continue
            first = bound[0]
            if first.kind == "import":
                # What a package's `__init__.py` has from a job system is there for others to take. What is of the tree is found without.
                outside = source.is_python and not self._project.resolve(path, first.module)
                handed_on = name != first.member or (path.endswith("/__init__.py") and self._is_outside(path, first.module))
                leads = outside and handed_on and first not in file.dead
                for at, offered in self._leading.filled_from(source, name) if not source.is_python else ():
                    self._offers.add(at, offered)
            else:
                leads = self._leading.name_leads(source, name) or self._leading.filled_leads(source, name)
            if leads:
                self._offers.add(path, name)
        for export in bindings.exports().values():
            if export.name not in self._offers.of(path) and self._exports_live(file, export.name):
                self._offers.add(path, export.name)
        if DEFAULT in self._offers.of(path):
            for name in self._given_whole(file):
                self._offers.add(path, name)
        if any(self._is_outside(path, module) for module in bindings.star_exports()):
            self._offers.add(path, NAMESPACE)
        for table, value in file.filled:
            if table.name not in self._offers.of(table.path) and self._leading.leads(self._evaluator.of(source, value)):
                self._offers.add(table.path, table.name)
                # What the file of the table makes of it may be for others to import, too.
                declared = self._project.bindings(table.path).module.get(table.name, [])
                self._found.wanted += [(table.path, binding.node) for binding in declared[:1]]
        for kept in self._project.global_object.put_by(path):
            if kept.name in self._globals or not file.live.within(kept.place.node):
                continue
            if self._leading.leads(self._evaluator.meaning(kept.place)):
                if kept.name:
                    self._globals.add(kept.name)
                else:
                    file.view.unresolved(kept.place.node, "kept on the global object under a key that only the run knows")

    def _is_outside(self, path: str, module: str) -> bool:
        """True for a module of a job system's package."""
        return self._project.package_of(path, module)[0] in self._packages and not self._project.resolve(path, module)

    def _exports_live(self, file: _File, name: str) -> bool:
        """True if the file exports something that leads on under a name that nothing in it has, or as its default."""
        export = self._project.bindings(file.path).exports()[name]
        if export.module and self._is_outside(file.path, export.module):
            return True
        source, taken = file.view.source, self._project.bindings(file.path).module.get(export.local, [])[:1]
        if not source.is_python and any(b.kind == "import" and self._is_outside(file.path, b.module) for b in taken):
            # `import { Queue } from "bullmq"` and `export { Queue }`
            return self._leading.matters(self._evaluator.name(source, export.local, source.root))
        if export.module or (export.local and export.local != name):
            return export.local in self._offers.of(file.path) or self._offers.leads(file.path, name)
        if export.local or export.value is None or not file.live.within(export.value):
            return export.name == DEFAULT and export.local in self._offers.of(file.path)
        return self._leading.leads(self._evaluator.of(file.view.source, export.value))

    def _given_whole(self, file: _File) -> Iterator[str]:
        """The members that lead on of an object that CommonJS gives out without naming them: `queues`, `{ ...queues }`."""
        source, default = file.view.source, self._project.bindings(file.path).exports().get(DEFAULT)
        if default is None or not default.commonjs or default.value is None:
            return
        spread = any(child.type == "spread_element" for child in default.value.named_children)
        whole = Place(source, default.value)
        entries = self._evaluator.entries(whole) if default.value.type != "object" or spread else {}
        later = entries_of(self._evaluator, whole) if default.value.type == "identifier" else ()
        put_in = ((key.text if key.node.type == "property_identifier" else self._evaluator.text(key), value) for key, value in later)
        for name, entry in (*entries.items(), *put_in):
            if name and name not in self._offers.of(file.path) and self._leading.leads(self._evaluator.meaning(entry)):
                yield name

    def _offer_when_read(self, path: str, function: Node) -> None:
        """Note the names of a function that wraps a client; a file that is only known for what it is handed is read for that first."""
        if path in self._files:
            self._offer_around(self._files[path], function)
        else:
            self._found.wanted.append((path, function))

    def _offer_around(self, file: _File, node: Node) -> None:
        """Note every name under which the function around `node` can be reached."""
        source, bindings = file.view.source, self._project.bindings(file.path)
        names: set[bytes] = set()
        top = node
        for ancestor in ancestors(node):
            name = child(ancestor, "name") or child(ancestor, "key")
            if name is not None:
                names.add(source.text(name).encode())
            if ancestor.parent is not None:
                top = ancestor
        file.live.grow(names)
        for name, bound in bindings.module.items():
            if any(top.start_byte <= b.node.start_byte < top.end_byte for b in bound if b.kind != "import"):
                self._offers.add(file.path, name)
        owner, own = enclosing_class(node), name_of(node)
        # Calls of a method with a name of its own are looked for by that name, whatever they are called on.
        known = own is not None and source.text(own) in self._wrappers.telling_methods()
        for above in above_all(self._evaluator, Place(source, owner)) if owner is not None and not known else ():
            named = name_of(above.place.node)
            if named is not None:
                self._offers.add(above.place.source.path, above.place.source.text(named))
        for export in bindings.exports().values():
            if export.value is not None and top.start_byte <= export.value.start_byte < top.end_byte:
                self._offers.add(file.path, export.name)

    def _is_live(self, file: _File, node: Node) -> bool:
        function = called_of(node)
        if function is None:
            return False
        if file.live.within(function):
            return True
        name = child(function, "attribute") or child(function, "property") or function
        told = name.text in self._telltales[folder_of(file.path)] or file.view.source.text(name) in self._wrappers.methods()
        return told or hands_on(node, file.live)
