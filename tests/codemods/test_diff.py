"""The diff is right when git, given the old tree and the diff, makes the new tree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.codemods.diff import Size, diff_size, unified_diff
from migrator.codemods.files import FileChange


def apply_with_git(folder: Path, files: list[FileChange], *options: str) -> None:
    """Write the old tree, `git apply` the diff to it, and compare with the new tree, bytes and modes."""
    for file in files:
        if file.before is not None:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.before)
            path.chmod(file.mode)
    environment = {
        **os.environ,
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", *options],
        cwd=folder,
        input=unified_diff(files),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    for file in files:
        path = folder / file.path
        assert (path.read_bytes() if path.exists() else None) == file.after
        if file.after is not None:
            assert bool(path.stat().st_mode & 0o100) == bool(file.mode & 0o100)


def many(lines: int, end: bytes = b"\n") -> bytes:
    return b"".join(b"line %d%s" % (i, end) for i in range(lines))


CASES = {
    "modified": [FileChange("a.py", b"one\ntwo\n", b"one\n2\n")],
    "crlf": [FileChange("a.ts", many(20, b"\r\n"), many(20, b"\r\n").replace(b"line 9\r\n", b"line nine\r\nand more\r\n"))],
    "mixed newlines": [FileChange("a.ts", b"a\r\nb\nc\r\n", b"a\nb\nc\r\nd\r\n")],
    "carriage return inside a line": [FileChange("a.txt", b"a\rb\nc\n", b"a\rb\nd\n")],
    "no newline before and after": [FileChange("a.py", b"one\ntwo", b"one\n2")],
    "newline gained": [FileChange("a.py", b"one\ntwo", b"one\ntwo\n")],
    "newline lost": [FileChange("a.py", b"one\ntwo\n", b"one\ntwo")],
    "byte order mark": [FileChange("a.py", b"\xef\xbb\xbfone\n", b"\xef\xbb\xbftwo\n")],
    "not utf-8": [FileChange("a.py", b"caf\xe9 = 1\nx\n", b"caf\xe9 = 1\ny\n")],
    "form feed and line separator": [FileChange("a.py", "a\x0c\u2028b\nc\n".encode(), "a\x0c\u2028b\nd\n".encode())],
    "new": [FileChange("deep/er/a.py", None, b"one\n")],
    "new and empty": [FileChange("pkg/__init__.py", None, b"")],
    "new executable": [FileChange("run", None, b"#!/bin/sh\n", 0o755)],
    "removed": [FileChange("a.py", b"one\ntwo", None)],
    "removed and empty": [FileChange("a.py", b"", None)],
    "removed executable": [FileChange("run", b"#!/bin/sh\n", None, 0o755)],
    "emptied": [FileChange("a.py", b"one\n", b"")],
    "filled": [FileChange("a.py", b"", b"one\n")],
    "executable": [FileChange("run", b"one\n", b"two\n", 0o755)],
    "two places": [FileChange("a.py", many(60), many(60).replace(b"line 5\n", b"").replace(b"line 50\n", b"line 50\nmore\n"))],
    "spaces": [FileChange("my app/a b.py", b"one\n", b"two\n"), FileChange("new one/c d.py", None, b"x\n")],
    "beyond ascii": [FileChange("überall/naïve.ts", b"one\n", b"two\n")],
    "quotes": [FileChange('say "hi"\\\tnow.py', b"one\n", b"two\n")],
    "several": [FileChange("a.py", b"x\n", b"y\n"), FileChange("b.py", None, b"z\n"), FileChange("c.py", b"w\n", None)],
    "lines that look like headers": [FileChange("a.sql", b"-- one\n++ two\n", b"-- 1\n++ 2\n")],
}


@pytest.mark.parametrize("case", CASES)
def test_git_applies_it(tmp_path: Path, case: str) -> None:
    apply_with_git(tmp_path, CASES[case])


@pytest.mark.parametrize("case", CASES)
def test_git_takes_it_back(tmp_path: Path, case: str) -> None:
    turned = [FileChange(f.path, f.after, f.before, f.mode) for f in CASES[case]]
    forward = unified_diff(CASES[case])
    for file in CASES[case]:
        if file.after is not None:
            (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file.path).write_bytes(file.after)
            (tmp_path / file.path).chmod(file.mode)
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-R"],
        cwd=tmp_path,
        input=forward,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
        check=True,
    )
    for file in turned:
        assert ((tmp_path / file.path).read_bytes() if (tmp_path / file.path).exists() else None) == file.after


# Few different lines, so that they repeat; with and without carriage returns and a final newline.
contents = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"}\r\n", b"\r\n", b"- x\n", b"\\ y\n"]), max_size=30).flatmap(
    lambda lines: st.sampled_from([b"".join(lines), b"".join(lines) + b"end"])
)


@settings(max_examples=60, deadline=None)
@given(before=contents, after=contents)
def test_git_applies_any_change(tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes) -> None:
    if before != after:
        apply_with_git(tmp_path_factory.mktemp("tree"), [FileChange("a.py", before, after)])


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_git_applies_it_to_a_crlf_checkout(tmp_path: Path, autocrlf: str) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "core.autocrlf", autocrlf], cwd=tmp_path, check=True)
    file = CASES["crlf"][0]
    (tmp_path / file.path).write_bytes(file.before or b"")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=tmp_path, input=unified_diff([file]), check=True)
    assert (tmp_path / file.path).read_bytes() == file.after


def test_text_of_a_diff() -> None:
    diff = unified_diff([FileChange("app/a.py", many(9), many(9).replace(b"line 4\n", b"line four\n"))]).decode()
    assert diff == (
        "diff --git a/app/a.py b/app/a.py\n--- a/app/a.py\n+++ b/app/a.py\n@@ -2,7 +2,7 @@\n"
        " line 1\n line 2\n line 3\n-line 4\n+line four\n line 5\n line 6\n line 7\n"
    )


def test_new_and_removed_files_come_from_and_go_to_nowhere() -> None:
    diff = unified_diff([FileChange("n.py", None, b"x\n"), FileChange("r.py", b"y", None)]).decode()
    assert "new file mode 100644\n--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x\n" in diff
    assert "deleted file mode 100644\n--- a/r.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n\\ No newline at end of file\n" in diff


def test_names_with_spaces_are_closed_by_a_tab_as_in_git() -> None:
    diff = unified_diff([FileChange("my app/a b.py", b"one\n", b"two\n")]).decode()
    assert diff.startswith("diff --git a/my app/a b.py b/my app/a b.py\n--- a/my app/a b.py\t\n+++ b/my app/a b.py\t\n@@ ")


def test_no_change_is_an_empty_diff() -> None:
    assert unified_diff([]) == b""


def test_size_counts_lines_of_content_only() -> None:
    assert diff_size(CASES["lines that look like headers"][0]) == Size(2, 2)
    assert diff_size(FileChange("n.py", None, b"a\nb\n")) == Size(2, 0)
    assert diff_size(FileChange("r.py", b"a\nb", None)) == Size(0, 2)
