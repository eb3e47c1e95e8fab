"""Import lines are read, extended and shortened without touching what stands beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemods.edits import apply_edits
from migrator.codemods.typescript.imports import add, imported, relative, remove
from migrator.codemods.typescript.project import Project
from migrator.syntax.source import Source


def project(root: Path, files: dict[str, str]) -> Project:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Project(root)


def without(text: str, *names: str) -> str:
    source = Source("a.ts", text.encode())
    gone = [e for e in imported(source) if e.local in names]
    return apply_edits(text.encode(), remove(source, gone)).decode()


@pytest.mark.parametrize(
    ("before", "names", "after"),
    [
        ('import { a, b, c } from "x";\n', ["a"], 'import { b, c } from "x";\n'),
        ('import { a, b, c } from "x";\n', ["b"], 'import { a, c } from "x";\n'),
        ('import { a, b, c } from "x";\n', ["c"], 'import { a, b } from "x";\n'),
        ('import { a, b, c } from "x";\n', ["a", "c"], 'import { b } from "x";\n'),
        ('import { a, b } from "x";\nimport y from "y";\n', ["a", "b"], 'import y from "y";\n'),
        ('import d, { a } from "x";\n', ["a"], 'import d from "x";\n'),
        ('import d, { a } from "x";\n', ["d"], 'import { a } from "x";\n'),
        ('import {\n  a,\n  b as c,\n} from "x";\n', ["c"], 'import {\n  a,\n} from "x";\n'),
        ('import {\n  a,\n  b as c,\n} from "x";\n', ["a"], 'import {\n  b as c,\n} from "x";\n'),
        ('import * as n from "x"; // why\nn;\n', ["n"], " // why\nn;\n"),
        ('const { a, b } = require("x");\n', ["a"], 'const { b } = require("x");\n'),
        ('const { a } = require("x");\nb();\n', ["a"], "b();\n"),
        ('import { a } from "x";\n\nimport y from "y";\n', ["a"], 'import y from "y";\n'),
        ('import y from "y";\n\nimport { a } from "x";\nimport { b } from "z";\n\ny;\n', ["a", "b"], 'import y from "y";\n\ny;\n'),
        ('import { a } from "x";\n\nimport { b } from "z";\n\nimport y from "y";\n', ["a", "b"], 'import y from "y";\n'),
        ('import y from "y";\nimport { a } from "x";\n\ny;\n', ["a"], 'import y from "y";\n\ny;\n'),
        ('import { type A, b } from "x";\n', ["b"], 'import { type A } from "x";\n'),
    ],
)
def test_names_leave(before: str, names: list[str], after: str) -> None:
    assert without(before, *names) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('import b from "b";\n\nb();\n', 'import b from "b";\nimport { a } from "./x";\n\nb();\n'),
        ("import b from 'b'\n\nb()\n", "import b from 'b'\nimport { a } from './x'\n\nb()\n"),
        ('"use server";\n\nexport {};\n', '"use server";\nimport { a } from "./x";\n\nexport {};\n'),
        ("#!/usr/bin/env tsx\nf();\n", '#!/usr/bin/env tsx\nimport { a } from "./x";\nf();\n'),
        ("// what it is for\nf();\n", 'import { a } from "./x";\n// what it is for\nf();\n'),
        ("", 'import { a } from "./x";\n'),
    ],
)
def test_names_come_in(tmp_path: Path, before: str, after: str) -> None:
    edits = add(project(tmp_path, {"a.ts": before}), "a.ts", ["a"], "./x", "")
    assert apply_edits(before.encode(), edits).decode() == after


def test_names_come_into_commonjs(tmp_path: Path) -> None:
    before = "const b = require('b');\n\nmodule.exports = { b };\n"
    edits = add(project(tmp_path, {"a.js": before}), "a.js", ["x as y", "a"], "./x", "")
    assert "const { a, x: y } = require('./x');" in apply_edits(before.encode(), edits).decode()


@pytest.mark.parametrize(
    ("around", "specifier"),
    [
        ('import "./b";\n', "../jobs/jobs"),
        ('import "./b.js";\n', "../jobs/jobs.js"),
        ('import "./b.ts";\n', "../jobs/jobs.ts"),
        ("", "../jobs/jobs"),
    ],
)
def test_specifiers_end_as_those_around_them(tmp_path: Path, around: str, specifier: str) -> None:
    tree = {"package.json": '{ "type": "module" }', "src/a/a.ts": around, "src/a/b.ts": "export {};\n"}
    assert relative(project(tmp_path, tree), "src/a/a.ts", "src/jobs/jobs.ts") == specifier


def test_plain_javascript_in_modules_needs_the_whole_name(tmp_path: Path) -> None:
    tree = {"package.json": '{ "type": "module" }', "a.js": 'import "b";\n'}
    assert relative(project(tmp_path, tree), "a.js", "jobs/jobs.js") == "./jobs/jobs.js"


def test_everything_that_brings_in_a_name() -> None:
    text = (
        'import a from "m";\nimport * as b from "m";\nimport { c, d as e, type F } from "m";\nimport type { G } from "m";\nimport "m";\n'
        'export { h } from "m";\nexport * from "m";\nconst i = require("m");\nconst { j, k: l } = require("m");\n'
        'const { n } = await import("m");\n'
    )
    found = [(e.name, e.local, e.type_only) for e in imported(Source("a.ts", text.encode())) if e.module == "m"]
    assert found == [
        ("default", "a", False),
        ("*", "b", False),
        ("c", "c", False),
        ("d", "e", False),
        ("F", "F", True),
        ("G", "G", True),
        ("", "", False),
        ("h", "", False),
        ("*", "", False),
        ("*", "i", False),
        ("j", "j", False),
        ("k", "l", False),
        ("n", "n", False),
    ]
