"""How far a system has a capability: on its own, with some code of ours or the application's, or not at all."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

#: native: the system does it; emulated: it can be had with code, as `how` says; absent: it cannot, or only by another design
Kind = OneOf["native", "emulated", "absent"]


class Support(msgspec.Struct, frozen=True):
    """`how`: the option or function that gives it, the code that emulates it, or what to do instead. `since`: first version that has it."""

    kind: Kind
    how: str
    since: str = ""


def native(how: str, since: str = "") -> Support:
    """The system does it."""
    return Support("native", how, since)


def emulated(how: str, since: str = "") -> Support:
    """It can be had with code, as `how` says."""
    return Support("emulated", how, since)


def absent(how: str) -> Support:
    """The system does not do it; `how` says why, or what to do instead."""
    return Support("absent", how)
