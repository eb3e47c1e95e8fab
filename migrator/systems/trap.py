"""What a trap is: something that changes meaning on the way from one system to another, and who has to deal with it."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

#: automatic: the rewrite takes care of it; helper: it does so with a few lines of generated code; human: a person must look
Handling = OneOf["automatic", "helper", "human"]
#: job: jobs that need `capability` (all, where that is empty) meet it; application: it is met once, by the move as a whole;
#: code: it depends on how the code is written, and only a rewrite, which reads the code, can say who meets it
Scope = OneOf["job", "application", "code"]


class Trap(msgspec.Struct, frozen=True):
    """`id` is stable (`MIG…`); `title` fits on a line; `explanation` says what differs, what the rewrite does, and what is left to do."""

    id: str
    title: str
    handling: Handling
    explanation: str
    sources: tuple[str, ...] = ()  #: systems that a move must leave for it to be met; empty: any
    targets: tuple[str, ...] = ()  #: systems that a move must go to; empty: any
    capability: str = ""  #: what in a job brings it on; empty: every job of that pair
    example: str = ""  #: a few lines before and after
    scope: Scope = "job"
    refines: str = ""  #: id of the trap that holds for more pairs, and that this one says more exactly for its own
