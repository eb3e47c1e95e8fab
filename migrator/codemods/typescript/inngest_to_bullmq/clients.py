"""The Inngest clients of a tree: how each is made, and what its place in code becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.typescript.inngest_to_bullmq.blockers import Blocker
from migrator.codemods.typescript.inngest_to_bullmq.sites import node_at, pairs
from migrator.codemods.typescript.project import Project
from migrator.jobs import Client
from migrator.syntax.certainty import open_parts
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child

#: options that only concern the connection to Inngest, or the SDK's own machinery
_OF_INNGEST = (
    *("id", "name", "eventKey", "signingKey", "signingKeyFallback", "baseUrl", "fetch", "env", "isDev", "appVersion", "internalLogger"),
    *("checkpointing", "optimizeParallelism", "inngestBaseUrl", "logLevel", "schemas", "logger"),
)
#: calls of `EventSchemas` -> the type that they describe
_SCHEMAS = {
    "fromRecord": "{type}",
    "fromGenerated": "{type}",
    "fromUnion": "FromUnion<{type}>",
    "fromZod": "FromSchemas<typeof {value}>",
    "fromSchema": "FromSchemas<typeof {value}>",
}


@dataclass
class ClientSite:
    """`export const inngest = new Inngest({ … })`."""

    item: Client
    source: Source
    call: Node | None = None  #: the `new` expression
    statement: Node | None = None  #: all that makes it, `export` included
    through: Node | None = None  #: the `throughQueues(…)` around it, after an earlier run
    open_id: str = ""  #: the part of its id, in the words of the code, that is only known at run time
    logger: str = ""
    events: str = ""  #: the type of its events, in the file's own words
    helpers: set[str] = field(default_factory=set[str])  #: types of the runtime that `events` speaks of
    blockers: list[Blocker] = field(default_factory=list[Blocker])

    @property
    def key(self) -> str:
        """How references name it."""
        return f"{self.item.module}:{self.item.symbol}"

    @property
    def path(self) -> str:
        """The file that makes it."""
        return self.item.location.path

    def block(self, trap: str, reason: str) -> None:
        """Note a reason why nothing of this client can be moved."""
        self.blockers.append(Blocker(trap, reason))


def read_client(project: Project, item: Client) -> ClientSite:
    """The place where a client is made, blocked where it has a form that the rewrite does not edit."""
    site = ClientSite(item, project.source(item.location.path))
    source = site.source
    call = node_at(source, item.location.span)
    if call is None or call.type != "new_expression":
        call = next((n for n in _up(source, item) if n.type == "new_expression"), None)
    site.call = call
    outer = call.parent.parent if call is not None and call.parent is not None and call.parent.type == "arguments" else None
    around = child(outer, "function")
    if outer is not None and around is not None and source.text(around) == "throughQueues":
        site.through = outer
    declared = (site.through or call).parent if call is not None else None
    statement = declared.parent if declared is not None and declared.type == "variable_declarator" else None
    if statement is not None and statement.parent is not None and statement.parent.type == "export_statement":
        statement = statement.parent
    if call is None or item.via or statement is None or statement.parent is None or statement.parent.type != "program":
        site.block("MIG460", "its client is not a constant at the top of a file")
        return site
    site.statement = statement
    arguments = child(call, "arguments")
    given = [n for n in arguments.named_children if n.type != "comment"] if arguments is not None else []
    if len(given) != 1 or given[0].type != "object":
        site.block("MIG460", "its client's options are not written in place as an object")
        return site
    entries = pairs(source, given[0])
    if "id" in entries:
        site.open_id = next(open_parts(project, source, child(entries["id"], "value") or entries["id"]), "")
    _options(site, entries)
    return site


def _up(source: Source, item: Client) -> Iterator[Node]:
    node = source.root.descendant_for_byte_range(item.location.span.start, item.location.span.end)
    while node is not None:
        yield node
        node = node.parent


def _options(site: ClientSite, entries: dict[str, Node]) -> None:
    for name, entry in entries.items():
        if name == "middleware":
            site.block("MIG444", "its client has middleware, which would no longer see its events and steps")
        elif name not in _OF_INNGEST:
            what = "options that are spread in" if name == "..." else f"the client's option `{name}`"
            site.block("MIG460", f"the rewrite does not know {what}")
        elif name == "logger":
            value = child(entry, "value")
            site.logger = site.source.text(value) if value is not None else "logger"
        elif name == "schemas":
            _schemas(site, child(entry, "value") or entry)


def _schemas(site: ClientSite, value: Node) -> None:
    """`new EventSchemas().fromRecord<Events>()` and its kin, one after the other."""
    types: list[str] = []
    node = value
    while node.type == "call_expression":
        name, inner = child(node, "function", "property"), child(node, "function", "object")
        shape = _SCHEMAS.get(site.source.text(name)) if name is not None else None
        arguments, parameters = child(node, "arguments"), child(node, "type_arguments")
        given = arguments.named_children if arguments is not None else []
        if shape is None or inner is None:
            break
        if "{value}" in shape and len(given) == 1 and given[0].type in ("identifier", "member_expression"):
            types.insert(0, shape.format(value=site.source.text(given[0])))
        elif "{type}" in shape and parameters is not None and len(parameters.named_children) == 1:
            types.insert(0, shape.format(type=site.source.text(parameters.named_children[0])))
        else:
            break
        node = inner
    if node.type != "new_expression" or not types:
        site.block("MIG470", "the types of its client's events are not written in a form that the rewrite knows")
        return
    site.events = " & ".join(types)
    site.helpers = {h for h in ("FromUnion", "FromSchemas") if h in site.events}
