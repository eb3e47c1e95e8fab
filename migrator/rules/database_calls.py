"""Which calls ask a database, what they do to its rows, and whether they do so in a transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import msgspec
from tree_sitter import Node

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.rules.evidence import Evidence, spot
from migrator.scanners.bodies import Reached
from migrator.scanners.candidates.slow_calls import kind_of
from migrator.scanners.linking import Defined, Place
from migrator.scanners.python.surroundings import in_transaction
from migrator.syntax.tree import FUNCTIONS, ancestors, callee_of, field, walk
from migrator.systems.databases import (
    CLIENTS_IN_TRANSACTIONS,
    LIBRARIES,
    SQL_METHODS,
    SQL_TAGS,
    SQL_WORDS,
    TRANSACTIONS,
    Doing,
    Library,
)

_SQL = regex(r"""^\s*(?:[rfbu]{0,2}["'`]+)?\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*([a-z]+)\b""", re.IGNORECASE | re.DOTALL)
_REMEMBERS = regex(rb"cache|memo", re.IGNORECASE)
_LOOKS = regex(rb"\bnot in\b|!\s*[\w.]+\.has\(|cache|memo", re.IGNORECASE)
_CALLED = ("call", "call_expression")
_CACHED = regex(rb"\bcache\w*\.get\w*$", re.IGNORECASE)
_MODEL = regex(r"extends\s+\S*Model\b|mongoose|sequelize", re.IGNORECASE)
_METHODS = {name for library in LIBRARIES for name in library.methods}
_RECEIVERS = cache(re.compile)


class Query(msgspec.Struct, frozen=True):
    """A call that asks a database."""

    call: Reached
    doing: Doing
    library: str

    @property
    def written(self) -> str:
        """The call in forty characters at most."""
        text = redact_text(self.call.written)
        return text if len(text) <= 40 else f"…{text[-38:]}"

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return spot(self.call.view.source.location(self.call.node, at=self.call.callee), f"`{self.written}`")


def queries(evidence: Evidence, job: Job) -> Iterator[Query]:
    """Every call in a job's body, and in what it calls, that asks a database."""
    for call in evidence.calls(job):
        query = _query(evidence, call)
        if query is not None:
            yield query


def _query(evidence: Evidence, call: Reached) -> Query | None:
    name = field(call.callee, "property") or field(call.callee, "attribute") or call.callee
    word = call.view.source.text(name)
    if word in SQL_METHODS or word in SQL_TAGS:
        doing = _of_sql(call, word)
        if doing is not None:
            return Query(call, doing, "SQL")
    owner = field(call.callee, "object")
    if word not in _METHODS or owner is None:
        return None
    receiver = " ".join(call.view.source.text(owner).split())
    for library in LIBRARIES:
        if word in library.methods and library.python == call.view.source.is_python and _is_of(evidence, library, call, word, receiver):
            return Query(call, library.methods[word], library.name)
    return None


def _is_of(evidence: Evidence, library: Library, call: Reached, word: str, receiver: str) -> bool:
    if not _RECEIVERS(library.receiver).search(receiver) or kind_of(call.meaning.key, in_loop=False) is not None:
        return False
    if library.models and not _is_model(call):
        return False
    if library.argument and word not in library.alone:
        given = field(call.node, "arguments")
        text = call.view.source.text(given)[1:-1].strip() if given is not None else ""
        if not re.match(library.argument, text, re.DOTALL):
            return False
    return uses(evidence, *library.packages)


def _is_model(call: Reached) -> bool:
    """True if what a method is called on is made by the library, or is a class that extends its `Model`."""
    owner = field(call.callee, "object")
    meaning = call.view.evaluator.of(call.view.source, owner, call.frame) if owner is not None else None
    if isinstance(meaning, Defined):
        return _MODEL.search(meaning.place.text.partition("{")[0]) is not None
    return meaning is not None and _MODEL.search(meaning.key) is not None


def uses(evidence: Evidence, *packages: str) -> bool:
    """True if a manifest asks for one of these packages."""
    return any(name in known for known in evidence.versions.by_folder.values() for name in packages)


def _of_sql(call: Reached, word: str) -> Doing | None:
    """What the text of a statement does; None where what is handed over is no SQL."""
    given = field(call.node, "arguments")
    if given is None:
        return None
    if given.type == "template_string":
        text = call.view.source.text(given) if word in SQL_TAGS else ""
    else:
        place = call.arguments().get(0)
        node = given.named_children[0] if given.named_children else None
        known = call.view.evaluator.known(place) if isinstance(place, Place) else None
        text = known if isinstance(known, str) else call.view.source.text(node) if node is not None else ""
    found = _SQL.match(text)
    return SQL_WORDS.get(found[1].lower()) if found is not None and re.search(r"\s", text.strip("\"'`")) else _bare(text)


def _bare(text: str) -> Doing | None:
    """`BEGIN` and `COMMIT`, which are statements by themselves."""
    doing = SQL_WORDS.get(text.strip("\"'`; ").lower())
    return doing if doing == "opens" else None


def is_remembered(call: Reached | None) -> bool:
    """True if the answer of a call is kept and asked for only once: by a decorator, or under a condition that looks for it first."""
    while call is not None:
        whole = call.function.parent
        if whole is not None and whole.type == "decorated_definition" and _REMEMBERS.search(_decorators(whole)):
            return True
        if _was_looked_up(call):
            return True
        for around in ancestors(call.node):
            if around.id == call.function.id:
                break
            if around.type == "if_statement" and _LOOKS.search((field(around, "condition") or around).text or b""):
                return True
        call = call.by
    return False


def _was_looked_up(call: Reached) -> bool:
    """True if the function asks a cache first, and returns under a condition before it comes to the call."""
    before = [n for n in walk(call.function, (*_CALLED, "return_statement")) if n.end_byte <= call.node.start_byte]
    asked = next((n for n in before if n.type in _CALLED and _CACHED.search((callee_of(n) or n).text or b"")), None)
    if asked is None:
        return False
    returns = (n for n in before if n.type == "return_statement" and n.start_byte > asked.end_byte)
    return any(a.type == "if_statement" for n in returns for a in ancestors(n))


def _decorators(whole: Node) -> bytes:
    return b" ".join(c.text or b"" for c in whole.named_children if c.type == "decorator")


def is_in_transaction(call: Reached | None) -> bool:
    """True if a transaction is open around a call, here or in one of the functions that lead to it."""
    while call is not None:
        source, node = call.view.source, call.node
        if source.is_python:
            if in_transaction(source, node):
                return True
        elif _root(call.callee) in CLIENTS_IN_TRANSACTIONS or any(_opens(a) for a in ancestors(node) if _within(a, call.function)):
            return True
        call = call.by
    return False


def _within(node: Node, function: Node) -> bool:
    return function.start_byte <= node.start_byte and node.end_byte <= function.end_byte


def _opens(node: Node) -> bool:
    """True for a call that runs what it is handed in a transaction."""
    if node.type != "call_expression":
        return False
    callee = callee_of(node)
    name = field(callee, "property") or callee
    return name is not None and (name.text or b"").decode("utf-8", "replace") in TRANSACTIONS


def _root(callee: Node) -> str:
    """The name that a chain of members begins with; of `this.x` it is `x`."""
    node: Node | None = callee
    last = callee
    while node is not None and node.type not in FUNCTIONS:
        last, node = node, field(node, "object") or field(node, "function")
    if last.type == "this" and last.parent is not None:
        last = field(last.parent, "property") or last
    return (last.text or b"").decode("utf-8", "replace")
