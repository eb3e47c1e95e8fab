"""A small Celery application to put one form at a time into, and ways to look at what becomes of it."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from migrator.codemods.changes import ChangeSet
from migrator.codemods.files import file_changes
from tests.codemods.harness import check_rewrite

APP = """\
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
"""

JOB = """\
from celery import shared_task


@shared_task
def f(x=None):
    print(x)
"""

#: everything that a rewrite adds, for `Moved.files` to leave out
GENERATED = ("shop/dramatiq_app.py", "shop/dramatiq_worker.py", "shop/dramatiq_scheduler.py")


class Moved:
    """What became of an application. `files` are those that changed, without the generated ones and without the application itself."""

    def __init__(self, changes: ChangeSet, files: dict[str, str], generated: dict[str, str]) -> None:
        self.changes, self.files, self.generated = changes, files, generated

    def traps(self, *, of: str = "definition") -> set[str]:
        """Trap ids of the decisions of one kind."""
        return {trap for d in self.changes.decisions if d.kind == of for trap in d.traps}

    def outcomes(self) -> dict[str, str]:
        """job -> `safe rewritten`, `manual left`, …"""
        return {d.name: f"{d.safety} {d.outcome}" for d in self.changes.decisions if d.kind == "definition"}


def application(files: Mapping[str, str]) -> dict[str, str]:
    """`files` (dedented) with the rest of the application around them."""
    given = {path: dedent(text).lstrip("\n") for path, text in files.items()}
    return {"shop/__init__.py": "", "shop/app.py": APP, **given}


def move(folder: Path, files: Mapping[str, str], *, unsafe: bool = False) -> Moved:
    """Rewrite the application under the harness, in all its variants."""
    folder.mkdir(exist_ok=True)
    before = application(files)
    changes = check_rewrite(folder, "celery", "dramatiq", before, unsafe=unsafe)
    root = next(p for p in folder.iterdir() if p.name.startswith("plain"))
    after = {p.relative_to(root).as_posix(): p.read_text() for p in root.rglob("*") if p.is_file()}
    changed = {path: text for path, text in after.items() if text != before.get(path)}
    generated = {path: changed.pop(path) for path in GENERATED if path in changed}
    return Moved(changes, changed, generated)


def check(folder: Path, before: str, after: str, *, unsafe: bool = False, also: Mapping[str, str] | None = None) -> Moved:
    """The module `shop/jobs.py` goes from `before` to `after`. `also` holds other files, which are not looked at."""
    moved = move(folder, {"shop/jobs.py": before, **(also or {})}, unsafe=unsafe)
    expected = dedent(after).lstrip("\n")
    ast.parse(expected)
    written = moved.files.get("shop/jobs.py", "")
    assert written == expected, "\n".join(
        difflib.unified_diff(expected.splitlines(), written.splitlines(), "expected", "written", lineterm="")
    )
    return moved


def check_left(folder: Path, files: str | Mapping[str, str], *traps: str, unsafe: bool = False) -> Moved:
    """Nothing changes but for the comments that say what is left to do, and why: `traps`."""
    given = {"shop/jobs.py": files} if isinstance(files, str) else files
    before = application(given)
    moved = move(folder, given, unsafe=unsafe)
    assert not moved.generated
    for path, text in moved.files.items():
        assert without_markers(text).rstrip("\n") == before[path].rstrip("\n"), f"{path} changed:\n{text}"
    marked = set(re.findall(r"TODO\(migrate (MIG\d+)\)", "".join(moved.files.values())))
    assert marked == set(traps), f"marked {marked}: {[d.summary for d in moved.changes.decisions if d.safety != 'safe']}"
    return moved


def without_markers(text: str) -> str:
    """The text without `TODO(migrate …)` comments, which can take several lines."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped.startswith("# TODO(migrate") or (inside and stripped.startswith("#")):
            inside = not stripped.endswith(".")
        else:
            kept.append(line)
    return "".join(kept)


def apply_to(root: Path, changes: ChangeSet) -> None:
    """Write a change to disk."""
    for file in file_changes(changes, root):
        path = root / file.path
        if file.after is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after)
