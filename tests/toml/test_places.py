"""Lines of keys in TOML files."""

from __future__ import annotations

import pytest

from migrator.toml.places import Path, line_of

TEXT = '''\
top = 1
[a]          # a comment
"quoted key" = 2
x.y = 3
text = """
[b]
x = 4
"""
[a.b.c]
z = 5
[[list]]
n = 1
[[list]]
n = 2
[list.inner]
m = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("a",), 2),
        (("a", "quoted key"), 3),
        (("a", "x", "y"), 4),
        (("a", "absent"), 2),
        (("a", "b", "c", "z"), 10),
        (("list", 0, "n"), 12),
        (("list", 1, "n"), 14),
        (("list", 1, "inner", "m"), 16),
        (("b", "x"), None),
        (("nowhere",), None),
    ],
)
def test_lines(path: Path, line: int | None) -> None:
    assert line_of(TEXT, path) == line
