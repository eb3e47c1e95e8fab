"""Which binding a name means at a place: innermost scope first, then the last one before it in a block around it."""

from __future__ import annotations

import pytest

from migrator.syntax.bindings import Bindings
from migrator.syntax.source import parse

#: name of the case -> (file, code with `@x@` where the name is used, text of the statement that binds it there; empty if none does)
CASES = {
    "a parameter hides the module's name": ("a.ts", "const x = 1;\nfunction f(x) { return @x@; }", "x"),
    "a function's own name is bound around it": ("a.ts", "function x() { return @x@; }", "function x() { return x; }"),
    "not what another function binds": ("a.ts", "function f() { const x = 1; }\n@x@;", ""),
    "not what a method binds": ("a.ts", "class A { m() { const x = 1; } }\n@x@;", ""),
    "an arrow's only parameter": ("a.ts", "const x = 1;\nconst f = x => @x@;", "x"),
    "the block's own before the function's": ("a.ts", "function f() { let x = 1; { let x = 2; @x@; } }", "x = 2"),
    "not the block's own outside of it": ("a.ts", "function f() { let x = 1; { let x = 2; } @x@; }", "x = 1"),
    "bound later in the file": ("a.ts", "function f() { return @x@; }\nconst x = 3;", "x = 3"),
    "a destructured name": ("a.ts", "const { a: { x } } = y;\n@x@;", "{ a: { x } } = y"),
    "a loop's name": ("a.js", "for (const x of xs) { @x@; }", "for (const x of xs) { x; }"),
    "Python: the last assignment before": ("a.py", "x = 1\nx = 2\n@x@\nx = 3", "x = 2"),
    "Python: a class body binds nothing for its methods": ("a.py", "x = 1\nclass A:\n    x = 2\n    def f(self): return @x@", "x = 1"),
    "Python: a nested function sees the outer one's": ("a.py", "def f():\n    x = 1\n    def g(): return @x@", "x = 1"),
    "Python: a keyword-only parameter": ("a.py", "x = 1\ndef f(*, x=2): return @x@", "x=2"),
    "Python: a comprehension's name": ("a.py", "ys = [@x@ for x in xs]", "for x in xs"),
}


@pytest.mark.parametrize(("path", "code", "expected"), CASES.values(), ids=CASES)
def test_lookup(path: str, code: str, expected: str) -> None:
    before, name, after = code.split("@")
    source = parse(path, f"{before}{name}{after}".encode())
    at = source.root.descendant_for_byte_range(len(before), len(before) + len(name))
    assert at is not None
    assert source.text(at) == name
    found = Bindings(source).lookup(name, at)
    assert (source.text(found[0].node) if found else "") == expected


def test_the_top_of_a_file_holds_only_its_own_names() -> None:
    source = parse(
        "a.ts", b"import a, { b as c } from 'm';\nconst { d, ...e } = c;\nfunction f(g) { const h = 1; }\nclass I {}\nenum J { K }\n"
    )
    assert sorted(Bindings(source).module) == ["I", "J", "a", "c", "d", "e", "f"]
