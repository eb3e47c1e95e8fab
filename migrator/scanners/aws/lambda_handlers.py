"""Which file a Lambda's handler is in: `src/mail.handler` of a bundle, `app.tasks.run` of a Python package, seen from a folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from migrator.regex import regex
from migrator.scanners.files import Tree
from migrator.syntax.source import SUFFIXES

#: what a build puts in place of the sources
_OUTPUTS = frozenset(("dist", "build", "lib", "out", ".build", "target", ".webpack", "bundle"))
_SOURCES = ("src", "")
_COMMAND = regex(r"""^\s*CMD\s*\[\s*["']([\w./-]+\.\w+)["']\s*\]""", re.MULTILINE)
_PART = regex(r"^[\w.\-/@+\[\] ]+$")
#: names that many a handler, or the file of one, has
_COMMON = frozenset(
    (
        "handler",
        "lambda_handler",
        "main",
        "default",
        "run",
        "index",
        "app",
        "handle",
        "lambdahandler",
        "lambda",
        "lambda_function",
        "function",
    )
)


def handler_files(tree: Tree, handler: str, folders: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """(files in which the handler may be, the name under which they offer it); no files where the tree has none that fits.

    `folders` are those from which the path may be written, the likeliest first; after them, the only file of the tree that fits.
    """
    module, dot, name = handler.strip().rpartition(".")
    if not dot or not _PART.match(handler):
        return (), name
    paths = [*dict.fromkeys(_spellings(module.lstrip("./")))]
    for folder in folders:
        found = [path for spelling in paths for path in _with_suffix(tree, posixpath.normpath(posixpath.join(folder, spelling)))]
        if found:
            return tuple(found), name
    return tuple(_only(tree, paths) or _built(tree, paths[0], folders) or _named(tree, paths[0], name)), name


def _built(tree: Tree, module: str, folders: Iterable[str]) -> list[str]:
    """The only file of the tree that ends as the path below a folder of a build's output does: `dist/mail/` holds what `mail/` was."""
    for folder in folders:
        parts = posixpath.normpath(folder).split("/")
        outputs = [index for index, part in enumerate(parts) if part in _OUTPUTS]
        below = parts[outputs[-1] + 1 :] if outputs else []
        found = _only(tree, [posixpath.join(*below, module)]) if below else []
        if found:
            return found
    return []


def image_handler(tree: Tree, dockerfile: str) -> str:
    """The handler that the image of a Dockerfile runs: `CMD ["app.handler"]`; empty if it runs anything else."""
    path = posixpath.normpath(dockerfile)
    found = _COMMAND.findall(tree.read(path).decode("utf-8", "replace")) if path in tree else []
    return found[-1] if found and "/" not in found[-1].rpartition(".")[2] else ""


def image_folders(context: str) -> tuple[str, ...]:
    """The folders below that of an image's code in which its handler may be."""
    return tuple(posixpath.normpath(posixpath.join(context, folder)) for folder in ("", "src", "app", "lambda"))


def image_named(tree: Tree, *names: str) -> str:
    """The only Dockerfile that stands in a folder of one of those names, but for hyphens and the word lambda; empty if there is none."""
    wanted = {_plain(name) for name in names if _plain(name)}
    found = [
        path
        for path in tree.sizes
        if posixpath.basename(path) == "Dockerfile" and _plain(posixpath.basename(posixpath.dirname(path))) in wanted
    ]
    return found[0] if len(found) == 1 else ""


def _plain(name: str) -> str:
    return re.sub(r"lambda|function|[^a-z0-9]", "", name.lower())


def _named(tree: Tree, module: str, name: str) -> list[str]:
    """The files of that name, where what they are to offer has a name of its own: the one that offers it is meant."""
    if name.lower() in _COMMON:
        return []
    stem = module.rpartition("/")[2]
    return [p for p in tree.sizes if posixpath.splitext(posixpath.basename(p))[0] == stem and posixpath.splitext(p)[1] in SUFFIXES]


def folder_files(tree: Tree, folder: str, names: Iterable[str]) -> tuple[str, ...]:
    """The files of a folder with one of `names`, whatever their suffix."""
    return tuple(path for name in names for path in _with_suffix(tree, posixpath.normpath(posixpath.join(folder, name))))


def _spellings(module: str) -> Iterator[str]:
    """The paths that a module may be written as: itself, without the folder of a build's output, dotted as in Python."""
    yield module
    parts = module.split("/")
    outputs = [index for index, part in enumerate(parts) if part in _OUTPUTS]
    for index in outputs:
        for source in _SOURCES:
            yield posixpath.join(*parts[:index], source, *parts[index + 1 :])
    if not outputs:
        yield f"src/{module}"
    if "." in module:
        yield module.replace(".", "/")


def _with_suffix(tree: Tree, stem: str) -> Iterator[str]:
    for suffix in SUFFIXES:
        for path in (f"{stem}{suffix}", f"{stem}/index{suffix}"):
            if path in tree:
                yield path


def _only(tree: Tree, paths: list[str]) -> list[str]:
    """The only file of the tree that ends as the path does; none where several do, or the path is a name that many files have."""
    module = paths[0]
    if module.lower() in _COMMON:
        return []
    for spelling in paths:
        needle, ending = f"/{spelling}.", f"/{spelling}"
        near = [p for p in tree.sizes if needle in f"/{p}"]
        found = [p for p in near if f"/{posixpath.splitext(p)[0]}".endswith(ending) and posixpath.splitext(p)[1] in SUFFIXES]
        if len(found) == 1:
            return found
    return []
