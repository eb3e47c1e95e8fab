"""The rules that are installed: every module of `catalogue/` that has a `RULE`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from migrator.rules import catalogue
from migrator.rules.rule import Rule


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by id."""
    modules = (import_module(f"{catalogue.__name__}.{m.name}") for m in iter_modules(catalogue.__path__))
    return tuple(sorted((m.RULE for m in modules), key=lambda rule: rule.id))
