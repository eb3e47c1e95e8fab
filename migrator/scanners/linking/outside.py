"""How things of packages outside the tree are named in keys, where a package is known by two names."""

from __future__ import annotations

from collections.abc import Mapping

_Path = tuple[str, ...]
#: path in one package -> the path of the same thing in another, by which readers know it
_SAME: Mapping[_Path, _Path] = {
    ("django", "tasks"): ("django_tasks",),
    # The setting is the Huey object itself, where it is used as one.
    ("django", "conf", "settings", "HUEY"): ("huey", "contrib", "djhuey", "HUEY"),
}


def outside(path: _Path) -> _Path:
    """The path by which readers know something.

    >>> outside(("django", "tasks", "task")), outside(("django", "db")), outside(("rq",))
    (('django_tasks', 'task'), ('django', 'db'), ('rq',))
    """
    for same, known in _SAME.items() if path[0] == "django" else ():
        if path[: len(same)] == same:
            return (*known, *path[len(same) :])
    return path


def partly(path: _Path, data: bytes) -> bool:
    """True for what has a member that goes by another name, and that a file (`data`) mentions.

    >>> partly(("django",), b"django.tasks"), partly(("django", "conf", "settings"), b"settings.DEBUG"), partly(("rq",), b"rq")
    (True, False, False)
    """
    return any(len(path) < len(same) and same[: len(path)] == path and same[-1].encode() in data for same in _SAME)
