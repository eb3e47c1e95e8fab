"""A name that very many scopes bind means the same as one that few do."""

from __future__ import annotations

from migrator.syntax.bindings import Bindings
from migrator.syntax.source import parse
from migrator.syntax.tree import walk

#: enough of them for the index
COUNT = 40


def test_the_innermost_scope_is_meant() -> None:
    flat = "".join(f"def f{n}(var):\n    def g{n}(var):\n        var.inner{n}\n    var.outer{n}\n" for n in range(COUNT))
    source = parse("a.py", f"var = 0\n{flat}var.module\n".encode())
    bindings = Bindings(source)
    told: dict[str, str] = {}
    for node in walk(source.root, ("attribute",)):
        owner, name = node.named_children
        (binding,) = bindings.lookup("var", owner)
        scope = binding.scope.child_by_field_name("name")
        told[source.text(name)] = source.text(scope) if scope is not None else ""
    expected = {f"{where}{n}": f"{function}{n}" for n in range(COUNT) for where, function in (("inner", "g"), ("outer", "f"))}
    assert told == {**expected, "module": ""}


def test_scopes_within_scopes() -> None:
    deep = "".join(f"{'    ' * n}def f{n}(var):\n{'    ' * (n + 1)}var.at{n}\n" for n in range(COUNT))
    source = parse("a.py", deep.encode())
    bindings = Bindings(source)
    for node in walk(source.root, ("attribute",)):
        owner, name = node.named_children
        (binding,) = bindings.lookup("var", owner)
        scope = binding.scope.child_by_field_name("name")
        assert scope is not None
        assert source.text(scope) == source.text(name).replace("at", "f")
