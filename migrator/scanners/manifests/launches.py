"""Command lines that run a file of the project: `node dist/worker.js`, `pnpm run work`, `python -m app.worker`, `manage.py start_jobs`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from migrator.scanners.files import Tree
from migrator.scanners.launch import Launch
from migrator.scanners.manifests import json_source
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.shell import Word, commands
from migrator.syntax.source import SUFFIXES

#: programs whose first word that is no option is a file, a script of a package, or a module
_RUNNERS = frozenset(("node", "nodejs", "tsx", "ts-node", "ts-node-dev", "nodemon", "bun", "deno", "python", "python3", "uv"))
_PACKAGE_MANAGERS = frozenset(("npm", "pnpm", "yarn", "bun", "turbo", "npx"))
#: Django's programs, whose first word is the name of a management command
_DJANGO = frozenset(("manage.py", "django-admin"))
#: what a build puts in place of the sources
_OUTPUTS = ("dist", "build", "lib", "out")
_DEPTH = 4


class Script(msgspec.Struct, frozen=True):
    """A script of a `package.json`: the folder in which it runs, and its text."""

    folder: str
    package: str
    text: str


def launch_words(words: Sequence[Word]) -> list[Word]:
    """The words from the first program on that runs a file or a script; none if there is no such program."""
    for index, word in enumerate(words):
        if posixpath.basename(word.text) in _RUNNERS | _PACKAGE_MANAGERS | _DJANGO:
            return list(words[index:])
    return []


class Entrypoints:
    """Finds the files of a tree that command lines run."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._scripts: dict[str, list[Script]] = {}
        self._folders: dict[str, str] = {}
        for path in tree.sizes:
            if posixpath.basename(path) == "package.json":
                json = json_source.parse(Document(path, tree.read(path)))
                folder, name = posixpath.dirname(path), json.string(json.get("name"))
                self._folders[name] = folder
                for script, value, _, _ in json.pairs(json.get("scripts")):
                    self._scripts.setdefault(script, []).append(Script(folder, name, json.string(value)))

    def of(self, launch: Launch) -> str:
        """The file that a command line runs, through scripts of packages; empty if that cannot be told."""
        return self._file(posixpath.dirname(launch.path), list(launch.words), _DEPTH)

    def is_alias(self, launch: Launch) -> bool:
        """True for a script of a `package.json` that only runs another script."""
        return posixpath.basename(launch.path) == "package.json" and self._script(posixpath.dirname(launch.path), launch.words) is not None

    def _file(self, folder: str, words: list[str], depth: int) -> str:
        if not depth:
            return ""
        script = self._script(folder, words)
        if script is not None:
            for parts in commands(script.text):
                found = self._file(script.folder, [w.text for w in launch_words(parts)], depth - 1)
                if found:
                    return found
            return ""
        chosen = self._chosen(words)
        inside = self._folders.get(chosen, folder) if chosen else folder
        command = self._management_command(inside, words)
        if command:
            return command
        for position, word in enumerate(words[1:], 1):
            if words[position - 1] == "-m":
                return self._resolve(inside, f"{word.replace('.', '/')}.py")
            if not word.startswith("-") and ("/" in word or posixpath.splitext(word)[1] in SUFFIXES):
                found = self._resolve(inside, word)
                if found:
                    return found
        return ""

    def _management_command(self, folder: str, words: Sequence[str]) -> str:
        """The file of a management command of the project; empty for any other command line."""
        for word, following in pairwise(words):
            if posixpath.basename(word) in _DJANGO and following.isidentifier():
                return self._resolve(folder, f"management/commands/{following}.py")
        return ""

    def _script(self, folder: str, words: Sequence[str]) -> Script | None:
        """The script of a package that `pnpm run work`, `yarn workspace jobs work` or `npm run work -w jobs` means."""
        if not words or posixpath.basename(words[0]) not in _PACKAGE_MANAGERS or "exec" in words or "dlx" in words:
            return None
        chosen = self._chosen(words)
        for word in words[1:]:
            candidates = self._scripts.get(word, []) if word not in ("run", "workspace") else []
            if chosen:
                candidates = [s for s in candidates if s.package == chosen]
            here = [s for s in candidates if s.folder == folder]
            if here or len(candidates) == 1:
                return (here or candidates)[0]
        return None

    def _chosen(self, words: Sequence[str]) -> str:
        """The package that `--filter`, `-w` or `workspace` names."""
        for position, word in enumerate(words):
            name, equals, value = word.partition("=")
            if name in ("--filter", "-F", "-w", "--workspace", "workspace"):
                following = value if equals else words[position + 1] if position + 1 < len(words) else ""
                return following.rstrip(".").strip("{}^")
        return ""

    def _resolve(self, folder: str, word: str) -> str:
        """The source file that a path means, from the folder of the manifest or from wherever only one file fits."""
        stem = posixpath.splitext(re.sub(r"^(\./)+", "", word))[0]
        parts = stem.split("/")
        stems = [stem]
        if parts[0] in _OUTPUTS and len(parts) > 1:
            stems += ["/".join(("src", *parts[1:])), "/".join(parts[1:])]
        for candidate in stems:
            for suffix in SUFFIXES:
                for path in (f"{candidate}{suffix}", f"{candidate}/index{suffix}"):
                    full = posixpath.normpath(posixpath.join(folder, path))
                    if full in self._tree:
                        return full
        endings = tuple(f"/{s}{suffix}" for s in stems if s for suffix in SUFFIXES)
        fitting = [path for path in self._tree.sizes if path.endswith(endings)]
        return fitting[0] if len(fitting) == 1 else ""
