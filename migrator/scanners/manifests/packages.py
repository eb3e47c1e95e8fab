"""Which job system a package or an environment name belongs to."""

from __future__ import annotations

from functools import cache

from migrator.regex import regex
from migrator.systems import SYSTEMS

_SEPARATORS = regex(r"[-_.]+")


def normalise(name: str) -> str:
    """A PyPI name as the index knows it.

    >>> normalise("Django_Celery.Beat")
    'django-celery-beat'
    """
    return _SEPARATORS.sub("-", name).lower()


def of_package(ecosystem: str, name: str) -> str:
    """The system of a package of `npm` or `pypi` that is known, empty if none."""
    return _packages(ecosystem).get(normalise(name) if ecosystem == "pypi" else name, "")


def of_environment(name: str) -> str:
    """The system of an environment name, empty if none. An exact name wins over a prefix, a long prefix over a short one."""
    exact, prefixes = _environment()
    if name in exact:
        return exact[name]
    return next((system for prefix, system in prefixes if name.startswith(prefix)), "")


@cache
def _packages(ecosystem: str) -> dict[str, str]:
    return {p: s.name for s in SYSTEMS.values() for p in (s.npm if ecosystem == "npm" else s.pypi)}


@cache
def _environment() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    names = [(pattern, s.name) for s in SYSTEMS.values() for pattern in s.environment]
    exact = {pattern: system for pattern, system in names if not pattern.endswith("*")}
    prefixes = sorted(((p[:-1], system) for p, system in names if p.endswith("*")), key=lambda row: (-len(row[0]), row))
    return exact, tuple(prefixes)
