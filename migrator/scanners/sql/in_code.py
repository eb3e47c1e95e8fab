"""SQL in code that has to do with the database's own schedules and queues: `sql("select cron.schedule(…)")`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.reading import View
from migrator.scanners.sql.texts import COMPUTED, Text
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, field, name_of

#: SQL that uses pg_cron, pgmq or the tables of django-celery-beat and Django Q;
#: a scheduler's `cron.schedule("* * * * *", …)` in code is no text
_MENTIONS = regex(
    rb"\b(?:cron\s*\.\s*(?:schedule|schedule_in_database|unschedule|alter_job|job)|pgmq\s*\.\s*\w+|django_celery_beat_\w+|django_q_schedule)\b",
    re.IGNORECASE,
)
_WORDS = (b"cron.", b"CRON.", b"cron .", b"Cron.", b"pgmq", b"PGMQ", b"django_celery_beat_", b"django_q_schedule")
_SQL = regex(r"\b(?:select|perform|insert|update|delete|from|do|create)\b", re.IGNORECASE)
_STRINGS = ("string", "template_string")
#: functions of migrations that take back what others do
_BACK = frozenset(("down", "downgrade", "reverse", "rollback"))


def collect(view: View) -> None:
    """Note the SQL texts of a file, for the end of the scan."""
    data = view.source.data
    # Looking for words of one spelling is quick, and most files have none of them.
    if not any(word in data for word in _WORDS) or not _MENTIONS.search(data):
        return
    for node in view.source.nodes(*_STRINGS):
        data = view.source.data[node.start_byte : node.end_byte]
        if _MENTIONS.search(data) and not takes_back(view, node) and not _is_documentation(node):
            text = data.decode("utf-8", "replace")
            inner = text.lstrip("rRbBuUfF")
            quote = inner[:3] if inner[:3] in ('"""', "'''") else inner[:1]
            before = len(text) - len(inner) + len(quote)
            if _SQL.search(inner):
                start = len(view.source.data[: node.start_byte].decode("utf-8", "replace")) + before
                body = _without_code(view, node, inner[len(quote) : -len(quote)], before)
                view.found.sql.append(Text(view.source.path, body, start, view.source.language, tuple(_given(view, node))))


def _given(view: View, node: Node) -> Iterator[str | None]:
    """What is handed over with a text: the list beside it in `execute("… %s …", [name])` and in `("… %s …", [name])`."""
    listed = node.next_named_sibling
    if view.source.is_python and listed is not None and listed.type in ("list", "tuple"):
        for value in (child for child in listed.named_children if child.type != "comment"):
            known = view.evaluator.known(view.place(value))
            yield str(known) if isinstance(known, str | int) else None


def _without_code(view: View, node: Node, text: str, before: int) -> str:
    """The text with what is put in at run time (`${schedule}`, `{schedule}`) made unreadable, at the same length."""
    start = node.start_byte
    for child in node.named_children:
        if child.type in ("template_substitution", "interpolation"):
            begin = len(view.source.data[start : child.start_byte].decode("utf-8", "replace")) - before
            length = len(view.source.text(child))
            text = f"{text[:begin]}{COMPUTED * length}{text[begin + length :]}"
    return text


def takes_back(view: View, node: Node) -> bool:
    """True for SQL that code runs only to take a migration back."""
    names = (name_of(a) for a in ancestors(node) if a.type in FUNCTIONS)
    last = (view.source.text(name).rpartition(".")[2] for name in names if name is not None)
    return any(name in _BACK for name in last) or _is_reverse(view, node)


def _is_reverse(view: View, node: Node) -> bool:
    """True for what Django's `RunSQL(sql, reverse_sql)` runs when the migration is taken back."""
    inner = node
    for outer in ancestors(node):
        if outer.type == "keyword_argument":
            name = field(outer, "name")
            return name is not None and name.text == b"reverse_sql"
        callee = callee_of(outer.parent) if outer.type == "argument_list" and outer.parent is not None else None
        if callee is not None and view.source.text(callee).endswith("RunSQL"):
            return next(c for c in outer.named_children if c.type != "comment").id != inner.id
        inner = outer
    return False


def _is_documentation(node: Node) -> bool:
    """True for a text that stands by itself, as Python's documentation does."""
    return node.parent is not None and node.parent.type == "expression_statement"
