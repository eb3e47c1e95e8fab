"""Django Q's names."""

from __future__ import annotations

SYSTEM = "django-q"
PACKAGE = "django_q"

#: where the functions can be imported from; the package itself offered them in its first versions
_MODULES = (f"{PACKAGE}.tasks.", f"{PACKAGE}.cluster.", f"{PACKAGE}.")


def api(key: str) -> str:
    """`async_task` of `django_q.tasks.async_task`, `Chain().append` of `django_q.tasks.Chain().append`; empty for anything else."""
    prefix = next((m for m in _MODULES if key.startswith(m)), "")
    return key.removeprefix(prefix) if prefix else ""
