"""Edits of package.json keep its formatting."""

from __future__ import annotations

import json

import pytest

from migrator.codemods.changes import ChangeSet
from migrator.codemods.edits import apply_edits
from migrator.codemods.typescript.package_json import PackageJson


def changed(text: str, section: str, add: dict[str, str] | None = None, gone: frozenset[str] = frozenset()) -> str:
    manifest = PackageJson("package.json", text.encode())
    manifest.change(section, add or {}, gone)
    after = apply_edits(
        text.encode(), ChangeSet(source="", target="", edits=tuple(manifest.edits)).by_file().get("package.json", [])
    ).decode()
    json.loads(after)
    return after


@pytest.mark.parametrize(
    ("before", "add", "gone", "after"),
    [
        (
            '{\n  "dependencies": {\n    "a": "1",\n    "c": "1"\n  }\n}\n',
            {"b": "2"},
            set[str](),
            '{\n  "dependencies": {\n    "a": "1",\n    "b": "2",\n    "c": "1"\n  }\n}\n',
        ),
        (
            '{\n  "dependencies": {\n    "a": "1",\n    "c": "1"\n  }\n}\n',
            {"d": "2"},
            {"c"},
            '{\n  "dependencies": {\n    "a": "1",\n    "d": "2"\n  }\n}\n',
        ),
        ('{ "dependencies": { "a": "1" } }', {"b": "2"}, set[str](), '{ "dependencies": { "a": "1", "b": "2" } }'),
        ('{\n  "dependencies": {\n    "a": "1"\n  }\n}\n', {"b": "2"}, {"a"}, '{\n  "dependencies": {\n    "b": "2"\n  }\n}\n'),
        ('{\n\t"name": "x"\n}\n', {"b": "2"}, set[str](), '{\n\t"name": "x",\n\t"dependencies": {\n\t\t"b": "2"\n\t}\n}\n'),
        ("{}", {"b": "2"}, set[str](), '{\n  "dependencies": {\n    "b": "2"\n  }\n}'),
        ('{ "dependencies": { "z": "1", "a": "1" } }', {"b": "2"}, set[str](), '{ "dependencies": { "z": "1", "a": "1", "b": "2" } }'),
        ('{ "dependencies": { "a": "1" } }', {"a": "2"}, set[str](), '{ "dependencies": { "a": "1" } }'),
        ('{ "dependencies": {} }', {}, {"a"}, '{ "dependencies": {} }'),
    ],
    ids=["sorted", "swap", "one line", "only one", "new section, tabs", "empty", "unsorted", "there already", "nothing"],
)
def test_entries_go_in_and_out(before: str, add: dict[str, str], gone: set[str], after: str) -> None:
    assert changed(before, "dependencies", add, frozenset(gone)) == after


def test_a_byte_order_mark_stays_first() -> None:
    text = b'\xef\xbb\xbf{\n  "scripts": {\n    "a": "b"\n  }\n}\n'
    manifest = PackageJson("package.json", text)
    manifest.change("scripts", {"worker": "tsx src/worker.ts"})
    after = apply_edits(text, manifest.edits)
    assert json.loads(after.decode("utf-8-sig"))["scripts"] == {"a": "b", "worker": "tsx src/worker.ts"}
    assert after.startswith(b"\xef\xbb\xbf{")


def test_what_is_no_json_is_left_alone() -> None:
    manifest = PackageJson("package.json", b"[1, 2")
    manifest.change("dependencies", {"a": "1"})
    assert manifest.edits == []
    assert manifest.content == {}
