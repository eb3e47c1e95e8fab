"""The files of a tree, parsed on demand, and what an import in one of them leads to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator
from contextlib import contextmanager
from functools import cached_property
from weakref import WeakValueDictionary

from migrator.regex import regex
from migrator.scanners.files import Tree
from migrator.scanners.linking.global_object import GlobalObject
from migrator.scanners.linking.outside import outside
from migrator.scanners.linking.python_modules import PythonModules
from migrator.syntax.bindings import Bindings
from migrator.syntax.export_text import ExportText, exports_of
from migrator.syntax.import_text import ImportText, imports_of
from migrator.syntax.source import SUFFIXES, Source, parse
from migrator.syntax.typescript_modules import TypeScriptModules

#: how Deno and browsers name a package of a registry: by a scheme, or by the address of a mirror
_REGISTRY = regex(
    r"^(?:(?:npm|jsr):/?|https?://(?:esm\.sh|esm\.run|cdn\.skypack\.dev|unpkg\.com|cdn\.jsdelivr\.net/npm)/(?:v\d+/|stable/)?)"
    r"(?P<name>(?:@[^/@]+/)?[^/@?]+)(?:@[^/?]+)?(?P<path>/[^?]*)?(?:\?.*)?$"
)

#: packages that JSR has under another name than npm
_ON_JSR = {"@inngest/sdk": "inngest"}


def _bare(module: str) -> str:
    """A specifier as Node knows it: `npm:bullmq@5` and `https://esm.sh/bullmq@5` are `bullmq`."""
    match = _REGISTRY.match(module)
    return f"{_ON_JSR.get(match['name'], match['name'])}{match['path'] or ''}" if match is not None else module


class Project:
    """Read-only view of a tree. Nothing in it is ever run."""

    def __init__(self, tree: Tree, outside: Collection[str], naming_global: Collection[str] = ()) -> None:
        """`outside`: top-level packages that are never a folder of the tree: the job systems' own.

        `naming_global`: the files that name JavaScript's global object.
        """
        self.tree = tree
        self.global_object = GlobalObject(frozenset(naming_global), self.glance, self.bindings, self.data)
        self._parsed: dict[str, int] = {}  #: the bytes of every file that was parsed
        # Kept for the whole scan: only files that use a job system, or are imported by one that does, are ever asked for.
        self._sources: dict[str, Source] = {}
        #: files that were only looked at, for as long as anything that was found in them is kept: a file never stands there twice
        self._released: WeakValueDictionary[str, Source] = WeakValueDictionary()
        self._bindings: dict[str, Bindings] = {}
        self._imports: dict[str, ImportText] = {}
        self._exports: dict[str, ExportText] = {}
        self._code: dict[bool, list[str]] = {}
        self._python = PythonModules(tree, outside)
        self._typescript = TypeScriptModules(tree)

    def source(self, path: str) -> Source:
        """The file `path`, parsed."""
        source = self._sources.get(path)
        if source is None:
            source = self._released.pop(path, None)
            if source is None:
                data = self.tree.read(path)
                self._parsed[path] = len(data)
                source = parse(path, data)
            self._sources[path] = source
        return source

    @property
    def parsed(self) -> int:
        """How many files were parsed."""
        return len(self._parsed)

    @property
    def bytes_read(self) -> int:
        """How many bytes these have."""
        return sum(self._parsed.values())

    @contextmanager
    def glance(self, path: str) -> Generator[Source]:
        """The file `path`, parsed; let go of afterwards if nobody had asked for it before."""
        held = path in self._sources
        yield self.source(path)
        if not held:
            self.release(path)

    def release(self, path: str) -> None:
        """Let go of a file in which nothing was found. It is parsed once more if it is asked for again."""
        source = self._sources.pop(path, None)
        self._bindings.pop(path, None)
        if source is not None:
            source.forget()
            self._released[path] = source

    def forget(self) -> None:
        """Let go of the nodes that files were asked for: most are asked once, all are kept for what may be asked of them."""
        for source in self._sources.values():
            source.forget()

    def bindings(self, path: str) -> Bindings:
        """The names of the file `path`."""
        bindings = self._bindings.get(path)
        if bindings is None:
            self._bindings[path] = bindings = Bindings(self.source(path))
        return bindings

    def imports(self, path: str) -> ImportText:
        """What the file `path` imports and passes on, read off its text: it is not parsed for that."""
        found = self._imports.get(path)
        if found is None:
            self._imports[path] = found = imports_of(self.data(path), python=path.endswith((".py", ".pyi")))
        return found

    def importers(self, path: str, name: str) -> list[str]:
        """The files of Python that may import the file `path` as a whole, or `name` from it."""
        return sorted({importer for each in (name, *self._python.last_names(path)) for importer in self._importers.get(each, ())})

    @cached_property
    def _importers(self) -> dict[str, list[str]]:
        """A name that is imported, or the last part of a module -> the files of Python that import it, or from it."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.code(python=True):
            taken = self.imports(path).taken
            for name in {part for _, module, member in taken for part in (member, module.rpartition(".")[2])}:
                found[name].append(path)
        return found

    def exports(self, path: str) -> ExportText:
        """What a file of TypeScript or JavaScript may export, read off its text: it is not parsed for that."""
        found = self._exports.get(path)
        if found is None:
            self._exports[path] = found = exports_of(self.data(path))
        return found

    def data(self, path: str) -> bytes:
        """The bytes of a file, which is not parsed for that."""
        source = self._sources.get(path)
        return source.data if source is not None else self.tree.read(path)

    def code(self, *, python: bool) -> list[str]:
        """The files of Python, or those of TypeScript and JavaScript, by path."""
        if python not in self._code:
            found = sorted(path for path in self.tree.sizes if path.endswith(tuple(SUFFIXES)))
            self._code = {kind: [path for path in found if path.endswith((".py", ".pyi")) == kind] for kind in (True, False)}
        return self._code[python]

    def module_of(self, path: str) -> str:
        """The name under which other code imports a file: a dotted module in Python, the path itself in TypeScript."""
        return self._python.name_of(path) if path.endswith((".py", ".pyi")) else path

    def resolve(self, importer: str, module: str) -> str:
        """The file that `module`, imported by the file `importer`, stands for; empty when it is not in the tree."""
        if importer.endswith((".py", ".pyi")):
            return self._python.resolve(importer, module)
        return self._typescript.resolve(importer, module)

    def package_of(self, importer: str, module: str) -> tuple[str, ...]:
        """How a module outside the tree is named in keys: `("celery", "schedules")`, `("inngest/next",)`."""
        if importer.endswith((".py", ".pyi")):
            return outside(tuple(module.lstrip(".").split(".")))
        return (_bare(module),)
