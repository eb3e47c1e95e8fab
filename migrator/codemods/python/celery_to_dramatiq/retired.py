"""Settings that nobody reads once Celery is gone."""

from __future__ import annotations

import re
from collections.abc import Collection

from migrator.codemods.python.celery_to_dramatiq.broker import Broker
from migrator.codemods.python.celery_to_dramatiq.settings import Entry, Settings
from migrator.codemods.python.imports import whole_lines
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Span
from migrator.systems.celery_settings import bearing


def retire_settings(
    tree: CodeTree, settings: Settings, broker: Broker, removed: Collection[str]
) -> tuple[list[tuple[str, Span, str]], set[str]]:
    """(edits that take settings out, names of those that stay): the broker's address, and what other code reads."""
    going = [e for e in settings.entries if e.in_module and e.always and not _is_read(broker, e) and bearing(e.key) != "tests"]
    going = [e for e in going if e.source.path not in removed]
    while True:
        # One that another setting uses stays as long as that one does.
        needed = [e for e in going if _used_elsewhere(tree, e, going)]
        if not needed:
            break
        going = [e for e in going if e not in needed]
    edits: list[tuple[str, Span, str]] = []
    for entry in going:
        where = whole_lines(entry.source, entry.statement)
        if where is not None:
            edits.append((entry.source.path, where, ""))
    kept = {e.name for e in settings.entries if e.in_module} - {e.name for e in going}
    return edits, kept


def _is_read(broker: Broker, entry: Entry) -> bool:
    return re.search(rf"\b{re.escape(entry.name)}\b", broker.url) is not None


def _used_elsewhere(tree: CodeTree, entry: Entry, going: Collection[Entry]) -> bool:
    """True if the setting's name stands anywhere in the tree's code outside the settings that go."""
    word = re.compile(rf"\b{re.escape(entry.name)}\b".encode())
    for path in tree.containing(entry.name.encode()):
        data = tree.data(path)
        spans = [(e.statement.start_byte, e.statement.end_byte) for e in going if e.source.path == path]
        for match in word.finditer(data):
            if any(start <= match.start() < end for start, end in spans):
                continue
            # The name of an environment variable, in quotes, is not the setting.
            if data[match.start() - 1 : match.start()] in (b'"', b"'"):
                continue
            return True
    return False
