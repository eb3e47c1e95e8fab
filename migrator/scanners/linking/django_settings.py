"""Which file of the tree stands behind `django.conf.settings`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cached_property

from migrator.regex import regex
from migrator.scanners.files import Tree, area_of

#: how code asks for the settings of Django
SETTINGS = "django.conf.settings"
_NAMED = regex(rb"""DJANGO_SETTINGS_MODULE["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")
#: files that Django's own `startproject` writes the name into, the first that says one counts
_STARTS = ("manage.py", "wsgi.py", "asgi.py")


class DjangoSettings:
    """What `manage.py` names; without one, the only settings module of the tree. Several that could be meant are none."""

    def __init__(self, tree: Tree, resolve: Callable[[str, str], str]) -> None:
        """`resolve`: (importer, module) -> file."""
        self._tree, self._resolve = tree, resolve

    def of(self, importer: str) -> str:
        """The settings module that code in the file `importer` sees; empty where that cannot be told."""
        named = self._named
        above = [folder for folder in named if not folder or importer.startswith(f"{folder}/")]
        if above:
            return named[max(above, key=len)]
        only = set(named.values() or self._settings)
        return only.pop() if len(only) == 1 else ""

    @cached_property
    def _named(self) -> dict[str, str]:
        """Folder of a project -> the settings that its `manage.py` or, without one, its entry for web servers names."""
        for name in _STARTS:
            found: dict[str, str] = {}
            for path in self._ending(name):
                told = _NAMED.search(self._tree.read(path))
                settings = self._resolve(path, told[1].decode()) if told is not None else ""
                if settings:
                    folder = posixpath.dirname(path)
                    found[folder if name == "manage.py" else posixpath.dirname(folder)] = settings
            if found:
                return found
        return {}

    @cached_property
    def _settings(self) -> list[str]:
        return [path for path in self._ending("settings.py") if b"INSTALLED_APPS" in self._tree.read(path)]

    def _ending(self, name: str) -> list[str]:
        return [path for path in sorted(self._tree.sizes) if (path == name or path.endswith(f"/{name}")) and not area_of(path)]
