"""Meanings by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.scanners.linking import Instance, Meaning, Member


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
