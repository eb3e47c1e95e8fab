"""What a trap is: something that changes meaning on the way from one system to another, and who has to deal with it."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

#: automatic: the rewrite takes care of it; helper: it does so with a few lines of generated code; human: a person must look
Handling = OneOf["automatic", "helper", "human"]


class Trap(msgspec.Struct, frozen=True):
    """`id` is stable (`MIG…`); `title` fits on a line; `explanation` says what differs, what the rewrite does, and what is left to do."""

    id: str
    title: str
    handling: Handling
    explanation: str
