"""What an expression stands for, as far as reading can tell.

Every meaning has a `key`, a short text that readers look up in their tables:

    from celery import shared_task        shared_task            celery.shared_task
    app = Celery("x")                     app.task               celery.Celery().task
    @app.task  def f                      f.delay                celery.Celery().task().delay
    @app.task(bind=True)  def f           f.delay                celery.Celery().task()().delay
    const q = new Queue("mail")           q.add                  bullmq.Queue().add
    function f() {} in src/a.ts           f                      src/a.ts:f

A call adds `()`, whether of a function or a class. A decorated function means what its outermost decorator returns,
so an in-house decorator that ends in `return app.task(fn)` needs no special case.

Hundreds of thousands of these values are made in one scan: a struct of msgspec is made ten times as fast as a frozen dataclass, and changed
with `msgspec.structs.replace`. A frame is no struct: `dataclasses.replace` gives it new, empty answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from tree_sitter import Node

from migrator.syntax.source import Source


class Place(Struct, frozen=True):
    """A node of a file, with the frame of calls in which it is seen."""

    source: Source
    node: Node
    frame: Frame | None = None

    @property
    def text(self) -> str:
        """Its source text."""
        # Asked more often than anything else: `Source.text` without a look at what it is handed.
        return self.source.data[self.node.start_byte : self.node.end_byte].decode("utf-8", "replace")


def same_place(one: Place, other: Place) -> bool:
    """True for the same code of the same file, which may have been parsed more than once."""
    spans = [(place.source.path, place.node.start_byte, place.node.end_byte, place.node.type) for place in (one, other)]
    return spans[0] == spans[1]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What the parameters of a function are bound to while its body is read: by position, or by keyword.

    `this` is the instance that a method is called on; `parent` the frame in which the function itself was made (its closure).
    A round of a loop is a frame, too: `parent` is then the frame around the loop, and `element` what the round is about.
    `caller`: the frame that the call stands in which is being followed.
    `site`: the call that enters the function, where that is seen from further and further out. Without `handed`, nobody knows what the
    parameters are bound to, so that their defaults say nothing; `arguments` are then empty.
    """

    function: Node
    arguments: Mapping[int | str, Place | Meaning]
    this: Meaning | None = None
    parent: Frame | None = None
    element: Place | Meaning | None = None
    site: Place | None = None
    handed: bool = True
    caller: Frame | None = field(default=None, repr=False)
    #: answers that hold in this frame, filled by the evaluator
    answers: dict[tuple[Source, int], Meaning] = field(default_factory=dict, init=False, repr=False)


class Unknown(Struct, frozen=True):
    """Not to be told by reading; `why` is for the report."""

    why: str = ""
    key: str = ""


class Known(Struct, frozen=True):
    """A literal: string, number, boolean, None."""

    value: Any
    key: str = ""


#: nodes that stand for a list: literals, two of them added up, a tuple without brackets, and a rest parameter, which gathers arguments
_LISTS = frozenset(("array", "list", "list_splat_pattern", "tuple", "set", "binary_operator", "rest_pattern", "expression_list"))


class Structure(Struct, frozen=True):
    """An object, dictionary, list or tuple literal; `entries` by key or index. `place` is where it stands."""

    place: Place
    entries: Mapping[str, Place]
    key: str = ""

    @property
    def is_list(self) -> bool:
        """True for what has positions, False for what has names."""
        return self.place.node.type in _LISTS


class External(Struct, frozen=True):
    """Something of a package outside the tree: `celery.shared_task` is `("celery", "shared_task")`."""

    path: tuple[str, ...]

    @property
    def key(self) -> str:
        """The dotted path."""
        return ".".join(self.path)


class Namespace(Struct, frozen=True):
    """A module of the tree as a whole."""

    path: str

    @property
    def key(self) -> str:
        """The file's path."""
        return self.path


class Defined(Struct, frozen=True):
    """A function, class or enum of the tree. `owner` is the class meaning for a method looked up on an instance."""

    place: Place
    name: str
    owner: Meaning | None = None

    @property
    def key(self) -> str:
        """`path:name`."""
        return f"{self.place.source.path}:{self.name}"


class Instance(Struct, frozen=True):
    """What calling `of` gives. `call` is the call, or the decorated definition; None where only a type says so.

    `symbol` is the name under which the tree knows it (`path:name`), when it was reached through a name. `prepared` are the calls of
    `partial` whose arguments come before those of `call`, the first one first. `choices`: the things of which it is one, where no reading
    tells which. `doubt` says why it may be another one.
    """

    of: Meaning
    call: Place | None = None
    decorated: Place | None = None
    symbol: str = ""
    prepared: tuple[Place, ...] = ()
    choices: tuple[Instance, ...] = ()
    doubt: str = ""

    @property
    def key(self) -> str:
        """The key of what was called, and `()`; empty where that has none."""
        return _chained(self)


class Member(Struct, frozen=True):
    """An attribute that the tree does not define itself: of an instance, or of something unknown."""

    of: Meaning
    name: str

    @property
    def key(self) -> str:
        """The key of the whole, a dot and the name; `?.name` of something unknown."""
        return _chained(self)


def root_of(meaning: Meaning) -> Meaning:
    """What a chain of attributes hangs on."""
    while isinstance(meaning, Member):
        meaning = meaning.of
    return meaning


def doubt_of(meaning: Meaning) -> str:
    """Why something, or what it hangs on, may be another one; empty where there is no doubt."""
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and meaning.doubt:
            return meaning.doubt
        meaning = meaning.of
    return ""


def _chained(meaning: Instance | Member) -> str:
    """The key of a chain of calls and attributes, from its beginning on: a chain can be longer than the stack is deep."""
    links: list[str] = []
    inner: Meaning = meaning
    while isinstance(inner, Instance | Member):
        links.append("()" if isinstance(inner, Instance) else f".{inner.name}")
        inner = inner.of
    key = inner.key
    for link in reversed(links):
        key = f"{key or '?'}{link}" if link != "()" else f"{key}()" if key else ""
    return key


Meaning = Unknown | Known | Structure | External | Namespace | Defined | Instance | Member
UNKNOWN = Unknown()


def parts(meaning: Meaning) -> tuple[Meaning | None, str]:
    """`x.name` as `x` and `name`, whether `x` is an object or comes from a package; (None, empty) for what is no member."""
    if isinstance(meaning, Member):
        return meaning.of, meaning.name
    if isinstance(meaning, External) and len(meaning.path) > 1:
        return External(meaning.path[:-1]), meaning.path[-1]
    return None, ""
