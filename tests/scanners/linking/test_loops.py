"""The rounds of loops over what is known, and none where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.scanners.files import walk
from migrator.scanners.linking import Evaluator, Place, Project
from migrator.scanners.linking.loops import rounds
from migrator.syntax.tree import walk as walk_nodes


def seen(folder: Path, code: str) -> list[object]:
    """What `here` is called with in each round of the loops around the call."""
    (folder / "main.py").write_text(code)
    project = Project(walk(folder), ())
    source = project.source("main.py")
    evaluator = Evaluator(project, lambda _: False)
    (call,) = [n for n in walk_nodes(source.root, ("call",)) if source.text(n).startswith("here(")]
    place = Place(source, call)
    found = []
    for frame in rounds(evaluator, place):
        given = evaluator.arguments(Place(source, call, frame))
        found.append(tuple(evaluator.known(g) for g in given.values() if isinstance(g, Place)))
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for x in [1, 2]:\n    here(x)", [(1,), (2,)]),
        ("for x in (1, *more):\n    here(x)\nmore = [2]", [(1,)]),
        ("NAMES = ['a', 'b']\nfor x in NAMES:\n    here(x + '!')", [("a!",), ("b!",)]),
        ("for k, v in {'a': 1}.items():\n    here(k, v)", [("a", 1)]),
        ("for k in {'a': 1}:\n    here(k)", [("a",)]),
        ("for v in {'a': 1}.values():\n    here(v)", [(1,)]),
        ("for a, (b, c) in [(1, (2, 3))]:\n    here(a, b, c)", [(1, 2, 3)]),
        ("for row in [{'n': 1}, {'n': 2}]:\n    here(row['n'])", [(1,), (2,)]),
        ("for a in [1, 2]:\n    for b in [3]:\n        here(a, b)", [(1, 3), (2, 3)]),
        ("x = [here(a, b) for a in [1, 2] for b in [a]]", [(1, 1), (2, 2)]),
        ("x = {a: here(a) for a in [1]}", [(1,)]),
    ],
)
def test_known(tmp_path: Path, code: str, expected: list[object]) -> None:
    found = seen(tmp_path, code)
    assert found[: len(expected)] == expected
    assert found


@pytest.mark.parametrize(
    "code",
    [
        "here(1)",
        "for x in load():\n    here(x)",
        "for x in [1, *load()]:\n    here(x)",
        "for a, b in [1, 2]:\n    here(a)",
        "for a, *b in [(1, 2)]:\n    here(a)",
        "for k in {**load()}:\n    here(k)",
        "for i, x in enumerate([1]):\n    here(i, x)",
        "for x in [1]:\n    def f():\n        here(x)",
        "while True:\n    here(1)",
    ],
)
def test_unknown(tmp_path: Path, code: str) -> None:
    assert seen(tmp_path, code) == []
