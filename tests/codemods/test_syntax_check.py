"""A rewrite that breaks a file is stopped; one that merely does not mend it is not."""

from __future__ import annotations

import pytest

from migrator.codemods.files import FileChange
from migrator.codemods.syntax_check import check_syntax
from migrator.errors import MigratorError


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", b"f(1)\n", b"f(2)\n"),
        ("a.ts", b"const a: number = 1;\n", b"const b: string = '';\n"),
        ("broken.py", b"def (:\nf(1)\n", b"def (:\nf(2)\n"),
        ("new.tsx", None, b"export const A = () => <b>x</b>;\n"),
        ("gone.py", b"f(1)\n", None),
        ("notes.txt", b"a", b"((("),
        ("wide.ts", "\ufeffa;".encode("utf-16-le"), "\ufeffb;".encode("utf-16-le")),
    ],
)
def test_passes(path: str, before: bytes | None, after: bytes | None) -> None:
    check_syntax([FileChange(path, before, after)])


@pytest.mark.parametrize(
    ("path", "before", "after", "line"),
    [
        ("a.py", b"x = 1\nf(1)\n", b"x = 1\nf((1)\n", 2),
        ("a.ts", b"a;\nf(1);\n", b"a;\nf(1;\n", 2),
        ("new.js", None, b"const = 1;\n", 1),
    ],
)
def test_stops(path: str, before: bytes | None, after: bytes, line: int) -> None:
    with pytest.raises(MigratorError, match="does not parse") as error:
        check_syntax([FileChange("fine.py", b"", b"x = 1\n"), FileChange(path, before, after)])
    assert error.value.place == f"{path}:{line}"
