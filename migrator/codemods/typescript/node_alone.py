"""Does Node load plain JavaScript as it stands, or is it written for a bundler?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from migrator.codemods.typescript.imports import imported, is_commonjs
from migrator.codemods.typescript.project import Project
from migrator.syntax.typescript_modules import read_jsonc

_JAVASCRIPT = (".js", ".mjs", ".cjs")


def runs_alone(project: Project, paths: Iterable[str], suffix: str) -> bool:
    """True if Node loads these JavaScript files with all that they import. `suffix` is what imports of the files to come end with."""
    pending, seen = list(paths), set[str]()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        end = posixpath.splitext(path)[1]
        if end == ".json":
            continue
        module = not is_commonjs(project, path)
        if end not in _JAVASCRIPT or (module and (not suffix or not _as_module(project, path, end))):
            return False
        for entry in imported(project.source(path)):
            target = project.resolve(path, entry.module)
            if not target:
                continue
            if not entry.module.startswith(".") and not _is_package(project, path, entry.module):
                return False  # `@/models/user` is known to bundlers only
            if (
                module
                and entry.module.startswith(".")
                and posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.module)) != target
            ):
                return False  # modules are asked for by the whole name of their file
            pending.append(target)
    return True


def aliases_file(project: Project, folder: str) -> str:
    """The `jsconfig.json` of a package that gives folders other names, which tsx has to be told of; empty if there is none."""
    path = posixpath.join(folder, "jsconfig.json")
    if path not in project or posixpath.join(folder, "tsconfig.json") in project:
        return ""
    options = read_jsonc(project.read(path)).get("compilerOptions")
    return "jsconfig.json" if isinstance(options, dict) and options.get("paths") else ""


def _as_module(project: Project, path: str, end: str) -> bool:
    """True where Node takes the file for an ES module. One without imports and exports is either."""
    if end == ".mjs" or project.manifest(project.package_of(path)).get("type") == "module":
        return True
    return not any(n.type in ("import_statement", "export_statement") for n in project.source(path).root.named_children)


def _is_package(project: Project, path: str, module: str) -> bool:
    name = "/".join(module.split("/")[: 2 if module.startswith("@") else 1])
    return module.startswith("#") or name in project.dependencies(project.package_of(path))
