"""One check for every rewrite there is: hand it a tree before (and after), and it holds the promises that all writers share.

    check_rewrite(tmp_path, "celery", "dramatiq", before={"app.py": "…"}, after={"app.py": "…"})
    check_noop(tmp_path, "celery", "dramatiq", {"app.py": "…"})

What is checked, on the tree as given and on the variants CRLF, byte order mark, no final newline and tabs that are derived from it:

* it parses before (so that a typo in a test cannot pass), in the expected text, and after;
* every byte outside the edits is the same;
* a second run changes nothing;
* every item that the scan finds has a decision (unresolved places get theirs by themselves), and no manual one was rewritten;
* the variant's result is the plain result in the variant's form.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import yaml

from migrator.codemods import Writer, load
from migrator.codemods.accounting import complete, undecided
from migrator.codemods.changes import ChangeSet
from migrator.codemods.files import FileChange, file_changes
from migrator.codemods.textform import text_form
from migrator.jobs import Inventory
from migrator.syntax.source import SUFFIXES, parse

Tree = Mapping[str, str]
Scan = Callable[[Path], Inventory]


def check_rewrite(
    folder: Path,
    source: str,
    target: str,
    before: Tree,
    after: Tree | None = None,
    *,
    unsafe: bool = False,
    writer: Writer | None = None,
    scan: Scan | None = None,
    tabs: bool = True,
) -> ChangeSet:
    """Rewrite `before` in all variants; returns the change set of the plain one for further asserts.

    `after` maps each path that changes to its whole text, and a removed one to ""; paths that it does not name must stay as they are.
    `writer` and `scan` default to the registered ones. `tabs=False` leaves the tab variant out (a tree with significant spaces in strings).
    """
    run = _Run(folder, writer or load(source, target), scan or _scan, unsafe)
    plain = {path: text.encode() for path, text in before.items()}
    changes, result = run.check("plain", plain)
    if after is not None:
        expected = {**plain, **{path: text.encode() for path, text in after.items()}}
        expected = {path: data for path, data in expected.items() if data or before.get(path) == ""}
        for path, data in expected.items():
            assert_parses(path, data)
        assert _readable(result) == _readable(expected)
    else:
        expected = result

    changed = {path for path in expected if expected[path] != plain.get(path)}
    edited = changed & plain.keys()
    _, crlf = run.check("crlf", {path: _crlf(data) for path, data in plain.items()})
    assert _readable(crlf) == _readable({p: _crlf(d) if p in plain else d for p, d in expected.items()}), (
        "CRLF files must stay CRLF throughout"
    )
    code = {path for path in plain if PurePosixPath(path).suffix in SUFFIXES}
    _, marked = run.check("bom", {path: b"\xef\xbb\xbf" + data if path in code else data for path, data in plain.items()})
    assert _readable(marked) == _readable({p: b"\xef\xbb\xbf" + d if p in code else d for p, d in expected.items()}), (
        "the byte order mark must stay first"
    )
    _, bare = run.check("no final newline", {path: data.rstrip(b"\n") for path, data in plain.items()})
    stripped = {path: data.rstrip(b"\n") for path, data in bare.items()}
    assert _readable(stripped) == _readable({path: data.rstrip(b"\n") for path, data in expected.items()}), (
        "a missing final newline changes nothing else"
    )
    if tabs and any(path in code for path in edited):
        run.check("tabs", {path: _tabs(data, path) if path in code else data for path, data in plain.items()})
    return changes


def check_noop(
    folder: Path, source: str, target: str, before: Tree, *, writer: Writer | None = None, scan: Scan | None = None
) -> ChangeSet:
    """The rewrite must leave every byte of `before` alone."""
    changes = check_rewrite(folder, source, target, before, {}, unsafe=True, writer=writer, scan=scan)
    assert not changes.new_files
    assert not changes.removed_files
    return changes


def assert_parses(path: str, data: bytes) -> None:
    """The file is free of syntax errors, as far as its kind is one that we can read."""
    pure = PurePosixPath(path)
    if pure.suffix in SUFFIXES:
        gaps = parse(path, data).gaps
        assert not gaps, f"{path}:{gaps[0].line} does not parse:\n{data.decode()}"
    try:
        if pure.suffix in (".py", ".pyi"):
            ast.parse(data)
        elif pure.suffix == ".json" and not pure.name.startswith("tsconfig"):  # tsconfig allows comments
            json.loads(data)
        elif pure.suffix in (".yml", ".yaml"):
            list(yaml.safe_load_all(data))
        elif pure.suffix == ".toml":
            tomllib.loads(data.decode())
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        raise AssertionError(f"{path} does not parse: {error}\n{data.decode()}") from error


class _Run:
    """One writer with one setting, over any number of trees."""

    def __init__(self, folder: Path, writer: Writer, scan: Scan, unsafe: bool) -> None:
        self.folder, self.writer, self.scan, self.unsafe = folder, writer, scan, unsafe

    def check(self, variant: str, tree: Mapping[str, bytes]) -> tuple[ChangeSet, dict[str, bytes]]:
        """Rewrite, hold the promises, and return the change set and the whole tree after."""
        root = self.folder / f"{variant.replace(' ', '-')}-{len(list(self.folder.iterdir()))}"
        for path, data in tree.items():
            assert_parses(path, data)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        root.mkdir(exist_ok=True)

        inventory = self.scan(root)
        changes = self.writer(inventory, root, unsafe=self.unsafe)
        _assert_accounted(changes, inventory, variant)
        files = file_changes(changes, root)
        _assert_only_edits(changes, files, tree)
        _write(root, files)
        result = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
        for path, data in result.items():
            assert_parses(path, data)

        again = file_changes(self.writer(self.scan(root), root, unsafe=self.unsafe), root)
        assert not again, (
            f"[{variant}] a second run changes {again[0].path}:\n{_show(again[0].before)}\n--- becomes ---\n{_show(again[0].after)}"
        )
        return complete(changes, inventory), result


def _assert_accounted(changes: ChangeSet, inventory: Inventory, variant: str) -> None:
    dropped = [d for d in undecided(changes, inventory) if d.kind != "reference"]
    assert not dropped, f"[{variant}] nothing was decided about: " + "; ".join(
        f"{d.kind} {d.name!r} at {d.location.place}" for d in dropped
    )
    rewritten, left = (sum(d.outcome == outcome for d in changes.decisions) for outcome in ("rewritten", "left"))
    assert rewritten + left == len(changes.decisions) == sum(changes.counts().values())
    for decision in changes.decisions:
        assert decision.summary, f"{decision} says nothing"
        assert (decision.safety, decision.outcome) != ("manual", "rewritten"), f"a manual decision cannot have been rewritten: {decision}"


def _assert_only_edits(changes: ChangeSet, files: tuple[FileChange, ...], tree: Mapping[str, bytes]) -> None:
    """Walk each edited file and find every piece between two edits again, in place."""
    edits = changes.by_file()
    for file in files:
        if file.before is None or file.after is None:
            continue
        assert file.before == tree[file.path]
        form, position, done = text_form(file.before, file.path), 0, 0
        for edit in edits[file.path]:
            start = max(edit.span.start, form.body)
            kept = file.before[done:start]
            assert file.after[position : position + len(kept)] == kept, f"{file.path}: bytes before offset {start} changed"
            position += len(kept) + len(form.encode(edit.text, place=file.path))
            done = max(edit.span.end, start)
        assert file.after[position:] == file.before[done:], f"{file.path}: bytes after the last edit changed"


def _scan(root: Path) -> Inventory:
    from migrator.scanners import scan

    return scan(root)


def _write(root: Path, files: tuple[FileChange, ...]) -> None:
    for file in files:
        path = root / file.path
        if file.after is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after)


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _tabs(data: bytes, path: str) -> bytes:
    """Leading spaces as tabs: four to one in Python, two to one elsewhere."""
    width = 4 if path.endswith((".py", ".pyi")) else 2
    return re.sub(rb"(?m)^(?: {%d})+" % width, lambda m: b"\t" * (len(m[0]) // width), data)


def _readable(tree: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Lines with their ends, so that pytest shows where two trees differ."""
    return {path: data.decode().splitlines(keepends=True) for path, data in sorted(tree.items())}


def _show(data: bytes | None) -> str:
    return "(no such file)" if data is None else data.decode("utf-8", "replace")
