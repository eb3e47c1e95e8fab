"""The places in code that an inventory speaks of, as nodes that can be edited."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.typescript.inngest_to_bullmq.blockers import Blocker
from migrator.codemods.typescript.project import Project
from migrator.jobs import Job, Location, Reference, Span
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, enclosing
from migrator.syntax.tree import field as child

_WRAPPED = frozenset(("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"))


@dataclass
class Facts:
    """What the target has to be told about a function."""

    attempts: int = 0
    concurrency: int | None = None
    events: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  #: (name or pattern, guard in JavaScript or empty)
    crons: list[str] = field(default_factory=list[str])  #: five fields and a time zone
    idempotency: str = ""  #: a field of the event, in JavaScript


@dataclass
class Function:
    """One `createFunction` call and what became of it."""

    job: Job
    source: Source
    call: Node | None = None
    receiver: Node | None = None
    method: Node | None = None
    options: Node | None = None
    client: str = ""  #: `path:symbol` of the client that it is made with
    facts: Facts = field(default_factory=Facts)
    blockers: list[Blocker] = field(default_factory=list[Blocker])

    @property
    def key(self) -> str:
        """How the inventory names it."""
        return f"{self.job.module}:{self.job.symbol}" if self.job.symbol else self.job.name

    @property
    def path(self) -> str:
        """The file that defines it."""
        return self.job.location.path

    def block(self, trap: str, reason: str, *, unsafe: bool = False, location: Location | None = None, place: str = "") -> None:
        """Note a reason to leave it, once."""
        blocker = Blocker(trap, reason, unsafe, location, place)
        if blocker not in self.blockers:
            self.blockers.append(blocker)

    def stays(self, *, unsafe: bool) -> bool:
        """True if it is left where it is."""
        return any(not (b.unsafe and unsafe) for b in self.blockers)


def node_at(source: Source, where: Span) -> Node | None:
    """The outermost node with exactly these bytes."""
    node = source.root.descendant_for_byte_range(where.start, where.end)
    while node is not None and node.parent is not None and node.parent.start_byte == where.start and node.parent.end_byte == where.end:
        node = node.parent
    return node if node is not None and node.start_byte == where.start and node.end_byte == where.end else None


def references_by_place(references: tuple[Reference, ...]) -> dict[tuple[str, int], Reference]:
    """(path, first byte) -> reference."""
    return {(r.location.path, r.location.span.start): r for r in references}


def find(project: Project, job: Job, places: dict[tuple[str, int], Reference]) -> Function:
    """The definition of a job in its file, blocked where it has a shape that the rewrite does not edit."""
    found = Function(job, project.source(job.location.path))
    source = found.source
    if job.via or job.wrapper:
        found.block("MIG452", "it is made by a function of the project; write the createFunction call out where the function is named")
        return found
    call = node_at(source, job.location.span)
    while call is not None and call.type in ("expression_statement", "await_expression", *_WRAPPED):
        call = call.named_children[0]
    function, arguments = child(call, "function"), child(call, "arguments")
    receiver, method = child(function, "object"), child(function, "property")
    if call is None or receiver is None or method is None or arguments is None or source.text(method) != "createFunction":
        found.block("MIG452", "it is not written as `client.createFunction(…)`")
        return found
    given = [n for n in arguments.named_children if n.type != "comment"]
    found.call, found.receiver, found.method = call, receiver, method
    found.options = given[0] if given and given[0].type == "object" else None
    if found.options is not None and any(n.type == "spread_element" for n in found.options.named_children):
        found.block("MIG447", "some of its options are spread in")
    if child(call, "type_arguments") is not None:
        found.block("MIG447", "its types are given to createFunction; let them be inferred")
    if found.options is None:
        found.block("MIG447", "its options are not written in place as an object")
    if receiver.type != "identifier":
        found.block("MIG460", f"its client is reached as `{source.text(receiver)}`; import the client by its name")
    reference = places.get((source.path, receiver.start_byte))
    found.client = reference.target if reference is not None else ""
    if not job.symbol or enclosing(call, FUNCTIONS) is not None or not _at_top(call):
        found.block("MIG452", "it has no name of its own at the top of its file; give it one and export it")
    if any(g.span.start < job.location.span.end and job.location.span.start < g.span.end for g in source.gaps):
        found.block("MIG452", "the code around it could not be read in full")
    return found


def _at_top(call: Node) -> bool:
    """True for the value of a variable or of a default export at the top of the file."""
    node = call
    while node.parent is not None and node.parent.type in _WRAPPED:
        node = node.parent
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "export_statement":
        return True
    statement = parent.parent if parent.type == "variable_declarator" else None
    if statement is None or statement.parent is None:
        return False
    return statement.parent.type == "program" or statement.parent.type == "export_statement"


def pairs(source: Source, options: Node | None) -> dict[str, Node]:
    """The entries of an object literal by name: the whole `key: value`, shorthand or method."""
    found: dict[str, Node] = {}
    for entry in options.named_children if options is not None else ():
        key = child(entry, "key") or child(entry, "name") or (entry if entry.type == "shorthand_property_identifier" else None)
        if key is not None:
            found[source.text(key).strip("'\"")] = entry
        elif entry.type == "spread_element":
            found["..."] = entry
    return found
