"""Names that a project gives its folders elsewhere than in a `tsconfig`: `require("@lib/queue")`, `import … from "~/server/boss"`.

They stand in `package.json` (`_moduleAliases`), in the configuration of Babel or of a bundler, or are a framework's own. `~/` and `@/` can
begin no package's name: where nothing says what they stand for, it is the package's folder or the one that holds its sources.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Protocol

from migrator.regex import regex

_CONFIGS = (
    *(".babelrc", ".babelrc.json", ".babelrc.js", "babel.config.json", "babel.config.js", "babel.config.cjs"),
    *("webpack.config.js", "webpack.config.ts", "vite.config.ts", "vite.config.mts", "vite.config.js", "vite.config.mjs"),
    *("svelte.config.js", "nuxt.config.ts", "nuxt.config.js", "next.config.js", "next.config.mjs", "next.config.ts"),
)
_MANIFEST = "package.json"
_MODULE_ALIASES = "_moduleAliases"
_ALIAS = regex(rb"""\balias(?:es)?["']?\s*+[:=]\s*+\{([^{}]*+)\}""")
#: a name and what it stands for, with the further arguments of `path.resolve(__dirname, "src", "lib")`
_PAIR = regex(rb"""(?:["']([^"'\n]++)["']|([\w$]++))\s*+:\s*+([^,\n]*+(?:,\s*+["'][^"'\n]*+["'][^,\n]*+)*+)""")
_TEXT = regex(rb"""["']([^"'\n]*+)["']""")
#: what says that a path begins where the configuration stands
_HERE = (b"__dirname", b"import.meta", b"process.cwd")
#: `~` and `@` where nothing says what they stand for
_ROOTS = ("~~/", "@@/", "~/", "@/")
_SOURCES = ("", "src", "app")
#: SvelteKit's own name for `src/lib`
_LIB = "$lib"


class Files(Protocol):
    """The files of a tree, by path relative to its root."""

    def __contains__(self, path: str, /) -> bool: ...

    def read(self, path: str) -> bytes: ...


class ModuleAliases:
    """Answers for one tree."""

    def __init__(self, tree: Files, read_json: Callable[[str], Mapping[str, Any]], find: Callable[[str], str]) -> None:
        """`find`: the file that a path without its suffix stands for, empty where there is none."""
        self._tree, self._json, self._find = tree, read_json, find
        self._table = lru_cache(maxsize=None)(self._read)

    def resolve(self, folder: str, specifier: str) -> str:
        """The file that a specifier stands for which a file of `folder` uses; empty where none of these names is in it."""
        for above in _upwards(folder):
            for name, target in self._table(above):
                if specifier == name or specifier.startswith(f"{name}/"):
                    found = self._find(posixpath.normpath(posixpath.join(above, target, f".{specifier[len(name) :]}")))
                    if found:
                        return found
        return self._by_convention(folder, specifier)

    def _by_convention(self, folder: str, specifier: str) -> str:
        root = next((r for r in _ROOTS if specifier.startswith(r)), "")
        if not root and specifier != _LIB and not specifier.startswith(f"{_LIB}/"):
            return ""
        rest = specifier[len(root) :] if root else f"src/lib{specifier[len(_LIB) :]}"
        for above in _upwards(folder):
            if posixpath.join(above, _MANIFEST) in self._tree:
                stems = [posixpath.normpath(posixpath.join(above, sources, rest)) for sources in (_SOURCES if root else ("",))]
                found = list(dict.fromkeys(f for f in map(self._find, stems) if f))
                # Of several, nobody can tell which one is meant.
                return found[0] if len(found) == 1 else ""
        return ""

    def _read(self, folder: str) -> tuple[tuple[str, str], ...]:
        """(name, path from the folder) of what is configured in one folder, the longest name first."""
        named = self._json(posixpath.join(folder, _MANIFEST)).get(_MODULE_ALIASES)
        found = {str(k): v for k, v in named.items() if isinstance(v, str)} if isinstance(named, dict) else {}
        for path in (posixpath.join(folder, name) for name in _CONFIGS):
            if path in self._tree:
                found |= dict(_configured(self._tree.read(path)))
        return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _configured(data: bytes) -> Iterator[tuple[str, str]]:
    """What a configuration calls aliases, as far as it writes out what they stand for."""
    for table in _ALIAS.finditer(data):
        for pair in _PAIR.finditer(table[1]):
            texts, here = [_text(t) for t in _TEXT.findall(pair[3])], any(mark in pair[3] for mark in _HERE)
            if here or (texts and texts[0].startswith(".")):
                # `new URL("./src/", import.meta.url)`; `"@/*"` and `"@"` say the same.
                yield _text(pair[1] or pair[2]).removesuffix("/*").removesuffix("/"), posixpath.join("", *texts).removesuffix("/*")


def _upwards(folder: str) -> Iterable[str]:
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
