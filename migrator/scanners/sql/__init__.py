"""Schemas outside the code: Prisma models and SQL tables that are job queues."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from tree_sitter import Node

from migrator.jobs import Client, Literal, Location, Span, Value
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.job_tables import JobTable, has_lock, judge, sounds_like_jobs
from migrator.scanners.sql.code_claims import claimed_in_code
from migrator.scanners.sql.declarations import Declared, prisma_models, sql_additions, sql_tables
from migrator.scanners.sql.row_functions import claiming, inserting
from migrator.syntax.source import Source
from migrator.systems.postgres_table import SYSTEM


def read_schemas(tree: Tree, found: Found) -> None:
    """Record every job table that a Prisma schema or SQL file declares.

    A table of a migration that a model declares too is one table, listed where the model stands.
    """
    found.claimed_by.update(claiming(tree))
    by_suffix = {s: [p for p in tree.sizes if p.endswith(s)] for s in (".prisma", ".sql")}
    code = _Claims(tree)
    for path in by_suffix[".prisma"]:
        _record(path, prisma_models(_text(tree, path)), found, "prisma", code)
    known = {t.table.lower() for t in found.tables}
    added = _added(tree, by_suffix[".sql"])
    for path in by_suffix[".sql"]:
        tables = [_whole(d, added) for d in sql_tables(_text(tree, path)) if d.table.lower() not in known]
        known |= {d.table.lower() for d in tables}
        _record(path, tables, found, "sql", code)
    found.inserted_by.update(inserting(tree, {t.table for t in found.tables}))


def drop_history(found: Found) -> None:
    """A table that a migration creates and a model in the code declares is one table: the model stays."""
    tables = [i for i in found.items if isinstance(i, Client) and i.role == "table"]
    declared = {_table(i) for i in tables if not _is_migration(i)}
    dropped = {id(i) for i in tables if _is_migration(i) and _table(i) in declared}
    found.items[:] = [i for i in found.items if id(i) not in dropped]


def _table(item: Client) -> str:
    table = item.options.get("table")
    return str(table.value if isinstance(table, Literal) else item.name).lower()


def _is_migration(item: Client) -> bool:
    return "migration" in item.options


def record_declared(
    found: Found, source: Source, at: Node, declared: Declared, evidence: tuple[str, ...], *, orm: str, symbol: str, migration: bool
) -> None:
    """Record a job table that code declares at the node `at`, under the name `symbol` if the file has one for it.

    A migration of a table that is known already says nothing new.
    """
    if migration and any(t.table.lower() == declared.table.lower() for t in found.tables):
        return
    found.tables.append(
        JobTable(
            model=declared.model,
            table=declared.table,
            columns=declared.columns,
            evidence=evidence,
            symbol=f"{source.path}:{symbol}" if symbol else "",
            at=(source.path, at.start_byte),
            orm=orm,
            defaults=declared.defaults,
        )
    )
    found.items.append(client(declared, source.path, source.language, evidence, migration=migration))


def client(declared: Declared, path: str, language: str, evidence: tuple[str, ...], *, migration: bool = False) -> Client:
    """The inventory's record of a job table; `migration`: what stands here once made it, and need not be what it is now."""
    options: dict[str, Value] = {"columns": Literal(list(declared.columns)), "evidence": Literal(list(evidence))}
    if migration:
        options["migration"] = Literal(True)
    if declared.statuses:
        options["statuses"] = Literal(list(declared.statuses))
    return Client(
        system=SYSTEM.name,
        language=language,
        name=declared.model,
        location=Location(path, declared.line, 0, declared.end_line, Span(declared.start, declared.end)),
        area=area_of(path),
        symbol=declared.model,
        module=path,
        definition=Span(declared.start, declared.end),
        role="table",
        options=options | ({"table": Literal(declared.table)} if declared.table != declared.model else {}),
    )


class _Claims:
    """The tables of which SQL in code takes rows: looked for in the whole tree, and only where a table stands or falls with it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._tables: frozenset[str] | None = None

    def __contains__(self, table: str) -> bool:
        if self._tables is None:
            self._tables = claimed_in_code(self._tree)
        return table.lower() in self._tables


def _added(tree: Tree, paths: Iterable[str]) -> dict[str, dict[str, None]]:
    """table, in lower case -> the columns that migrations add to it later."""
    added: dict[str, dict[str, None]] = {}
    for path in paths:
        for table, columns in sql_additions(_text(tree, path)):
            added.setdefault(table.lower(), {}).update(dict.fromkeys(columns))
    return added


def _whole(table: Declared, added: Mapping[str, Iterable[str]]) -> Declared:
    """A table with the columns that it is given later."""
    more = tuple(column for column in added.get(table.table.lower(), ()) if column not in table.columns)
    return replace(table, columns=table.columns + more) if more else table


def _record(path: str, declared: list[Declared], found: Found, language: str, code: Container[str]) -> None:
    for table in declared:
        claimed = sorted(name for name, of in found.claimed_by.items() if of.lower() == table.table.lower())
        evidence = _evidence(table, claimed=bool(claimed))
        # Payments and seats are locked like that, too: the name has to say that these are jobs.
        if not evidence and _evidence(table, claimed=True) and sounds_like_jobs(table.table) and table.table in code:
            evidence = (*_evidence(table, claimed=True), "its rows are taken with SKIP LOCKED")
        if evidence:
            evidence += tuple(f"its rows are taken by the function {name}()" for name in claimed)
            found.tables.append(JobTable(table.model, table.table, table.columns, evidence, orm=language, defaults=table.defaults))
            found.items.append(client(table, path, language, evidence, migration=language == "sql"))


def _evidence(table: Declared, *, claimed: bool) -> tuple[str, ...]:
    return judge(table.model, table.columns, table.statuses, deletes=has_lock(table.columns), claimed=claimed)


def _text(tree: Tree, path: str) -> str:
    return tree.read(path).decode("utf-8", "replace")


__all__ = ["Declared", "client", "drop_history", "read_schemas"]
