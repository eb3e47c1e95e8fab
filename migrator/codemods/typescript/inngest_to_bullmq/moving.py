"""The edits that move functions: definitions, clients, lists and endpoints, imports, generated files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.imports import (
    Imported,
    add,
    imported,
    is_commonjs,
    lines_out,
    literal,
    names_in,
    relative,
    remove,
    suffix_style,
)
from migrator.codemods.typescript.inngest_to_bullmq import endpoints as of_endpoints
from migrator.codemods.typescript.inngest_to_bullmq.clients import ClientSite
from migrator.codemods.typescript.inngest_to_bullmq.definitions import define
from migrator.codemods.typescript.inngest_to_bullmq.generated import Place, place_for, queue_name, redis_address, route, runtime_files
from migrator.codemods.typescript.inngest_to_bullmq.renaming import Renaming
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.codemods.typescript.inngest_to_bullmq.survey import OFFERED, Survey
from migrator.codemods.typescript.inngest_to_bullmq.tables import append_routes, append_workers, constant, existing_rows
from migrator.codemods.typescript.inngest_to_bullmq.usage import names_within, unused
from migrator.jobs import Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import field, walk

#: errors and triggers that a file of moved functions may take from the runtime while others stay on Inngest
_SWAPPED = ("NonRetriableError", "RetryAfterError", "StepError", "cron")
_NAMES = ("jobs", "backgroundJobs", "queuedJobs", "bullmqJobs")


class Moving:
    """Collects what changes. `edits`, `new_files` and `removed` are complete after `make`."""

    def __init__(self, survey: Survey) -> None:
        self.survey, self.project = survey, survey.project
        self.edits: list[Edit] = []
        self.new_files: dict[str, str] = {}
        self.removed: list[str] = []
        self.places: dict[str, Place] = {}
        self.queues: dict[str, str] = {}
        #: package -> functions that its worker runs now, in order
        self.running: dict[str, list[Function]] = defaultdict(list)
        self._cut: dict[str, list[Span]] = defaultdict(list)
        self._wanted: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._leaving: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, str] = {}

    @property
    def defined(self) -> list[Function]:
        """The functions whose definitions change: those that move, and with the last of them those that no endpoint lists."""
        return [*self.survey.moved, *(self.survey.asleep if self.survey.whole else [])]

    def make(self) -> None:
        """Work out everything."""
        # The runtime stands beside the client that most functions are made with.
        makers = Counter(f.client for f in self.survey.functions)
        for client in sorted(self.survey.clients, key=lambda c: -makers[c.key]):
            package = self.project.package_of(client.path)
            if package not in self.places:
                suffix = suffix_style(
                    self.project, client.path, "jobs.ts" if client.path.endswith((".ts", ".tsx", ".mts")) else client.path
                )
                self.places[package] = place_for(self.project, client, suffix, commonjs=is_commonjs(self.project, client.path))
        self._queues()
        for client in self.survey.clients:
            self._client(client)
        for function in self.defined:
            self._definition(function)
        self._endpoints()
        self._swap()
        self._imports()
        self._files()
        self.edits = list(_standing(e for e in self.edits if e.path not in self.removed))

    def queue_of(self, function: Function) -> str:
        """The queue of a function that moves."""
        return self.queues[function.key]

    def name_of(self, client: ClientSite) -> str:
        """What the client's place in code is called now."""
        return self._names.get(client.key, client.item.symbol)

    def _queues(self) -> None:
        for function in self.survey.moved:
            client = self.survey.client_of(function)
            self.queues[function.key] = queue_name(client, function) if client is not None else function.job.name
            self.running[self.project.package_of(function.path)].append(function)

    # -- clients ------------------------------------------------------------------------------------------------------

    def _client(self, client: ClientSite) -> None:
        if client.call is None or client.statement is None:
            return
        kind = f"<{client.events}>" if client.events and client.path.endswith((".ts", ".tsx", ".mts", ".cts")) else ""
        logger = ", logger" if client.logger == "logger" else f", logger: {client.logger}" if client.logger else ""
        pass_on = "" if self.survey.whole else f", passOn: {client.item.symbol}"
        made = f"createJobs{kind}({{ id: {literal(client.source, client.item.name)}{logger}{pass_on} }})"
        existing = constant(client.source)
        name = existing or self._free_name(client)
        if self.survey.whole:
            self._replace(client, made, existing)
            return
        self._names[client.key] = name
        if client.through is None:
            start, end = client.call.start_byte, client.call.end_byte
            self.edits += [Edit(client.path, Span(start, start), "throughQueues("), Edit(client.path, Span(end, end), ")")]
            self._want(client.path, "throughQueues", client)
        uses = [f for f in self.survey.moved if f.client == client.key]
        if uses and not existing:
            after = client.statement.end_byte
            commonjs = is_commonjs(self.project, client.path)
            export = "" if commonjs else "export "
            if commonjs:
                self.edits += _offered(client, name)
            end = ";" if client.source.data[after - 1 : after] == b";" else ""
            self.edits.append(Edit(client.path, Span(after, after), f"\n\n{export}const {name} = {made}{end}"))
            self._want(client.path, "createJobs", client)
            for helper in client.helpers:
                self._want(client.path, f"type {helper}", client)

    def _replace(self, client: ClientSite, made: str, existing: str) -> None:
        """Nothing stays: the client's place is taken by one that only knows queues."""
        assert client.call is not None  # noqa: S101 - seen to by the caller
        assert client.statement is not None  # noqa: S101
        renaming = Renaming(self.project, client)
        name = existing or client.item.symbol
        if not existing and "inngest" in name.lower():
            name = next((n for n in _NAMES if renaming.possible(n)), name)
        if existing:
            self.edits.append(Edit(client.path, lines_out(client.source, [client.statement])[0], ""))
            self._cut[client.path].append(span(client.statement))
            call = _made(client)
            if call is not None:
                self.edits.append(Edit(client.path, span(call), made))
        else:
            self.edits.append(Edit(client.path, span(client.through or client.call), made))
            self._cut[client.path].append(span(client.through or client.call))
            self._want(client.path, "createJobs", client)
            for helper in client.helpers:
                self._want(client.path, f"type {helper}", client)
        if name != client.item.symbol:
            gone = [span(n) for n in (client.statement, _made(client)) if existing and n is not None]
            self.edits += [e for e in renaming.edits(name) if e.path != client.path or not any(_in(e.span, g) for g in gone)]
        self._names[client.key] = name

    def _free_name(self, client: ClientSite) -> str:
        files = {client.path, *(f.path for f in self.survey.moved if f.client == client.key)}
        used = {n for path in files for n in names_in(self.project.source(path))}
        return next(n for n in (*_NAMES, "inngestJobs", "movedJobs") if n not in used)

    # -- definitions and endpoints ------------------------------------------------------------------------------------

    def _definition(self, function: Function) -> None:
        client = self.survey.client_of(function)
        if client is None or function.receiver is None:
            return
        local = function.source.text(function.receiver)
        if self.survey.whole:
            # The renaming of the client has seen to the receiver, if it has a new name at all.
            self.edits += define(function, local)
        else:
            name = self._names[client.key]
            self.edits += define(function, name)
            self._cut[function.path].append(span(function.receiver))
            if function.path != client.path:
                self._wanted[function.path].add((name, client.path))
        self._export(function)

    def _export(self, function: Function) -> None:
        """A worker has to reach it by its name."""
        if function.job.live is False or function.job.definition is None or exported_name(self.survey, function):
            return
        if self._lists(self.project.package_of(function.path)):
            return
        start = function.job.definition.start
        self.edits.append(Edit(function.path, Span(start, start), "export ", function.job.name))

    def _endpoints(self) -> None:
        if not self.survey.whole:
            for edit in of_endpoints.narrows(self.project, self.survey.endpoints, self.survey.moved):
                self.edits.append(edit)
                self._cut[edit.path].append(edit.span)
            return
        for endpoint in self.survey.endpoints:
            how = of_endpoints.removal(self.project, endpoint)
            if how is None:
                continue
            edits, gone = of_endpoints.takes_out(self.project, endpoint, how)
            self.edits += edits
            self.removed += gone
            for edit in edits:
                self._cut[edit.path].append(edit.span)

    # -- imports ------------------------------------------------------------------------------------------------------

    def _want(self, path: str, name: str, client: ClientSite) -> None:
        self._wanted[path].add((name, self.places[self.project.package_of(client.path)].file("jobs")))

    def _swap(self) -> None:
        """Names of the SDK that the runtime has too."""
        for path, entries in self.survey.imports.items():
            package = self.project.package_of(path)
            if path in self.removed or package not in self.places:
                continue
            for entry in entries:
                if entry.local and entry.module == "inngest" and self._swaps(entry.name):
                    self._leaving[path].add(entry.local)
                    self._wanted[path].add((_spelt(entry), self.places[package].file("jobs")))

    def _swaps(self, name: str) -> bool:
        if self.survey.whole:
            return name in OFFERED
        users = [p for p, entries in self.survey.imports.items() if any(e.name == name for e in entries)]
        return name in _SWAPPED and all(self._all_moved(p) for p in users)

    def _all_moved(self, path: str) -> bool:
        """True for a file that defines functions, all of which move."""
        of_file = [f for f in self.survey.functions if f.path == path]
        return bool(of_file) and all(f in self.survey.moved for f in of_file)

    def _imports(self) -> None:
        for path in sorted({*self._cut, *self._wanted, *self._leaving}):
            if path in self.removed:
                continue
            source = self.project.source(path)
            candidates = {e.local for e in imported(source) if e.local}
            gone = unused(source, self._cut[path], candidates & names_within(source, self._cut[path])) if self._cut[path] else []
            leaving = [e for e in imported(source) if e.local in self._leaving[path]]
            if self.survey.whole:
                leaving += [e for e in self.survey.imports.get(path, []) if e.name in ("Inngest", "EventSchemas") and e not in leaving]
            leaving = list({(e.statement.id, e.local): e for e in (*gone, *leaving)}.values())
            # An earlier run may have brought it in.
            there = {(_spelt(e), self.project.resolve(path, e.module)) for e in imported(source) if e not in leaving}
            wanted = self._wanted[path] - there
            leaving = self._redirected(path, leaving, wanted)
            for entry, name, target in self._exchanged(path, leaving, wanted):
                self.edits.append(Edit(path, span(entry), name))
                wanted.discard((name, target))
                leaving = [e for e in leaving if e.specifier != entry]
            self.edits += remove(source, leaving)
            for target in sorted({t for _, t in wanted}):
                names = [n for n, t in wanted if t == target]
                beside = self._beside(source, target, leaving) if not any(n.startswith("type ") for n in names) else None
                if target != path and beside is not None:
                    self.edits.append(Edit(path, Span(beside.end_byte, beside.end_byte), "".join(f", {n}" for n in sorted(names))))
                elif target != path:
                    self.edits += add(self.project, path, names, relative(self.project, path, target), "")

    def _beside(self, source: Source, target: str, leaving: list[Imported]) -> Node | None:
        """The last name in braces of an import of `target` that stays whole: more can stand behind it."""
        changed = {e.statement.id for e in leaving}
        found = [
            e.specifier
            for e in imported(source)
            if e.specifier is not None
            and e.specifier.type == "import_specifier"
            and not e.type_only
            and e.statement.id not in changed
            and self.project.resolve(source.path, e.module) == target
        ]
        return found[-1] if found else None

    def _redirected(self, path: str, leaving: list[Imported], wanted: set[tuple[str, str]]) -> list[Imported]:
        """Import lines whose names all come from one other file now, which they name in place; gives what of `leaving` is left."""
        source = self.project.source(path)
        for statement in {e.statement.id: e.statement for e in leaving if e.statement.type == "import_statement"}.values():
            entries = [e for e in imported(source) if e.statement.id == statement.id]
            names = {_spelt(e) for e in entries}
            targets = {t for n, t in wanted if n in names}
            where = field(statement, "source")
            if where is None or len(targets) != 1 or not all(e in leaving and e.specifier is not None for e in entries):
                continue
            target = targets.pop()
            if names <= {n for n, t in wanted if t == target}:
                self.edits.append(Edit(path, span(where), literal(source, relative(self.project, path, target))))
                wanted -= {(n, target) for n in names}
                leaving = [e for e in leaving if e.statement.id != statement.id]
        return leaving

    def _exchanged(self, path: str, leaving: list[Imported], wanted: set[tuple[str, str]]) -> list[tuple[Node, str, str]]:
        """(specifier, name, file): names that leave an import of the very file from which another one is wanted."""
        found: list[tuple[Node, str, str]] = []
        for name, target in sorted(wanted):
            free = [
                e.specifier
                for e in leaving
                if e.specifier is not None
                and self.project.resolve(path, e.module) == target
                and not any(e.specifier == taken for taken, _, _ in found)
            ]
            if free:
                found.append((free[0], name, target))
        return found

    # -- files --------------------------------------------------------------------------------------------------------

    def _files(self) -> None:
        _, redis = redis_address(self.project)
        rows = [route(f, self.queue_of(f)) for f in self.survey.moved]
        compares = any("compare(" in g for f in self.survey.moved for _, g in f.facts.events)
        for package, place in self.places.items():
            if place.exists:
                fresh = [f for f in self.survey.moved if self.queue_of(f) not in existing_rows(self.project, place)]
                texts = [route(f, self.queue_of(f)) for f in fresh]
                self.edits += append_routes(self.project, place, texts, compares=compares)
                self.edits += append_workers(self.project, place, self.worker_imports(package))
                run = place.file("run")
                if self.running[package] and run not in self.project:
                    # An earlier run only made it send; from now on it has a worker.
                    self.new_files[run] = runtime_files(place, redis, rows, compares=compares)[run]
                continue
            files = runtime_files(place, redis, rows, compares=compares)
            if not self.running[package]:
                # A package that only sends has no worker.
                files.pop(place.file("run"))
            self.new_files.update(files)

    def worker_imports(self, package: str) -> list[tuple[str, list[str]]]:
        """(import line, what of it the worker starts) for each file that a package's worker loads."""
        worker = self.places[package].file("worker")
        lists = self._lists(package)
        wanted = [(p, n, n, True) for p, n in lists] or [
            (f.path, exported_name(self.survey, f) or f.job.symbol, _camel(f.job.name), False) for f in self.running[package]
        ]
        taken: set[str] = {"startWorkers"}
        bound: dict[str, list[tuple[str, str, str]]] = {}
        for path, name, fallback, several in wanted:
            local = name if name != "default" else fallback
            while local in taken:
                local = f"{local}Job"
            taken.add(local)
            bound.setdefault(relative(self.project, worker, path), []).append((name, local, f"...{local}" if several else local))
        lines: list[tuple[str, list[str]]] = []
        for module, names in sorted(bound.items()):
            default = [local for name, local, _ in names if name == "default"]
            named = [name if name == local else f"{name} as {local}" for name, local, _ in names if name != "default"]
            parts = [*default, *([f"{{ {', '.join(named)} }}"] if named else [])]
            lines.append((f'import {", ".join(parts)} from "{module}";', [started for _, _, started in names]))
        return lines

    def _lists(self, package: str) -> list[tuple[str, str]]:
        """The application's own lists, where Inngest is gone and they hold just what moves."""
        if not self.survey.whole or self.places[package].exists:
            return []
        return of_endpoints.lists(self.project, self.survey.endpoints, self.running[package])


def _spelt(entry: Imported) -> str:
    """A name as an import line has it: `a`, `a as b`."""
    return entry.name if entry.name == entry.local else f"{entry.name} as {entry.local}"


def _standing(edits: Iterable[Edit]) -> Iterator[Edit]:
    """All but the changes of code that another edit takes out whole: a client's new name within an import that goes."""
    known = list(edits)
    out: dict[str, list[Span]] = defaultdict(list)
    for edit in known:
        if not edit.text:
            out[edit.path].append(edit.span)
    for edit in known:
        start, end = edit.span.start, edit.span.end
        if not any(
            s != edit.span and s.start <= start and end <= s.end and (start < end or s.start < start < s.end) for s in out[edit.path]
        ):
            yield edit


def exported_name(survey: Survey, function: Function) -> str:
    """The name under which a function's file offers it; empty if it does not."""
    exports = survey.project.bindings(function.path).exports()
    if function.job.symbol == "default":
        return "default"
    return next((e.name for e in exports.values() if e.local == function.job.symbol), "")


def _offered(client: ClientSite, name: str) -> list[Edit]:
    """`jobs` among what a CommonJS file exports, if it exports anything."""
    source = client.source
    for node in walk(source.root, ("assignment_expression",)):
        left, right = field(node, "left"), field(node, "right")
        if left is None or right is None or source.text(left) != "module.exports":
            continue
        if right.type == "object" and right.named_children:
            last = right.named_children[-1].end_byte
            return [Edit(client.path, Span(last, last), f", {name}")]
        after = node.parent.end_byte if node.parent is not None else node.end_byte
        return [Edit(client.path, Span(after, after), f"\nmodule.exports.{name} = {name};")]
    if b"exports." in source.data:
        end = len(source.data)
        return [Edit(client.path, Span(end, end), f"\nmodule.exports.{name} = {name};\n")]
    return []


def _made(client: ClientSite) -> Node | None:
    """The `createJobs(…)` that an earlier run has put beside the client."""
    name = constant(client.source)
    for declarator in walk(client.source.root, ("variable_declarator",)):
        if name and client.source.text(field(declarator, "name") or declarator) == name:
            return field(declarator, "value")
    return None


def _camel(text: str) -> str:
    parts = [p for p in "".join(c if c.isalnum() else " " for c in text).split() if p]
    joined = parts[0] + "".join(p.capitalize() for p in parts[1:]) if parts else "job"
    return joined if joined[0].isalpha() else f"job{joined}"


def _in(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
