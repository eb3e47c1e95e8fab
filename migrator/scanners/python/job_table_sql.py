"""SQL in Python that puts rows into a job table or takes them out of it: what psycopg, asyncpg and SQLAlchemy's `text` are handed."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.regex import regex
from migrator.scanners.linking import Defined, Place
from migrator.scanners.linking.literals import return_values
from migrator.scanners.python.dictionaries import entries
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.job_table_sql import SLOT, Statement
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
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

_NAMED = regex(r"%\((\w+)\)s")
_STRINGS = ("string", "concatenated_string")


def statement(call: Call) -> Statement | None:
    """The SQL that a call is handed; `%s` and `%(name)s` in it are written as `?` and `:name`."""
    view = call.view
    given = [(k, p) for k, p in call.arguments.items() if isinstance(k, int) or k in ("statement", "query", "sql")]
    # `execute_values(cursor, sql, rows)` is handed the cursor first.
    for position, (_, place) in enumerate(given[:2]):
        slots: list[Place] = []
        text = _sql(view, place, slots)
        if text:
            rest = [p for _, p in given[position + 1 :]]
            named = next((p for k, p in call.arguments.items() if k in ("params", "parameters", "vars", "args")), None)
            return Statement(
                _NAMED.sub(r":\1", text).replace("%s", "?"), tuple(slots), _parameters(view, [*rest, *([named] if named else [])])
            )
    return None


def _sql(view: View, place: Place, slots: list[Place], depth: int = 4) -> str:
    """The text of a statement: a string, `text(…)` or `sql.SQL(…)` of one, a name for one, what a function of the project returns.

    What an f-string is filled with stands there if it is known, or else as one of the `slots`.
    """
    known = view.evaluator.text(place)
    if known:
        return known if " " in known.strip() else ""
    node = place.node
    if node.type in _STRINGS:
        return "".join(_filled(view, place, slots))
    if node.type == "call" and depth:
        function = callee_of(node)
        last = child(function, "attribute") or function
        key = view.evaluator.of(place.source, function, place.frame).key if function is not None else ""
        name = key.rpartition(".")[2] or (place.source.text(last) if last is not None else "")
        owner = child(function, "object")
        if name in ("text", "SQL") and isinstance(inner := view.evaluator.arguments(place).get(0), Place):
            return _sql(view, inner, slots, depth - 1)
        if name in ("format", "bindparams", "strip") and owner is not None:
            return _sql(view, Place(place.source, owner, place.frame), slots, depth - 1)
        return _returned(view, place, slots, depth - 1)
    if node.type == "identifier" and depth:
        bound = view.project.bindings(place.source.path).lookup(place.text, node)
        value = bound[0].value if bound and bound[0].kind == "value" else None
        return _sql(view, Place(place.source, value, place.frame), slots, depth - 1) if value is not None else ""
    return ""


def _filled(view: View, place: Place, slots: list[Place]) -> Iterator[str]:
    for part in walk(place.node, ("string_content", "interpolation"), skip=("interpolation",)):
        if part.type == "string_content":
            yield place.source.text(part)
        elif (inner := child(part, "expression")) is not None:
            filled = Place(place.source, inner, place.frame)
            known = view.evaluator.text(filled)
            if not known:
                slots.append(filled)
            yield known or SLOT.format(len(slots) - 1)


def _returned(view: View, call: Place, slots: list[Place], depth: int) -> str:
    """The statement that a function of the project makes."""
    callee = callee_of(call.node)
    function = view.evaluator.of(call.source, callee, call.frame) if callee is not None else None
    if not isinstance(function, Defined) or function.place.node.type not in FUNCTIONS:
        return ""
    frame = view.evaluator.enter(function, view.evaluator.arguments(call))
    values = tuple(return_values(function.place.node))
    return _sql(view, Place(function.place.source, values[0], frame), slots, depth) if len(values) == 1 else ""


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
