"""Where Netlify finds functions, and what it calls them."""

from __future__ import annotations

import posixpath

from migrator.scanners.files import Tree
from migrator.scanners.manifests import toml
from migrator.scanners.manifests.document import Document
from migrator.syntax.source import SUFFIXES
from migrator.systems.netlify import BACKGROUND, FUNCTION_FOLDERS

MANIFEST = "netlify.toml"


def function_folder(tree: Tree, path: str) -> str:
    """The folder of functions that a file is in; empty if it is in none."""
    for folder in FUNCTION_FOLDERS:
        before, inside, _ = f"/{path}".rpartition(f"/{folder}/")
        if inside:
            return f"{before}/{folder}".lstrip("/")
    above = posixpath.dirname(path)
    while True:
        for folder in _named(tree, posixpath.join(above, MANIFEST)):
            if path.startswith(f"{folder}/"):
                return folder
        if not above:
            return ""
        above = posixpath.dirname(above)


def function_name(tree: Tree, path: str) -> str:
    """The name of the function whose entry a file is: its own, or that of its folder; empty for any other file."""
    folder = function_folder(tree, path)
    stem, suffix = posixpath.splitext(path[len(folder) + 1 :])
    if not folder or suffix not in SUFFIXES:
        return ""
    parts = stem.split("/")
    if len(parts) == 1:
        return parts[0]
    return parts[0] if len(parts) == 2 and parts[1] in ("index", parts[0]) else ""


def is_background(name: str) -> bool:
    """True for a function that its name alone puts into the background."""
    return name.endswith(BACKGROUND)


def folders_of(document: Document) -> tuple[str, ...]:
    """The folders of functions that a `netlify.toml` names, seen from the root of the tree."""
    parsed = toml.parse(document)
    base = posixpath.dirname(document.path)
    found: list[str] = []
    for entry in parsed.entries():
        if entry.path == ("build", "base"):
            base = posixpath.normpath(posixpath.join(base, parsed.string(entry.value).lstrip("/")))
    for entry in parsed.entries():
        if entry.path in (("build", "functions"), ("functions", "directory"), ("functions", "*", "directory")):
            named = parsed.string(entry.value).lstrip("/")
            found += [posixpath.normpath(posixpath.join(folder, named)) for folder in (base, posixpath.dirname(document.path))]
    return tuple(dict.fromkeys(found))


def _named(tree: Tree, manifest: str) -> tuple[str, ...]:
    return folders_of(Document(manifest, tree.read(manifest))) if manifest in tree else ()
