"""What an attribute holds that an instance is made with, where the instance is not known: `constructor(private queue = mails)`.

The default is but what is taken where nothing is handed in, so that those who make instances of the class are asked (`constructions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from tree_sitter import Node

from migrator.scanners.linking.choosing import is_null, one_of, only_typed, vague
from migrator.scanners.linking.kinds import either
from migrator.scanners.linking.names import BY_DEFAULT, left_open
from migrator.scanners.linking.records import is_field
from migrator.scanners.linking.values import Defined, Instance, Known, Meaning, Member, Structure
from migrator.syntax.tree import FUNCTIONS, PARAMETERS, ancestors, field, walk

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator

#: the name of a constructor, by whether it is one of Python
CONSTRUCTORS = {False: "constructor", True: "__init__"}
_NAMES = frozenset((b"constructor", b"__init__"))
_ELSEWHERE = "of what the instances hold that code of this tree makes; others may hold another"
_NAMING = frozenset(("identifier", "shorthand_property_identifier"))


def is_constructor(function: Node) -> bool:
    """True for what is run when an instance is made."""
    name = field(function, "name")
    return name is not None and name.text in _NAMES


def depends(evaluator: Evaluator, owner: Defined, name: str, given: Sequence[tuple[Node, Node | None]]) -> bool:
    """True if what gives an attribute names a parameter of the constructor, or is the default of a record's field."""
    source = owner.place.source
    for candidate, function in given:
        if function is None:
            if source.is_python and is_field(evaluator.of, owner, name):
                return True
        elif candidate.type in PARAMETERS:
            # What a decorator says of a parameter is read where it matters: `@InjectQueue("mail") private mails: Queue`.
            if not any(c.type == "decorator" for c in candidate.children):
                return True
        elif any(f.type in FUNCTIONS and is_constructor(f) for f in (function, *ancestors(function))):
            names = evaluator.project.bindings(source.path)
            for node in walk(candidate, _NAMING):
                if any(b.scope.type in FUNCTIONS for b in names.lookup(source.text(node), node)):
                    return True
    return False


def as_made(evaluator: Evaluator, made: Instance, name: str, handed_in: Meaning, by_default: Meaning) -> Meaning:
    """An attribute of an instance of which nobody says how it is made.

    `handed_in`: what is known of it whatever the constructor is handed. `by_default`: what it is where that is handed nothing.
    """
    if not isinstance(made.of, Defined) or made.of.place.frame is not None or not _matters(evaluator, name, handed_in, by_default):
        return handed_in
    asked = evaluator.constructions(made.of)
    values = [evaluator.attributes.of(each.of, name, each) if isinstance(each.of, Defined) else None for each in asked.made]
    known = [m for m in values if m is not None and not vague(m) and not only_typed(m)]
    untold = vague(by_default) or only_typed(by_default)
    if not known:
        return handed_in if untold else _doubted(by_default, BY_DEFAULT)
    if asked.elsewhere and not untold:
        known.append(by_default)
    distinct = [m for i, m in enumerate(known) if not any(_same(m, other) for other in known[:i])]
    doubt = _ELSEWHERE if asked.elsewhere or len(known) < len(values) else ""
    if len(distinct) == 1:
        return _doubted(distinct[0], doubt) if doubt else distinct[0]
    alike = [m for m in distinct if isinstance(m, Instance)]
    several = len(alike) == len(distinct) and len({m.key for m in alike}) == 1
    told = one_of(alike) if several else either(evaluator, distinct)
    return _doubted(told, doubt) if doubt else told


def _same(one: Meaning, other: Meaning) -> bool:
    """True for one and the same thing; what has a name in the tree is the same in whatever frame it is named."""
    named = isinstance(one, Instance) and isinstance(other, Instance) and one.symbol and one.symbol == other.symbol
    return bool(named and one.key == other.key) or one == other


def _matters(evaluator: Evaluator, name: str, handed_in: Meaning, by_default: Meaning) -> bool:
    """True for a default that says something, for what is of a job system by its type alone, and for a class by its name."""
    if name[:1].isupper() and left_open(handed_in):
        # `constructor({ Queue }) { this.Queue = Queue; }`: what is made of it are the job system's own things, perhaps.
        return True
    if only_typed(by_default) or vague(by_default) or is_null(by_default):
        return only_typed(handed_in) and evaluator.notable(handed_in.key)
    if evaluator.notable(by_default.key):
        return True
    # `kwargs.pop("size")`: what a method of Python's dictionaries and texts gives leads nowhere, whatever that was made of.
    is_python = isinstance(by_default, Instance) and by_default.call is not None and by_default.call.source.is_python
    return by_default != handed_in and not (is_python and isinstance(_beginning(by_default), Structure | Known))


def _beginning(meaning: Meaning) -> Meaning:
    """What a chain of attributes and calls hangs on."""
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return meaning


def _doubted(meaning: Meaning, doubt: str) -> Meaning:
    return msgspec.structs.replace(meaning, doubt=doubt) if isinstance(meaning, Instance) else meaning
