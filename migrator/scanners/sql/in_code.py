"""SQL in code that has to do with the database's own schedules and queues: `sql("select cron.schedule(…)")`."""

from __future__ import annotations

import re

from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.reading import View
from migrator.scanners.sql.texts import COMPUTED, Text
from migrator.syntax.tree import FUNCTIONS, ancestors, name_of

#: SQL that uses pg_cron or pgmq; a scheduler's `cron.schedule("* * * * *", …)` in code is no text
_MENTIONS = regex(rb"\b(?:cron\s*\.\s*(?:schedule|schedule_in_database|unschedule|alter_job|job)|pgmq\s*\.\s*\w+)\b", re.IGNORECASE)
_WORDS = (b"cron.", b"CRON.", b"cron .", b"Cron.", b"pgmq", b"PGMQ")
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
        if _MENTIONS.search(data) and not _takes_back(view, node) and not _is_documentation(node):
            text = data.decode("utf-8", "replace")
            inner = text.lstrip("rRbBuUfF")
            quote = inner[:3] if inner[:3] in ('"""', "'''") else inner[:1]
            before = len(text) - len(inner) + len(quote)
            if _SQL.search(inner):
                start = len(view.source.data[: node.start_byte].decode("utf-8", "replace")) + before
                body = _without_code(view, node, inner[len(quote) : -len(quote)], before)
                view.found.sql.append(Text(view.source.path, body, start, view.source.language))


def _without_code(view: View, node: Node, text: str, before: int) -> str:
    """The text with what is put in at run time (`${schedule}`, `{schedule}`) made unreadable, at the same length."""
    start = node.start_byte
    for child in node.named_children:
        if child.type in ("template_substitution", "interpolation"):
            begin = len(view.source.data[start : child.start_byte].decode("utf-8", "replace")) - before
            length = len(view.source.text(child))
            text = f"{text[:begin]}{COMPUTED * length}{text[begin + length :]}"
    return text


def _takes_back(view: View, node: Node) -> bool:
    names = (name_of(a) for a in ancestors(node) if a.type in FUNCTIONS)
    return any(name is not None and view.source.text(name) in _BACK for name in names)


def _is_documentation(node: Node) -> bool:
    """True for a text that stands by itself, as Python's documentation does."""
    return node.parent is not None and node.parent.type == "expression_statement"
