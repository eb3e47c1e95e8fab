"""The rules that are installed: every module of `catalogue/`, each with a `RULE`."""

from __future__ import annotations

from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from migrator.rules import catalogue

if TYPE_CHECKING:
    from migrator.rules.rule import Rule


class Listed:
    """A rule as its file is called. All of them together take longer to load than a small application takes to read."""

    def __init__(self, module: str) -> None:
        number, _, name = module.partition("_")
        self.id, self.name = number.upper(), name.replace("_", "-")
        self.is_preview = self.id in catalogue.PREVIEWS
        self._module = module

    @cached_property
    def rule(self) -> Rule:
        """The rule itself."""
        return import_module(f"{catalogue.__name__}.{self._module}").RULE


@cache
def listed() -> tuple[Listed, ...]:
    """Every rule, by id; none is loaded."""
    return tuple(sorted((Listed(m.name) for m in iter_modules(catalogue.__path__)), key=lambda each: each.id))


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by id, loaded."""
    return tuple(each.rule for each in listed())
