"""A file's nodes by their kind."""

from __future__ import annotations

from migrator.syntax.source import parse

_CODE = b"""class Mail:
    def send(self, to):
        post(to)(to)

def post(to):
    return lambda text: write(to, text)
"""


def test_kinds_looked_for_at_once_are_the_nodes_that_each_question_gives() -> None:
    kinds = ("call", "function_definition", "class_definition", "return_statement")
    once, each = parse("a.py", _CODE), parse("a.py", _CODE)
    once.look_for(*kinds)
    for kind in kinds:
        found = [once.text(node) for node in once.nodes(kind)]
        assert found == [each.text(node) for node in each.nodes(kind)]
        assert found


def test_nodes_of_several_kinds_come_in_the_order_of_the_document() -> None:
    source = parse("a.py", _CODE)
    source.look_for("class_definition")
    types = [node.type for node in source.nodes("call", "lambda", "function_definition", "class_definition")]
    assert types == ["class_definition", "function_definition", "call", "call", "function_definition", "lambda", "call"]


def test_what_is_below_a_node_is_its_own_and_no_neighbours() -> None:
    source = parse("a.py", _CODE)
    send, post = source.nodes("function_definition")
    assert [source.text(call) for call in source.below(send, "call")] == ["post(to)(to)", "post(to)"]
    assert [source.text(call) for call in source.below(post, "call")] == ["write(to, text)"]
