"""What people have changed since: what is switched off, and how far the ramp is. It lies in a store that every process looks at."""

from __future__ import annotations

from typing import Annotated
from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError


class NoState(MigratorError):  # noqa: N818 - a state of the world
    """What lies where the state should is none."""


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`version` grows by one with every change; `said` is who changed it last and why."""

    schema: OneOf["migrator.routing/1"] = "migrator.routing/1"
    version: int = 0
    everything: bool = False  #: all jobs go to the current arm
    arms: tuple[str, ...] = ()  #: nothing goes to these
    jobs: tuple[str, ...] = ()  #: names or patterns that go to the current arm
    step: Annotated[int, msgspec.Meta(ge=0)] = 0  #: of the ramp, from 0
    held: bool = False  #: the ramp goes no further by itself
    said: str = ""


def encoded(state: State) -> bytes:
    """The state as bytes of JSON, its schema first."""
    return msgspec.json.encode({"schema": state.schema, **msgspec.to_builtins(state)})


def decoded(data: bytes, place: str) -> State:
    """The state that bytes hold.

    Raises:
        NoState: they hold none.
    """
    try:
        return msgspec.json.decode(data, type=State)
    except msgspec.MsgspecError as error:
        remedy = (
            "Write it anew: migrate shadow kill FILE, or migrate shadow resume FILE, after which nothing is switched off and a ramp"
            " is at its first step. Until then what was read last goes on to hold."
        )
        raise NoState(f"this is no state of routing: {error}", place=place, remedy=remedy) from None
