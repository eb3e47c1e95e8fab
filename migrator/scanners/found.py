"""What has been found so far in a scan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tree_sitter import Node

from migrator.jobs import Item, Reference, Unresolved
from migrator.scanners.job_tables import JobTable
from migrator.scanners.launch import Launch

if TYPE_CHECKING:
    from migrator.scanners.invoked import Invoked
    from migrator.scanners.reading import Call, View
    from migrator.scanners.sql.row_functions import RowInsert
    from migrator.scanners.sql.texts import Text


@dataclass
class Found:
    """Grows while files are read; becomes an `Inventory` at the end."""

    items: list[Item] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    tables: list[JobTable] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)  #: command lines that run files of the project
    invoked: list[Invoked] = field(default_factory=list)  #: functions that a platform calls
    sql: list[Text] = field(default_factory=list)  #: SQL in code that has to do with schedules and queues of the database
    claimed_by: dict[str, str] = field(default_factory=dict)  #: function of the database -> the table of which it takes rows
    inserted_by: dict[str, RowInsert] = field(default_factory=dict)  #: function of the database -> what it puts into a job table
    #: events that a rule of a bus waits for, whatever it starts; the empty one where a rule's events could not be told
    awaited: set[str] = field(default_factory=set)
    #: name of an environment variable -> the queues and functions of which configurations say that it holds the address
    aliases: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    views: list[View] = field(default_factory=list)  #: the files that were read
    #: calls that only make sense with others, by what they do (`timer`, `taker`, …), for the end of the scan
    calls: defaultdict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))
    #: functions whose callers are wanted although they are no wrappers of a system's API: (path, a node within the function)
    wanted: list[tuple[str, Node]] = field(default_factory=list)
    #: calls that only the callers of the function around them can tell, with what they gave where they stand, not yet kept open
    opened: list[tuple[Call, list[Item]]] = field(default_factory=list)

    #: what callers of wrappers say where none of them tells more than the wrapper itself
    quiet: list[Item] = field(default_factory=list)
    #: names of functions that give rows, telling enough to look for calls of them on things unknown; names of helpers of a framework
    called: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """Grows with everything that is recorded."""
        return len(self.items) + len(self.tables) + len(self.unresolved) + sum(map(len, self.calls.values()))

    def functions(self) -> set[str]:
        """The database's functions that take rows out of the job tables, or put rows in."""
        tables = {t.table.lower() for t in self.tables}
        return {name for name, table in self.claimed_by.items() if table.lower() in tables} | set(self.inserted_by)

    def markers(self) -> set[bytes]:
        """What code that uses one of the job tables contains: `.job.` for a Prisma model `Job`, `"jobs"` for a table of that name.

        Also the names of the database's functions that take rows out of them and put rows in.
        """
        accessors = {f".{t.model[:1].lower()}{t.model[1:]}." for t in self.tables}
        functions = self.functions()
        quoted = {f"{q}{name}{q}" for name in ({t.table for t in self.tables} | functions) for q in "\"'`"}
        return {text.encode() for text in accessors | quoted | {f"{name}(" for name in functions}}
