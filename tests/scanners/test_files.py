"""The walk over a tree that is not all ours to read."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.scanners.files import NO_ENTRY, Tree, walk
from migrator.scanners.prefilter import passed_over


@pytest.fixture
def tree() -> Generator[Path]:
    """Outside pytest's own folder, which is closed to others: root takes the part of a user who may not read everything."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for folder in ("closed", "open"):
            (root / folder).mkdir()
            (root / folder / "tasks.py").write_text("x = 1\n")
        (root / "secret.py").write_text("x = 1\n")
        (root / "secret.py").chmod(0)
        (root / "closed").chmod(0)
        yield root
        (root / "closed").chmod(0o700)


def walked(root: Path) -> tuple[list[str], dict[str, list[str]], str]:
    """(paths, what was skipped once all was read, error) as somebody without rights sees it."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        answer: tuple[list[str], dict[str, list[str]], str] = [], {}, "no answer"
        try:
            seen: Tree = walk(root)
            for path in seen.sizes:
                seen.read(path)
            answer = list(seen.sizes), seen.skipped, ""
        except MigratorError as error:
            answer = [], {}, f"{type(error).__name__}: {error}"
        finally:
            os.write(sink, json.dumps(answer).encode())
            os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as stream:
        data = stream.read()
    os.waitpid(child, 0)
    return tuple(json.loads(data))


def test_what_may_not_be_read_is_named_and_the_rest_is_read(tree: Path) -> None:
    # The owner of a folder that is closed to everybody is kept out too, so that this holds for a user that is not root as well.
    paths, skipped, error = walked(tree)
    assert error == ""
    assert paths == ["open/tasks.py", "secret.py"]
    assert skipped == {NO_ENTRY: ["closed"], "permission denied": ["secret.py"]}


def test_a_root_that_may_not_be_read(tree: Path) -> None:
    _, _, error = walked(tree / "closed")
    assert error.startswith(f"{MigratorError.__name__}: {tree / 'closed'}: is a folder that you may not read")


def test_what_is_closed_stands_among_the_loose_ends(tmp_path: Path) -> None:
    tree = Tree(tmp_path, {}, {NO_ENTRY: ["closed"], "permission denied": ["secret.py"], "link": ["away.py"]})
    assert [(u.path, u.reason) for u in passed_over(tree)] == [
        ("closed", "not read: folder may not be read"),
        ("secret.py", "not read: permission denied"),
    ]
