"""Meanings by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from migrator.scanners.linking import Frame, Instance, Known, Meaning, Member, Place
from migrator.syntax.source import parse


@dataclass
class Asked:
    """A meaning that counts how often it is asked for its key."""

    times: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        self.times.append("asked")
        return "knex"


def test_the_key_of_a_long_chain_of_calls_asks_each_link_once() -> None:
    root = Asked()
    chain: Meaning = Member(root, "select")  # pyright: ignore[reportArgumentType]
    for name in ("from", "where", "orderBy", "limit"):
        chain = Member(Instance(chain), name)
    assert chain.key == "knex.select().from().where().orderBy().limit"
    assert len(root.times) == 1


def test_a_frame_that_is_seen_from_another_call_begins_without_answers() -> None:
    source = parse("a.py", b"def f(x):\n    return x\n")
    function = source.nodes("function_definition")[0]
    frame = Frame(function, {0: Known(1)})
    frame.answers[source, function.id] = Known(1)
    seen = replace(frame, site=Place(source, source.root))
    assert seen.answers == {}
    assert seen.arguments == frame.arguments


def test_a_place_keeps_its_node_when_it_is_seen_in_another_frame() -> None:
    source = parse("a.py", b"x = 1\n")
    place = Place(source, source.root)
    frame = Frame(source.root, {})
    seen = msgspec.structs.replace(place, frame=frame)
    assert (seen.node, seen.frame, place.frame) == (source.root, frame, None)
