"""What a version of a system no longer knows: how code says it, what comes of it, and what to write instead."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """Something of an API that is gone from major version `since` on (0: it was never there).

    `form`: `import` of a name (dotted, with its module), `method` of an object of the system, `option`, `signature` of a call, or `command`
    line (a pattern). `outcome`: the code is refused, or goes on without it. `matters`: what is then not as the code says.
    """

    form: OneOf["import", "method", "option", "signature", "command"]
    names: tuple[str, ...]
    since: int
    outcome: OneOf["refused", "ignored"]
    matters: OneOf["whether jobs run", "how jobs run", "what is kept"] = "whether jobs run"
    effect: str  #: what comes of it, as the end of a sentence
    instead: str
