"""The readers of code that are installed: every module of a language's folder that has a `READER`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from migrator.scanners.reading import Reader

FOLDERS = ("python", "typescript")


@cache
def readers(folder: str = "") -> tuple[Reader, ...]:
    """Every reader of code, by file name; with `folder`, those of one language."""
    found: list[Reader] = []
    for name in (folder,) if folder else FOLDERS:
        package = import_module(f"migrator.scanners.{name}")
        for module in sorted(iter_modules(package.__path__), key=lambda m: m.name):
            reader = getattr(import_module(f"{package.__name__}.{module.name}"), "READER", None)
            if isinstance(reader, Reader):
                found.append(reader)
    return tuple(found)


def folder_of(path: str) -> str:
    """The folder of the readers that read the file `path`."""
    return FOLDERS[0] if path.endswith((".py", ".pyi")) else FOLDERS[1]
