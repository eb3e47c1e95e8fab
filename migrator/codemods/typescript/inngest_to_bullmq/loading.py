"""Can a worker process load this module? It must not start a server by being loaded, nor need a framework's bundler."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.codemods.typescript.imports import imported
from migrator.codemods.typescript.project import Project
from migrator.regex import regex
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, field, walk

#: Node's own modules, by their first name
_BUILT_IN = frozenset(
    (
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "timers",
        "tls",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    )
)
#: modules that only mean something inside a framework's server or build
_FRAMEWORK = ("client-only", "next/headers", "next/cache", "next/navigation", "next/server", "next/og", "next/font/google")
_VIRTUAL = ("$app/", "$env/", "$service-worker", "astro:", "cloudflare:", "virtual:", "#imports", "#app", "#build")
#: Node loads it where it is told `--conditions=react-server`
SERVER_ONLY = "server-only"
#: what renders React to text, which then does not
_RENDERERS = ("react-dom", "react-email", "@react-email", "resend", "jsx-email", "@vercel/og")
_ELEMENT = regex(rb"\breact\s*[:,}]")
#: what Node loads besides code
_DATA = (".json", ".node")
#: the end of a call that begins to serve
_STARTS = frozenset(("listen",))
_SERVERS = {("Bun", "serve"), ("Deno", "serve")}


class Loading:
    """Answers for one tree, each file once."""

    def __init__(self, project: Project, endpoints: frozenset[str]) -> None:
        """`endpoints`: files that serve Inngest."""
        self._project = project
        self._endpoints = endpoints
        self._own: dict[str, str] = {}

    def problem(self, path: str) -> str:
        """A clause that says why a worker cannot load the file `path`, with all that it imports; empty when it can."""
        for current in self._reached(path):
            own = self._own.get(current)
            if own is None:
                own = self._own[current] = self._problem_of(current)
            if own:
                return own if current == path else f"it imports {current}, and {own.replace('its file', 'that file')}"
        renderer = self.renderer(path)
        if renderer and self.server_only(path):
            return f"server-only and {renderer} do not go together outside of the framework"
        return ""

    def server_only(self, path: str) -> bool:
        """True if the file, or something that it imports, is marked as code for servers."""
        return any(SERVER_ONLY in self._modules(current) for current in self._reached(path))

    def renderer(self, path: str) -> str:
        """What renders React to text among all that the file imports, and where; empty if nothing does."""
        for current in self._reached(path):
            for module in sorted(self._modules(current)):
                named = any(module == name or module.startswith(f"{name}/") for name in _RENDERERS)
                # Mail is only rendered where it is given as an element.
                if named and (module != "resend" or _ELEMENT.search(self._project.read(current))):
                    return f"{module} (in {current})"
        return ""

    def _reached(self, path: str) -> Iterator[str]:
        """The file and all that it imports."""
        seen: set[str] = set()
        pending = [path]
        while pending:
            current = pending.pop()
            if current not in seen:
                seen.add(current)
                yield current
                pending.extend(self._imports(current))

    def _modules(self, path: str) -> set[str]:
        return {e.module for e in imported(self._project.source(path)) if not e.type_only}

    def _imports(self, path: str) -> Iterator[str]:
        for entry in imported(self._project.source(path)):
            if not entry.type_only:
                target = self._project.resolve(path, entry.module)
                if target:
                    yield target

    def _problem_of(self, path: str) -> str:
        source = self._project.source(path)
        if path in self._endpoints:
            return "its file also serves Inngest's endpoint; a worker has to be able to load the one without the other"
        started = _starts(source)
        if started:
            return f"its file starts a server (line {started})"
        for entry in imported(source):
            if not entry.type_only:
                problem = self._specifier(path, entry.module)
                if problem:
                    return problem
        return ""

    def _specifier(self, path: str, module: str) -> str:
        first = module.split("/")[0]
        if module.startswith("node:") or first in _BUILT_IN or self._project.resolve(path, module):
            return ""
        if module in _FRAMEWORK or module.startswith(_VIRTUAL):
            return f"its file imports {module}, which only works inside the framework"
        if "?" in module:
            return f"its file imports {module}, which only a bundler understands"
        if module.startswith("."):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
            if file.endswith(_DATA) and file in self._project:
                return ""
            return f"its file imports {module}, which is no code of this code base"
        name = "/".join(module.split("/")[: 2 if module.startswith("@") else 1])
        if module == SERVER_ONLY or name in self._project.dependencies(self._project.package_of(path)) or name.startswith("bun:"):
            return ""
        return f"its file imports {module}, which no package.json around it names"


def _starts(source: Source) -> int:
    """The line on which loading the file begins to serve; 0 if none does."""
    for node in walk(source.root, ("call_expression",), skip=FUNCTIONS | CLASSES):
        function = field(node, "function")
        name, owner = field(function, "property"), field(function, "object")
        if function is None or name is None or owner is None:
            continue
        text = source.text(name)
        if text in _STARTS or (source.text(owner), text) in _SERVERS:
            return node.start_point.row + 1
    return 0
