"""What other files than the one that makes an object, list or map put into it: `import { queues } from "./queues"; queues.mail = …`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from msgspec import Struct
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.linking.values import Instance, Meaning, Place, Structure, same_place
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, ancestors, field

if TYPE_CHECKING:
    from migrator.scanners.linking.evaluate import Evaluator
    from migrator.scanners.linking.project import Project

_MAPS = frozenset(("globalThis.Map", "globalThis.Set"))
_SAME = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"))
_FIELDS = frozenset(("public_field_definition", "field_definition"))
#: what puts something into what is called so, or into an attribute of that name
_PUTS = (
    rb"\b%s\b[\s)!]*(?:\.\s*\w+|\[[^\]\n]*\])\s*!?\s*(?:\?\?|\|\|)?=(?![=>])"
    rb"|\b%s\b[\s)!]*\??\.\s*(?:set|push|add|unshift)\s*[(<]|\bassign\s*\(\s*(?:\w+\s*\.\s*)*%s\b"
)

#: what files offer to others and leave empty, as most of it is written; with a shorter name it is looked for by itself
_OFFERED = regex(rb"export\s+(?:const|let|var)\s+([\w$]+)\s*(?::[^=;\n]*)?=\s*(?:\{\s*\}|\[\s*\]|new\s+(?:Map|Set)\b)")
_SHORTEST_NAME = 4
#: a name -> the files with it in them; as long as somebody keeps the project
_NAMING: WeakKeyDictionary[Project, dict[bytes, list[str]]] = WeakKeyDictionary()


class Home(Struct, frozen=True):
    """Where a container is made: the file, the name under which others know it (that of its class, for a static field), and its own."""

    source: Source
    offered: str
    name: str


def home_of(evaluator: Evaluator, container: Meaning) -> Home | None:
    """Where something is made that other files may fill: an empty object, a list or a map at the top of a file, or a static field.

    None where that file keeps it to itself.
    """
    home = _home(container)
    return home if home is not None and _is_offered(evaluator, home) else None


def _home(container: Meaning) -> Home | None:
    made = _made(container)
    if made is None:
        return None
    node = made.node
    while node.parent is not None and node.parent.type in _SAME:
        node = node.parent
    holder = node.parent
    name = field(holder, "name") or field(holder, "property")
    if holder is None or name is None or any(outer.type in FUNCTIONS for outer in ancestors(holder)):
        return None
    text = made.source.text(name)
    if holder.type == "variable_declarator":
        return Home(made.source, text, text)
    owner = next((outer for outer in ancestors(holder) if outer.type in CLASSES), None)
    own = field(owner, "name")
    static = holder.type in _FIELDS and any(c.type == "static" for c in holder.children)
    return Home(made.source, made.source.text(own), text) if static and own is not None else None


def _is_offered(evaluator: Evaluator, home: Home) -> bool:
    """False for what no other file can name."""
    source, name = home.source, home.offered
    given = evaluator.project.bindings(source.path).exports().values()
    return b"exports" in source.data or any(e.local == name or (e.value is not None and name in source.text(e.value)) for e in given)


def _made(container: Meaning) -> Place | None:
    if isinstance(container, Structure):
        return container.place if container.is_list or not container.entries else None
    return container.call if isinstance(container, Instance) and container.of.key in _MAPS else None


def filling(evaluator: Evaluator, home: Home) -> Iterator[Source]:
    """The other files that may put something in."""
    name = re.escape(home.name.encode())
    puts, area = re.compile(_PUTS % (name, name, name)), area_of(home.source.path)
    for path in _naming(evaluator.project, home.name.encode()):
        if path != home.source.path and area_of(path) in ("", area) and puts.search(evaluator.project.data(path)):
            yield evaluator.project.source(path)


def _naming(project: Project, word: bytes) -> list[str]:
    """The files of TypeScript and JavaScript with a word in them: for all that files offer empty in one look at all files."""
    from migrator.scanners.prefilter import containing, each_containing

    known, code = _NAMING.get(project), project.code(python=False)
    if known is None:
        offered = {match[1] for path in code for match in _OFFERED.finditer(project.data(path)) if len(match[1]) >= _SHORTEST_NAME}
        known = _NAMING[project] = each_containing(project.tree, code, offered)
    if word not in known:
        known[word] = list(containing(project.tree, code, {word}))
    return known[word]


def is_that(evaluator: Evaluator, owner: Place, container: Meaning) -> bool:
    """True if an expression of another file stands for the container."""
    found, made = _made(evaluator.meaning(owner)), _made(container)
    return found is not None and made is not None and same_place(found, made)


def last_name(source: Source, owner: Node) -> str:
    """`queues` of `queues`, `tables.queues` and `(tables.queues as any)`."""
    while owner.type in _SAME and owner.named_children:
        owner = owner.named_children[0]
    name = field(owner, "property") or (owner if owner.type == "identifier" else None)
    return source.text(name) if name is not None else ""
