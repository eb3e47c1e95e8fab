"""Which binding a name means at a place: innermost scope first, then the last one before it in a block around it."""

from __future__ import annotations

import pytest
from tree_sitter import Node

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


#: what a definition at the top of a file of Python may have in it and around it
FORMS = """
import os, shop.mails as m
from shop import post as send, read
if os.name:
    def early(a): return a
else:
    early = None
limit = lambda x, y=1: x + y
@send(key=lambda z: z)
def outer(a, *rest, b: int = limit, **more):
    for each in rest:
        c = each
    with open(a) as stream, m.x as other:
        d, e = stream
    def inner(a, f=c):
        if (g := f) is None: return a
        class Local:
            h = [i for i in rest if i]
            def own(self): return h
        return Local
    return [inner(j) for j in more]
class Base(object):
    k = [n for n in rest]
    def read(self, l=send): return l
    @property
    def size(self):
        import json as text
        try: return text
        except ValueError as error: return error
async def last(a): return [a async for a in outer]
a = outer
"""


def _told(bindings: Bindings, name: str, at: Node) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(b.node.start_byte, b.kind, b.path) for b in bindings.lookup(name, at)]


def test_what_one_place_asks_for_is_told_as_if_all_had_been_read() -> None:
    source = parse("a.py", FORMS.encode())
    whole = Bindings(source)
    assert len(list(whole.every())) > len(whole.module)
    places = source.nodes("identifier")
    source.forget()
    for at in (*places, *reversed(places)):
        asked = Bindings(source)
        assert _told(asked, source.text(at), at) == _told(whole, source.text(at), at)
    together = Bindings(source)
    for at in places:
        assert _told(together, source.text(at), at) == _told(whole, source.text(at), at)
    top = Bindings(source).module
    assert {name: [b.node.start_byte for b in found] for name, found in top.items()} == {
        name: [b.node.start_byte for b in found] for name, found in whole.module.items()
    }


def test_all_bindings_are_there_after_some_were_asked_for() -> None:
    source = parse("a.py", FORMS.encode())
    asked = Bindings(source)
    assert "c" not in asked.module
    assert sorted(b.name for b in asked.every()) == sorted(b.name for b in Bindings(source).every())
    assert {b for found in asked.module.values() for b in found} <= set(asked.every())
