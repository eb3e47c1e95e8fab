"""From a TypeScript or JavaScript import specifier to a file of the tree.

Relative paths, `tsconfig` paths, workspaces, subpath imports, and other names for folders (`module_aliases`).
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any, Protocol

from migrator.regex import regex
from migrator.syntax.module_aliases import ModuleAliases

_EXTENSIONS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
#: what TypeScript writes for the output of a source file -> the source file's own suffixes
_OUTPUTS = {".js": (".ts", ".tsx", ".js", ".jsx"), ".mjs": (".mts", ".mjs"), ".cjs": (".cts", ".cjs"), ".jsx": (".tsx", ".jsx")}
#: where AWS Lambda puts the layers of a function, and folders within a layer that code leaves out of or writes into the specifier
_LAYERS = "/opt/"
_RUNTIME = regex(r"^(?:nodejs/)?(?:node\d+/)?")
#: where packages are installed
_INSTALLED = "node_modules"
_COMMENT = regex(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = regex(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


def read_jsonc(data: bytes) -> dict[str, Any]:
    """JSON with comments and trailing commas, as in `tsconfig.json`; empty for anything that is not an object."""
    text = data.decode("utf-8-sig", "replace")
    text = _COMMENT.sub(lambda m: m.group(1) or "", text)
    text = _TRAILING_COMMA.sub(lambda m: m.group(1) or "", text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class Files(Protocol):
    """The files of a tree, by path relative to its root."""

    @property
    def sizes(self) -> Iterable[str]: ...

    def __contains__(self, path: str, /) -> bool: ...

    def read(self, path: str) -> bytes: ...


class TypeScriptModules:
    """Resolves specifiers the way bundlers do, looking only at files of the tree."""

    def __init__(self, tree: Files) -> None:
        self._tree = tree
        self.resolve = lru_cache(maxsize=None)(self._resolve)
        self._config = lru_cache(maxsize=None)(self._read_config)
        self._json = lru_cache(maxsize=None)(self._read_json)
        self._aliases = ModuleAliases(tree, self._json, self._file)

    def _resolve(self, importer: str, specifier: str) -> str:
        folder = posixpath.dirname(importer)
        if specifier.startswith("."):
            return self._file(posixpath.normpath(posixpath.join(folder, specifier)))
        for base, pattern, targets in self._paths(folder):
            star = _match(pattern, specifier)
            if star is None:
                continue
            for target in targets:
                path = posixpath.normpath(posixpath.join(base, target.replace("*", star, 1)))
                if _INSTALLED in path.split("/"):
                    # `"inngest": ["./node_modules/inngest"]` says that the package is meant, whatever else has its name.
                    return ""
                found = self._file(path)
                if found:
                    return found
        if specifier.startswith("#"):
            return self._subpath_import(folder, specifier) or self._aliased(folder, specifier)
        if specifier.startswith(_LAYERS):
            return self._in_layer(folder, specifier)
        return self._workspace(folder, specifier) or self._base_url(folder, specifier) or self._aliased(folder, specifier)

    def _in_layer(self, folder: str, specifier: str) -> str:
        """A file of a Lambda layer: `/opt/nodejs/queue` is `layers/shared/nodejs/queue.js`, nearest to who asks; none of several."""
        stem = _RUNTIME.sub("", posixpath.splitext(specifier)[0].removeprefix(_LAYERS))
        found = [path for path in self._layered.get(posixpath.basename(stem), ()) if f"/{_stem(path)}".endswith(f"/{stem}")]
        near = [len(posixpath.commonprefix([folder.split("/"), path.split("/")])) for path in found]
        nearest = [path for path, shared in zip(found, near, strict=True) if shared == max(near)]
        return nearest[0] if len(nearest) == 1 else ""

    @cached_property
    def _layered(self) -> dict[str, list[str]]:
        """The files in folders that are called layers, by their names without suffix."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._tree.sizes):
            folders = path.lower().split("/")[:-1]
            if path.endswith(_EXTENSIONS) and _INSTALLED not in folders and any("layer" in name for name in folders):
                found.setdefault(posixpath.basename(_stem(path)), []).append(path)
        return found

    def _file(self, stem: str) -> str:
        if stem in self._tree and stem.endswith(_EXTENSIONS):
            return stem
        root, suffix = posixpath.splitext(stem)
        for candidate in (root + s for s in _OUTPUTS.get(suffix, ())):
            if candidate in self._tree:
                return candidate
        for candidate in (stem + s for s in _EXTENSIONS):
            if candidate in self._tree:
                return candidate
        index = posixpath.normpath(f"{stem}/index")
        for candidate in (index + s for s in _EXTENSIONS):
            if candidate in self._tree:
                return candidate
        return ""

    def _read_json(self, path: str) -> dict[str, Any]:
        return read_jsonc(self._tree.read(path)) if path in self._tree else {}

    def _paths(self, folder: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        return self._config(folder)[0]

    def _base_url(self, folder: str, specifier: str) -> str:
        """A file below `baseUrl`; none for a package that a manifest asks for: bundlers and Node look among those first."""
        base = self._config(folder)[1]
        found = self._file(posixpath.normpath(posixpath.join(base, specifier))) if base is not None else ""
        return "" if found and self._is_asked_for(folder, _parts(specifier)[0]) else found

    def _aliased(self, folder: str, specifier: str) -> str:
        """A file under a name that the project gives its folder; none for a package that a manifest asks for."""
        found = self._aliases.resolve(folder, specifier)
        return "" if found and self._is_asked_for(folder, _parts(specifier)[0]) else found

    def _is_asked_for(self, folder: str, name: str) -> bool:
        """True for a dependency of a package.json upwards."""
        while not _depends(self._json(posixpath.join(folder, "package.json")), name):
            if not folder:
                return False
            folder = posixpath.dirname(folder)
        return True

    def _read_config(self, folder: str) -> tuple[tuple[tuple[str, str, tuple[str, ...]], ...], str | None]:
        """`paths` and `baseUrl` of the nearest tsconfig or jsconfig upwards, `extends` followed."""
        for name in ("tsconfig.json", "jsconfig.json", "tsconfig.base.json"):
            path = posixpath.join(folder, name) if folder else name
            if path in self._tree:
                return self._from_config(path, 0)
        if not folder:
            return (), None
        return self._config(posixpath.dirname(folder))

    def _from_config(self, path: str, depth: int) -> tuple[tuple[tuple[str, str, tuple[str, ...]], ...], str | None]:
        config = self._json(path)
        folder = posixpath.dirname(path)
        options = config.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base_url = options.get("baseUrl")
        base = posixpath.normpath(posixpath.join(folder, base_url)) if isinstance(base_url, str) else None
        paths = options.get("paths")
        if isinstance(paths, dict):
            rows = tuple(
                (base or folder, str(k), tuple(str(t) for t in v if isinstance(t, str))) for k, v in paths.items() if isinstance(v, list)
            )
            return rows, base
        inherited: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
        extends = config.get("extends")
        for parent in [extends] if isinstance(extends, str) else extends if isinstance(extends, list) else []:
            if depth < 8 and isinstance(parent, str):
                target = self._config_file(folder, parent)
                if target:
                    inherited, inherited_base = self._from_config(target, depth + 1)
                    base = base if base is not None else inherited_base
        return inherited, base

    def _config_file(self, folder: str, parent: str) -> str:
        if parent.startswith("."):
            stem = posixpath.normpath(posixpath.join(folder, parent))
        else:
            name, _, rest = _parts(parent)
            package = self._packages.get(name)
            if package is None:
                return ""
            stem = posixpath.normpath(posixpath.join(package, rest or "tsconfig.json"))
        return next((c for c in (stem, f"{stem}.json", f"{stem}/tsconfig.json") if c in self._tree), "")

    @cached_property
    def _packages(self) -> dict[str, str]:
        """Workspace package name -> folder."""
        names: dict[str, str] = {}
        for path in self._tree.sizes:
            if path.endswith("package.json") and posixpath.basename(path) == "package.json":
                name = self._json(path).get("name")
                if isinstance(name, str):
                    names.setdefault(name, posixpath.dirname(path))
        return names

    def _workspace(self, importer: str, specifier: str) -> str:
        """A package of the tree.

        One that stands alone reaches itself by its own name only through `exports`; a member of a workspace is installed beside the
        others. A name that it depends on is another package's.
        """
        name, _, rest = _parts(specifier)
        folder = self._packages.get(name)
        if folder is None:
            return ""
        manifest = self._json(posixpath.join(folder, "package.json"))
        if "exports" not in manifest and folder == self._package_of(importer) and (not folder or _depends(manifest, name)):
            return ""
        exported = _exported(manifest.get("exports"), f"./{rest}" if rest else ".")
        candidates = [exported] if exported else []
        if not rest:
            candidates += [str(manifest[k]) for k in ("types", "module", "main") if isinstance(manifest.get(k), str)]
            candidates += ["src/index", "index"]
        else:
            candidates += [rest, f"src/{rest}"]
        for candidate in candidates:
            found = self._file(posixpath.normpath(posixpath.join(folder, candidate))) or self._from_output(folder, candidate)
            if found:
                return found
        return ""

    def _package_of(self, folder: str) -> str:
        """The folder of the nearest package.json upwards; empty for the root, with or without one."""
        while folder and posixpath.join(folder, "package.json") not in self._tree:
            folder = posixpath.dirname(folder)
        return folder

    def _from_output(self, folder: str, candidate: str) -> str:
        """`dist/x.js` is built from `src/x.ts`."""
        stem = re.sub(r"^\./", "", candidate)
        source = re.sub(r"^(dist|build|lib|out)/(esm/|cjs/|src/)?", "src/", re.sub(r"(\.d)?\.[cm]?[jt]s$", "", stem))
        return self._file(posixpath.normpath(posixpath.join(folder, source))) if source != stem else ""

    def _subpath_import(self, folder: str, specifier: str) -> str:
        while True:
            path = posixpath.join(folder, "package.json") if folder else "package.json"
            if path in self._tree:
                imports = self._json(path).get("imports")
                target = _exported(imports, specifier) if isinstance(imports, dict) else ""
                found = self._file(posixpath.normpath(posixpath.join(folder, target))) if target else ""
                return found or (self._from_output(folder, target) if target else "")
            if not folder:
                return ""
            folder = posixpath.dirname(folder)


def _depends(manifest: dict[str, Any], name: str) -> bool:
    lists = (manifest.get(key) for key in ("dependencies", "devDependencies", "peerDependencies"))
    return any(isinstance(listed, dict) and name in listed for listed in lists)


def _parts(specifier: str) -> tuple[str, str, str]:
    """The package of a specifier, a slash, and what is asked of it.

    >>> _parts("inngest/next"), _parts("@acme/jobs")
    (('inngest', '/', 'next'), ('@acme/jobs', '', ''))
    """
    if not specifier.startswith("@"):
        return specifier.partition("/")
    scope, _, rest = specifier.partition("/")
    name, slash, rest = rest.partition("/")
    return f"{scope}/{name}", slash, rest


def _match(pattern: str, specifier: str) -> str | None:
    """What `*` of a pattern stands for in `specifier`; None if they do not match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if pattern == specifier else None
    if len(specifier) >= len(before) + len(after) and specifier.startswith(before) and specifier.endswith(after):
        return specifier[len(before) : len(specifier) - len(after)]
    return None


def _exported(table: Any, key: str) -> str:
    """The target of a package.json `exports` or `imports` entry, conditions in the order a bundler for Node would take them."""
    if isinstance(table, str):
        return table if key == "." else ""
    if not isinstance(table, dict):
        return ""
    if not any(str(k).startswith((".", "#")) for k in table):
        return _condition(table) if key == "." else ""
    for pattern, target in table.items():
        star = _match(str(pattern), key)
        if star is not None:
            return _condition(target).replace("*", star)
    return ""


def _condition(target: Any, depth: int = 0) -> str:
    if isinstance(target, str):
        return target
    if isinstance(target, dict) and depth < 6:
        for name in ("source", "development", "types", "import", "node", "default", "require"):
            if name in target:
                found = _condition(target[name], depth + 1)
                if found:
                    return found
    if isinstance(target, list):
        return next((t for t in target if isinstance(t, str)), "")
    return ""


def _stem(path: str) -> str:
    """A path without its suffix; of `queue/index.js` the folder."""
    return posixpath.splitext(path)[0].removesuffix("/index")
