"""What a call hands over, where keywords of the system and arguments of the function stand side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs import Literal
from migrator.scanners.files import walk
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Project
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.python import passing
from migrator.scanners.reading import View

RESERVED = frozenset(("timeout", "args", "kwargs"))

CALLS = {
    "positions": ("put(f, 1, 2)", [("", 1), ("", 2)], {"f": "f"}),
    "keywords": ("put(f, 1, to='x', timeout=5)", [("", 1), ("to", "x")], {"f": "f", "timeout": "5"}),
    "first by keyword": ("put(1, f=g)", [("", 1)], {"f": "g"}),
    "explicit": ("put(f, args=(1,), kwargs={'to': 2}, timeout=5)", [("", 1), ("to", 2)], {"f": "f", "timeout": "5"}),
    "unpacked": ("put(f, *rest, **more)", [("*", "rest"), ("**", "more")], {"f": "f"}),
    "unpacked first": ("put(*rest)", [("*", "rest")], {}),
    "nothing": ("put()", [], {}),
}


@pytest.mark.parametrize(("code", "arguments", "options"), CALLS.values(), ids=CALLS)
def test_reserving(tmp_path: Path, code: str, arguments: list, options: dict) -> None:
    (tmp_path / "use.py").write_text(code)
    project = Project(walk(tmp_path), set())
    view = View(project.source("use.py"), project, Evaluator(project, lambda _: False), Versions(), Found())
    given = passing.reserving(view, view.place(view.source.nodes("call")[0]), RESERVED, ("f",))
    shown = [(a.star or a.name, a.value.value if isinstance(a.value, Literal) else a.value.source) for a in given.arguments]
    assert shown == arguments
    assert {k: v.text for k, v in given.options.items()} == options
