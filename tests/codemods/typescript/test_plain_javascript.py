"""The generated runtime as plain JavaScript: Node itself says whether it is any."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from migrator.codemods.rendering import render
from migrator.codemods.typescript.plain_javascript import erase_types, to_commonjs
from migrator.servers.node import node


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("export interface A {\n  b: string;\n}\nexport const c = 1;\n", "export const c = 1;\n"),
        ("type A<T> = T extends string ? 1 : 2;\nlet a: A<string> | undefined;\n", "let a;\n"),
        ("class A {\n  private readonly b: string;\n  c?: number;\n}\n", "class A {\n  b;\n  c;\n}\n"),
        ('import type { A } from "a";\nimport { type B, c } from "b";\nc;\n', 'import { c } from "b";\nc;\n'),
        ("const a = b as unknown as C<D>[];\n", "const a = b;\n"),
        ("const a = b! + c!.d;\n", "const a = b + c.d;\n"),
        ("const a = { b } satisfies C;\n", "const a = { b };\n"),
        ("async function f<T>(a: T, b?: T): Promise<T> { return a; }\n", "async function f(a, b) { return a; }\n"),
        ("const f = <T,>(a: T): a is T => g<T>(a);\n", "const f = (a) => g(a);\n"),
        ("const a = b ? c : d;\n", "const a = b ? c : d;\n"),
    ],
)
def test_types_go(before: str, after: str) -> None:
    assert erase_types(before) == after


def _check(path: Path) -> str:
    return subprocess.run([node().executable, "--check", path], capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("template", ["bullmq_jobs.ts", "bullmq_run.ts", "bullmq_compare.ts"])
@pytest.mark.parametrize("suffix", [".mjs", ".cjs"])
def test_the_runtime_is_javascript_without_its_types(tmp_path: Path, template: str, suffix: str) -> None:
    text = erase_types(render(template, suffix=suffix, redis="connect"))
    path = tmp_path / f"a{suffix}"
    path.write_text(to_commonjs(text) if suffix == ".cjs" else text)
    assert _check(path) == ""


def test_commonjs_takes_and_gives_by_name() -> None:
    text = 'import { a as b, c } from "./a";\nimport d from "d";\nimport "e";\n'
    text += "export async function f() { return b(c, d); }\nexport class G {}\n"
    assert to_commonjs(text) == (
        'const { a: b, c } = require("./a");\nconst d = require("d");\nrequire("e");\n'
        "async function f() { return b(c, d); }\nclass G {}\n\nmodule.exports = { f, G };\n"
    )
