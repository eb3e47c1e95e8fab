"""How an application starts its scripts: by its lockfile, and by the runners that it has."""

from __future__ import annotations

import posixpath
import re

from migrator.codemods.typescript.node_alone import aliases_file
from migrator.codemods.typescript.project import Project
from migrator.syntax.typescript_modules import read_jsonc

_LOCKS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun", "package-lock.json": "npm"}


def manager(project: Project) -> str:
    """npm, pnpm, yarn or bun."""
    return next((name for lock, name in _LOCKS.items() if lock in project), "npm")


def run_command(project: Project, folder: str, script: str) -> str:
    """The command that starts a package's script from the root of the tree."""
    tool = manager(project)
    name = project.manifest(folder).get("name") if folder else None
    if not isinstance(name, str):
        return f"{tool} run {script}" if not folder else f"cd {folder} && {tool} run {script}"
    match tool:
        case "pnpm":
            return f"pnpm --filter {name} run {script}"
        case "yarn":
            return f"yarn workspace {name} run {script}"
        case "bun":
            return f"bun run --filter {name} {script}"
        case _:
            return f"npm run {script} --workspace {name}"


def _built(project: Project, folder: str, file: str) -> str:
    """The compiled file, where the application itself is started from what `tsc` has built; else empty."""
    start = (project.manifest(folder).get("scripts") or {}).get("start")
    match = re.fullmatch(r"(?:\w+=\S+ )*node (?:--\S+ )*(?:\./)?([\w.-]+)/\S+\.[cm]?js", start.strip()) if isinstance(start, str) else None
    config = posixpath.join(folder, "tsconfig.json")
    options = read_jsonc(project.read(config)).get("compilerOptions") if config in project else None
    if match is None or not isinstance(options, dict) or posixpath.normpath(str(options.get("outDir", ""))) != match[1]:
        return ""
    base = posixpath.normpath(posixpath.join(folder, str(options.get("rootDir", "src"))))
    inside = posixpath.relpath(file, base)
    if inside.startswith("..") or ("rootDir" not in options and not _all_below(project, folder, base)):
        return ""
    return f"{match[1]}/{posixpath.splitext(inside)[0]}.js"


def _all_below(project: Project, folder: str, base: str) -> bool:
    """True if all of a package's TypeScript is below one folder, which then is the root of what is compiled."""
    own = [p for p in project.code if p.endswith((".ts", ".tsx")) and project.package_of(p) == folder]
    return all(p.startswith(f"{base}/") or p.count("/") == folder.count("/") + bool(folder) for p in own)


def runner(project: Project, folder: str, file: str, flags: str = "", *, alone: bool = True) -> tuple[str, bool]:
    """(the command that runs a source file in its package's folder, whether `tsx` has to be added for it).

    `flags` are Node's, which ts-node does not take. `alone`: Node itself loads it if it is JavaScript.
    """
    flags = f"{flags} " if flags else ""
    path = posixpath.relpath(file, folder or ".")
    if posixpath.splitext(file)[1] in (".js", ".mjs", ".cjs"):
        if alone:
            return f"node {flags}{path}", False
        laid = aliases_file(project, folder)
        told = f"--tsconfig {laid} " if laid else ""
        return f"tsx {flags}{told}{path}", "tsx" not in project.dependencies(folder)
    built = _built(project, folder, file)
    if built:
        return f"node {flags}{built}", False
    own = " ".join(str(s) for s in (project.manifest(folder).get("scripts") or {}).values())
    dependencies = project.dependencies(folder)
    if re.search(r"(^|\s)bun(x)? (run )?(--\S+ )*\S+\.ts", own):
        return f"bun {flags}{path}", False
    if "tsx" in dependencies:
        return f"tsx {flags}{path}", False
    if "ts-node" in dependencies and "ts-node" in own and not flags:
        return f"ts-node {path}", False
    return f"tsx {flags}{path}", True
