"""What is known of each job and of each place that uses one, before anything is decided: values between reading and deciding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from tree_sitter import Node

from migrator.jobs import Location, Span
from migrator.syntax.source import Source

#: names that the generated module offers
Helper = OneOf[
    "NO_LIMIT",
    "RetriesExhausted",
    "asked",
    "backoff",
    "broker",
    "current_message",
    "fixed",
    "max_age",
    "message_id",
    "ms",
    "retries",
    "retry",
    "retry_on",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be rewritten, and where. With `unsafe`, `--unsafe` rewrites it all the same."""

    trap: str
    reason: str  #: the start of a sentence, without a full stop
    location: Location
    unsafe: bool = False


@dataclass(slots=True)
class Change:
    """Replacements of bytes in one file, and what they need there."""

    path: str
    pieces: list[tuple[Span, str]] = field(default_factory=list)
    helpers: set[Helper] = field(default_factory=set)
    queues: set[str] = field(default_factory=set)  #: queues that a single call names
    dramatiq: bool = False  #: uses the name `dramatiq`
    logging: bool = False  #: uses the name `logging`
    defines: bool = False  #: declares an actor, before which the generated module must be loaded

    def replace(self, node: Node | Span, text: str) -> None:
        """Put `text` in place of a node."""
        where = node if isinstance(node, Span) else Span(node.start_byte, node.end_byte)
        self.pieces.append((where, text))

    def insert(self, offset: int, text: str) -> None:
        """Put `text` at an offset."""
        self.pieces.append((Span(offset, offset), text))

    def covers(self, where: Span) -> bool:
        """True if `where` lies in text that is replaced."""
        return any(s.start <= where.start and where.end <= s.end and s.start < s.end for s, _ in self.pieces)


@dataclass(slots=True)
class Use:
    """A place that uses one job or, in a workflow, several: it can be rewritten only if none of them stays."""

    kind: str  #: of the decision: `enqueue`, `schedule`, `reference`
    location: Location  #: of the whole expression
    jobs: tuple[str, ...]
    change: Change
    summary: str = ""
    problems: list[Problem] = field(default_factory=list)
    traps: set[str] = field(default_factory=set)
    name: str = ""


@dataclass(slots=True)
class Task:
    """One Celery task. `key` is `path:symbol`; `actor` the name that both systems know it by."""

    key: str
    symbol: str
    actor: str
    source: Source
    function: Node
    location: Location
    change: Change
    queue: str = ""
    by_name_queue: str = ""  #: where `send_task` puts it, which does not look at the task's own options
    has_expiry: bool = False
    bound: str = ""  #: name of the parameter that is the task itself
    plain_signature: bool = True  #: nothing between the function and its caller changes the parameters
    area: str = ""
    problems: list[Problem] = field(default_factory=list)
    traps: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """The file that defines it."""
        return self.source.path
