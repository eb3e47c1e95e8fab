"""Commands of Celery's that nothing above has read: health checks, purges, scripts. They fail once the application is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.strings import PROSE
from migrator.codemods.python.expressions import is_docstring
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Location, Span
from migrator.regex import regex
from migrator.syntax.tree import ancestors

_COMMAND = regex(
    rb"""(?<![\w.-])celery["']?,?[ \t]+["']?(?:-A|--app|-b|--broker|worker|beat|multi|flower|events|inspect|status|control|purge|call"""
    rb"""|shell|report|list|result|amqp)(?![\w.])"""
)


def commands_left(tree: CodeTree, read: Collection[tuple[str, int]]) -> Iterator[Problem]:
    """A problem for each line with such a command; `read` are (path, line) of the commands that something is known of."""
    told: set[tuple[str, int]] = set()
    for path in tree.paths:
        if path.endswith(PROSE):
            continue
        data = tree.data(path)
        for match in _COMMAND.finditer(data):
            line = data.count(b"\n", 0, match.start()) + 1
            where = Span(match.start(), match.end())
            if (path, line) in read or (path, line) in told or _is_talk(tree, path, where):
                continue
            told.add((path, line))
            yield Problem("MIG157", "a command of Celery's, which is gone", Location(path, line, 0, line, where))


def _is_talk(tree: CodeTree, path: str, where: Span) -> bool:
    """True for text that only people read: comments, and in Python docstrings."""
    if not path.endswith(".py"):
        data = tree.data(path)
        return data[data.rfind(b"\n", 0, where.start) + 1 : where.start].lstrip().startswith(b"#")
    node = tree.source(path).root.descendant_for_byte_range(where.start, where.start + 1)
    around = [node, *ancestors(node)] if node is not None else []
    return not any(n.type == "string" for n in around) or any(is_docstring(n) for n in around)
