"""How things of packages outside the tree are named in keys, where a package is known by two names."""

from __future__ import annotations

from collections.abc import Mapping

#: module of one package -> the package of the same content, by whose name readers know it
_SAME: Mapping[tuple[str, ...], str] = {("django", "tasks"): "django_tasks"}
#: packages of which a part goes by another name
PARTLY = frozenset(path[0] for path in _SAME)


def outside(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path by which readers know something.

    >>> outside(("django", "tasks", "task")), outside(("django", "db")), outside(("rq",))
    (('django_tasks', 'task'), ('django', 'db'), ('rq',))
    """
    same = _SAME.get(path[:2])
    return (same, *path[2:]) if same else path
