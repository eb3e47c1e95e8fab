"""Of several things that an expression may stand for, the one that says the most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeGuard

from migrator.scanners.linking.values import (
    UNKNOWN,
    External,
    Instance,
    Known,
    Meaning,
    Member,
    Structure,
    Unknown,
)

#: how many things one name may stand for before nobody would want to read them all
MOST = 12
_PARTIAL = "functools.partial"
#: why it is not known which value something has
SEVERAL_VALUES = "one of several values"
#: roots of values that no reading can tell: `process.env`, `os.environ`
_RUN_TIME = frozenset(("globalThis", "builtins", "os"))


def vague(meaning: Meaning) -> bool:
    """True for something unknown, for what only the running process knows (its environment, a global), and for all that hangs on them.

    What an object lacks where it is written is put into it later, if ever.
    """
    if isinstance(meaning, Member) and isinstance(meaning.of, Structure) and not meaning.of.is_list:
        return True
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return isinstance(meaning, Unknown) or (isinstance(meaning, External) and meaning.path[0] in _RUN_TIME)


def only(meanings: list[Meaning]) -> Meaning:
    """The first that says something; where several say different things, no more than what they have in common."""
    told = [m for m in meanings if not vague(m) and not (isinstance(m, Known) and m.value is None)]
    values = {repr(m.value) for m in told if isinstance(m, Known)}
    if len(values) > 1 or (values and any(isinstance(m, Unknown) and m.why == SEVERAL_VALUES for m in meanings)):
        # One of them may be one of several itself: `a ? "x" : b ? "y" : "z"`.
        return Unknown(SEVERAL_VALUES)
    made = [m for m in told if isinstance(m, Instance)]
    places = {(p.source.path, p.node.start_byte, p.node.end_byte) if (p := m.call or m.decorated) is not None else None for m in made}
    if len(made) == len(told) and len(places) > 1 and len({m.key for m in made}) == 1:
        return one_of(made)
    return first(meanings)


def one_of(made: Sequence[Instance]) -> Instance:
    """An instance of which it is known that it is one of several of one kind."""
    each = [inner for instance in made for inner in instance.choices or (instance,)]
    return Instance(made[0].of, choices=tuple(each) if len(each) <= MOST and not any(map(only_typed, each)) else ())


def only_typed(meaning: Meaning | None) -> TypeGuard[Instance]:
    """True for something of which only the type is known, not where it is made."""
    return isinstance(meaning, Instance) and meaning.call is None and meaning.decorated is None and not meaning.choices


def first(meanings: Iterable[Meaning]) -> Meaning:
    """The first that says something; else the first at all."""
    fallback: Meaning = UNKNOWN
    null: Meaning | None = None
    typed: Instance | None = None
    prepared: Instance | None = None
    for meaning in meanings:
        if is_null(meaning):
            # `let queue = null` is followed by the assignment that matters.
            null = null or meaning
        elif vague(meaning):
            fallback = meaning if fallback is UNKNOWN else fallback
        elif isinstance(meaning, Instance) and meaning.of.key == _PARTIAL:
            # `put = queue.put` and, under a condition, `put = partial(queue.put_in, 5)`: the plain one is read as it stands.
            prepared = prepared or meaning
        elif only_typed(meaning):
            # Only a type: where it is made says more.
            typed = typed or meaning
        elif typed is None or (isinstance(meaning, Instance) and meaning.key == typed.key):
            return meaning
    return null if null is not None and typed is None else prepared or typed or fallback


def declared_first(meanings: Iterable[Meaning], notable: Callable[[str], bool]) -> list[Meaning]:
    """What a package makes that says nothing of it (a container, a matcher) last: a type that is declared says more."""
    return sorted(meanings, key=lambda m: foreign(m, notable))


def foreign(meaning: Meaning, notable: Callable[[str], bool]) -> bool:
    """True for something unknown, or made by a package that is not notable."""
    root = meaning
    while isinstance(root, Member | Instance):
        root = root.of
    return isinstance(root, Unknown) or (isinstance(root, External) and not notable(meaning.key))


def is_null(meaning: Meaning) -> bool:
    """True for a literal null."""
    return isinstance(meaning, Known) and meaning.value is None
