"""Imports read off the text of a file, held against those of its syntax tree."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from migrator.syntax.bindings import NAMESPACE, Bindings
from migrator.syntax.import_text import Taken, imports_of, members_used
from migrator.syntax.source import parse

#: form -> (text, what is taken)
TYPESCRIPT = {
    "named": ('import { a, b as c } from "./m";', {("a", "./m", "a"), ("c", "./m", "b")}),
    "named over lines, with types": ('import {\n  type A,\n  b,\n} from "m"', {("A", "m", "A"), ("b", "m", "b")}),
    "types alone": ("import type { A } from 'm';", {("A", "m", "A")}),
    "default": ('import d from "m";', {("d", "m", "default")}),
    "default and named": ('import d, { a } from "m";', {("d", "m", "default"), ("a", "m", "a")}),
    "namespace": ('import * as n from "m";', {("n", "m", "*")}),
    "default and namespace": ('import d, * as n from "m";', {("d", "m", "default"), ("n", "m", "*")}),
    "minified": ('import{a as b}from"m";import c from"n";', {("b", "m", "a"), ("c", "n", "default")}),
    "for its effects": ('import "./m";', {("", "./m", "*")}),
    "required": ('const m = require("m");', {("m", "m", "*")}),
    "required and taken apart": ('const { a, b: c } = require("m")', {("a", "m", "a"), ("c", "m", "b")}),
    "awaited": ('const { a } = await import("./m");', {("a", "./m", "a")}),
    "required where it is used": ('require("m").a.go()', {("", "m", "*")}),
    "import of require": ('import m = require("m");', {("m", "m", "*")}),
    "a name with a keyword in it": (
        'import { exportCsv, importAll } from "m";',
        {("exportCsv", "m", "exportCsv"), ("importAll", "m", "importAll")},
    ),
    "a name of other letters": ('import { größe } from "m";', {("größe", "m", "größe")}),
    "passed on": ('export { a as b } from "m";', {("b", "m", "a")}),
    "passed on whole": ('export * from "m";', {("*", "m", "*")}),
    "passed on under a name": ('export * as n from "m";', {("n", "m", "*")}),
    "not an import": ('const from = "m"; const important = 1; exporter("x");', set()),
}
PYTHON = {
    "names": ("from a.b import c, d as e", {("c", "a.b", "c"), ("e", "a.b", "d")}),
    "brackets and comments": ("from .a import (\n    b,  # (why\n    c as d,\n)", {("b", ".a", "b"), ("d", ".a", "c")}),
    "continued line": ("from a import b, \\\n    c", {("b", "a", "b"), ("c", "a", "c")}),
    "everything": ("from a import *", {("*", "a", "*")}),
    "modules": ("import a.b, c as d", {("a", "a.b", "*"), ("d", "c", "*")}),
    "in a function": ("def f():\n    from a import b\n", {("b", "a", "b")}),
    "Windows lines": ("from a import b\r\nimport c\r\n", {("b", "a", "b"), ("c", "c", "*")}),
    "relative": ("from . import a\nfrom .. import b", {("a", ".", "a"), ("b", "..", "b")}),
    "not an import": ("important = 1\nfrom_ = 2\n# away from here\n", set()),
}


@pytest.mark.parametrize("form", TYPESCRIPT)
def test_what_typescript_takes(form: str) -> None:
    text, taken = TYPESCRIPT[form]
    assert set(imports_of(text.encode(), python=False).taken) == {Taken(*t) for t in taken}


@pytest.mark.parametrize("form", PYTHON)
def test_what_python_takes(form: str) -> None:
    text, taken = PYTHON[form]
    assert set(imports_of(text.encode(), python=True).taken) == {Taken(*t) for t in taken}


#: form -> (text, given names with where they are from, modules that are given on whole)
GIVEN = {
    "imported, then exported": ('import { a } from "m";\nexport { a as b };', {"b": {("m", "a")}}, set()),
    "default": ('import a from "m";\nexport default a;', {"default": {("m", "default")}}, set()),
    "default made a name": ('export { default as a } from "m";', {"a": {("m", "default")}}, set()),
    "all": ('export * from "m";', {}, {"m"}),
    "required and exported": ('export const { a } = require("m");', {"a": {("m", "a")}}, set()),
    "CommonJS names": ('const a = require("m");\nmodule.exports = { b: a };', {"b": {("m", "*")}}, {"m"}),
    "CommonJS, one by one": ('const { a } = require("m");\nexports.b = a;', {"b": {("m", "a")}}, set()),
    "CommonJS, all of another": ('module.exports = require("./m");', {"default": {("./m", "*")}}, {"./m"}),
    "nothing": ('import { a } from "m";\na();\nexport const b = 1;', {}, set()),
}


@pytest.mark.parametrize("form", GIVEN)
def test_what_typescript_gives_on(form: str) -> None:
    text, given, whole = GIVEN[form]
    found = imports_of(text.encode(), python=False)
    assert {name: origins & set(found.given.get(name, ())) for name, origins in given.items()} == given
    assert set(found.whole) == whole
    if not given:
        assert found.given == {}


@pytest.mark.parametrize("form", [*TYPESCRIPT, *GIVEN])
def test_nothing_that_the_tree_shows_is_missed_in_typescript(form: str) -> None:
    text = (TYPESCRIPT.get(form) or GIVEN[form])[0].encode()
    bindings, found = Bindings(parse("a.ts", text)), imports_of(text, python=False)
    bound = {Taken(b.name, b.module, b.member) for b in bindings.every() if b.kind == "import"}
    assert bound - set(found.taken) == set()
    exported = {(e.name, e.module, e.member) for e in bindings.exports().values() if e.module}
    assert {(n, *origin) for n, origins in found.given.items() for origin in origins} >= exported
    assert set(found.whole) >= set(bindings.star_exports())


@pytest.mark.parametrize("form", PYTHON)
def test_nothing_that_the_tree_shows_is_missed_in_python(form: str) -> None:
    text = PYTHON[form][0].encode()
    found = imports_of(text, python=True)
    bound = {(b.name, b.module.split(".")[0]) for b in Bindings(parse("a.py", text)).every() if b.kind == "import"}
    assert bound - {(t.local, t.module.split(".")[0]) for t in found.taken} == set()
    assert set(found.whole) == {t.module for t in found.taken if t.local == NAMESPACE}


HOSTILE = (
    *(
        "import ",
        "import{",
        'import"',
        "from ",
        "from x import (",
        "from x import \\\n",
        "# from x import (\n",
        "const {",
        "export {",
        "exports.",
    ),
    *("a:", "a", '"', "'", "(", "\\\n", "require(", "const a = ", "export default ", " ", "\n"),
)


@pytest.fixture
def patience() -> Iterator[None]:
    """What takes a second in proportion to the file takes hours in proportion to its square: this is far from either."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("python", [True, False])
def test_the_cost_is_in_proportion_to_the_file(piece: str, *, python: bool) -> None:
    data = f"from a import b\nconst c = require('d');\nexports.x = import from export require {piece * (1_000_000 // len(piece))}"
    expected = {"a"} if python else {"d"}
    assert {t.module for t in imports_of(data.encode(), python=python).taken} >= expected


@pytest.mark.parametrize(
    ("text", "name", "members"),
    [
        ("import app\napp.tasks.go()\n", "app", {"tasks"}),
        ("from app import app\napp.one(); app . two\n", "app", {"one", "two"}),
        ("import a.b\na.b.go()\na.c\n", "a.b", {"go"}),
        ("from app import x\nx()\n", "app", set()),
        ("import app\n# app\nprint('app', my.app, app.go)\n", "app", {"go"}),
        ("import app\ngetattr(app, name)\n", "app", None),
        ("import app\nother = app\n", "app", None),
        ("import app\nprint(f'{app}')\n", "app", None),
        ("import application\n", "app", set()),
    ],
)
def test_members_that_python_asks_of_a_module(text: str, name: str, members: set[str] | None) -> None:
    assert members_used(text.encode(), name, python=True) == members


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ('import * as q from "./q";\nq.mails.add(); q?.files', {"mails", "files"}),
        ('import type * as q from "./q";\nlet m: typeof q.mails;', {"mails"}),
        ('const q = require("./q");\nq.mails.add()', {"mails"}),
        ('const q = await import("./q");\nq.mails.add()', {"mails"}),
        ('import * as q from "./q";\nconst { mails } = q;', None),
        ('import * as q from "./q";\nq["mails"].add()', None),
        ('import * as q from "./q";\nexport { q };', None),
        ('import * as q from "./q";\nexport const all = { ...q };', None),
    ],
)
def test_members_that_typescript_asks_of_a_module(text: str, members: set[str] | None) -> None:
    assert members_used(text.encode(), "q", python=False) == members
