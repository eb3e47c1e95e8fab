"""The time zone in which beat reads the application's crontabs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.settings import Settings
from migrator.codemods.python.expressions import UNKNOWN, literal
from migrator.codemods.python.tree import CodeTree
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk
from migrator.systems.celery_timezone import DJANGO_DEFAULT, SETTING, SINCE, reads_time_zone

_INNER = ("function_definition", "lambda")
_UTC = ("UTC", "Etc/UTC")


@dataclass(frozen=True, slots=True)
class Zone:
    """Its `name`, or why it cannot be told: a clause that follows "the schedule …"."""

    name: str = ""
    problem: str = ""


def zone_of(tree: CodeTree, settings: Settings, version: str) -> Zone:
    """`version` is that of Celery, as a manifest writes it."""
    own = f"{settings.namespace or 'CELERY'}_TIMEZONE" if settings.namespace or settings.django else "timezone"
    entry, value = settings.entry("timezone"), settings.value("timezone", default=None)
    if isinstance(value, str) and value:
        return Zone(value)
    if entry is not None and value is UNKNOWN:
        if entry.source.text(entry.value).rpartition(".")[2] == SETTING:
            return _given(tree, settings, own) or Zone(problem=f"runs in the time zone `{SETTING}`, which was not found")
        return Zone(problem=f"runs in a time zone that is not plain to read; write `{own}` as a text")
    before = Zone("UTC") if settings.value("enable_utc", default=True) is True else Zone(problem="runs in the local time of its machine")
    found = _given(tree, settings, own) if value is None else None
    reads = reads_time_zone(version)
    if found is None or reads is False or (found.name in _UTC and before.name):
        return before
    if reads:
        return found
    zone = found.name or "which is not plain to read"
    since = ".".join(map(str, SINCE))
    return Zone(problem=f"runs in `{SETTING}` ({zone}) from Celery {since} on, before in UTC, and no manifest says which; set `{own}`")


def _given(tree: CodeTree, settings: Settings, own: str) -> Zone | None:
    """What `TIME_ZONE` says; None where the settings are not Django's and have nothing of that name."""
    paths = tree.containing(SETTING.encode()) if settings.django else (settings.module,) if settings.module else ()
    values = {(literal(source, node), source.path) for path in paths for source, node in _assigned(tree.source(path))}
    names = {value for value, _ in values}
    if not names:
        return Zone(DJANGO_DEFAULT) if settings.django else None
    if len(names) > 1:
        places = " and ".join(sorted({path for _, path in values}))
        return Zone(problem=f"runs in a time zone that differs by settings ({places}); set `{own}`")
    name = names.pop()
    return Zone(name) if isinstance(name, str) and name else Zone(problem=f"runs in `{SETTING}`, which is not plain to read; set `{own}`")


def _assigned(source: Source) -> Iterator[tuple[Source, Node]]:
    for node in walk(source.root, ("assignment",), skip=_INNER):
        target, value = child(node, "left"), child(node, "right")
        if target is not None and value is not None and source.text(target) == SETTING:
            yield source, value
