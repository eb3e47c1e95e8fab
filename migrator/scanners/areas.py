"""Folders that are called as tests are, and hold code of the application: `testing/`, `test_runs/` of a product about tests.

A name is but a habit. Where code that is no test imports what stands there, or a Django project installs it, it is part of what runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.jobs import Item
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Project

#: folders that are called so in either case; `tests/` and `test/` are never anything else
_EITHER = regex(r"(?:^|/)(testing|test_[^/]*|[^/]*_test)(?=/)")
_INSTALLED = b"INSTALLED_APPS"
_QUOTED = regex(rb"[\"']([A-Za-z_][\w.]*)[\"']")


def settle_areas(found: Found, project: Project) -> None:
    """Say of what stands in such a folder that it is production code, if other production code needs it."""
    folders = {folder for item in found.items if (folder := _folder(item))}
    needed = {folder for used in _needed(found, project) for folder in folders if used.startswith(f"{folder}/")} if folders else folders
    if needed:
        found.items[:] = [msgspec.structs.replace(item, area="") if _folder(item) in needed else item for item in found.items]


def _folder(item: Item) -> str:
    """The folder by whose name alone something is taken for test code; empty if there is none."""
    path = item.location.path
    match = _EITHER.search(path) if item.area == "test" else None
    # Neither what is around the folder nor what is in it is called like a test.
    alone = match is not None and not area_of(f"{path[: match.start(1)]}x{path[match.end(1) :]}")
    return path[: match.end(1)] if match is not None and alone else ""


def _needed(found: Found, project: Project) -> Iterator[str]:
    """The files and folders that production code of Python imports or installs."""
    for view in found.views:
        path = view.source.path
        if not view.source.is_python or area_of(path):
            continue
        for _, module, member in project.imports(path).taken:
            yield project.resolve(path, module) or project.resolve(path, f"{module.rstrip('.')}.{member}")
    for path in project.tree.sizes:
        if path.endswith(".py") and not area_of(path) and _INSTALLED in (data := project.data(path)):
            for match in _QUOTED.finditer(data):
                yield project.resolve(path, match[1].decode())
