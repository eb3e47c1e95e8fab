"""SQL in Python that puts rows into a job table or takes them out of it: what psycopg, asyncpg and SQLAlchemy's `text` are handed."""

from __future__ import annotations

import re

from migrator.scanners.linking import Place
from migrator.scanners.python.dictionaries import entries
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.job_table_sql import Statement
from migrator.syntax.tree import callee_of
from migrator.syntax.tree import field as child

#: what SQL is handed to, whatever it is called on
METHODS = frozenset(
    (
        *("execute", "executemany", "execute_values", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "fetch_val"),
        *("scalar", "scalars", "raw", "execute_sql", "query"),
    )
)
#: bytes of which one stands in every file with such SQL
MARKERS = (b"SKIP LOCKED", b"skip locked", b"INSERT INTO", b"insert into", b"Insert into", b"skip_locked")

_NAMED = re.compile(r"%\((\w+)\)s")
_STRINGS = ("string", "concatenated_string")


def statement(call: Call) -> Statement | None:
    """The SQL that a call is handed; `%s` and `%(name)s` in it are written as `?` and `:name`."""
    view = call.view
    given = [(k, p) for k, p in call.arguments.items() if isinstance(k, int) or k in ("statement", "query", "sql")]
    # `execute_values(cursor, sql, rows)` is handed the cursor first.
    for position, (_, place) in enumerate(given[:2]):
        text = _sql(view, place)
        if text:
            rest = [p for _, p in given[position + 1 :]]
            named = next((p for k, p in call.arguments.items() if k in ("params", "parameters", "vars", "args")), None)
            return Statement(_NAMED.sub(r":\1", text).replace("%s", "?"), (), _parameters(view, [*rest, *([named] if named else [])]))
    return None


def _sql(view: View, place: Place, depth: int = 3) -> str:
    """The text of a statement: a string, `text(…)` or `sql.SQL(…)` of one, a name for one; what is filled in stands as it is written."""
    known = view.evaluator.text(place)
    if known:
        return known if " " in known.strip() else ""
    node = place.node
    if node.type in _STRINGS:
        return place.text
    if node.type == "call" and depth:
        function = callee_of(node)
        last = child(function, "attribute") or function
        key = view.evaluator.of(place.source, function, place.frame).key if function is not None else ""
        name = key.rpartition(".")[2] or (place.source.text(last) if last is not None else "")
        owner = child(function, "object")
        if name in ("text", "SQL") and isinstance(inner := view.evaluator.arguments(place).get(0), Place):
            return _sql(view, inner, depth - 1)
        if name in ("format", "bindparams", "strip") and owner is not None:
            return _sql(view, Place(place.source, owner, place.frame), depth - 1)
    if node.type == "identifier" and depth:
        bound = view.project.bindings(place.source.path).lookup(place.text, node)
        value = bound[0].value if bound and bound[0].kind == "value" else None
        return _sql(view, Place(place.source, value, place.frame), depth - 1) if value is not None else ""
    return ""


def _parameters(view: View, given: list[Place]) -> dict[int | str, Place]:
    """What is handed in beside a statement: a tuple or list, a dictionary, or one argument for each place."""
    if len(given) != 1:
        return dict(enumerate(given, 1))
    own = entries(view, given[0])
    if own:
        return {**own}
    meaning = view.evaluator.meaning(given[0])
    listed = getattr(meaning, "entries", None)
    if isinstance(listed, dict):
        return {int(k) + 1 if str(k).isdigit() else str(k): v for k, v in listed.items()}
    return {1: given[0]}
