"""The database's functions over Supabase's interface, which take rows of a job table or put rows in: `db.rpc("claim_next_job")`."""

from __future__ import annotations

import msgspec

from migrator.scanners.job_tables import JobTable
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call

METHOD = "rpc"


class Put(msgspec.Struct, frozen=True):
    """A row that a function puts in: what it says itself and what it is handed, by column."""

    table: JobTable
    row: dict[str, Place | str]


def claims(call: Call) -> bool:
    """True if the function that is called takes rows of a job table."""
    name, found = call.view.evaluator.text(call.arguments.get(0)), call.view.found
    return name in found.claimed_by and name in found.functions()


def inserted(call: Call) -> Put | None:
    """The row that the function that is called puts into a job table; None where it does nothing of the kind."""
    view = call.view
    made = view.found.inserted_by.get(view.evaluator.text(call.arguments.get(0)))
    table = next((t for t in view.found.tables if made is not None and t.table.lower() == made.table.lower()), None)
    if made is None or table is None:
        return None
    given = view.evaluator.entries(call.arguments[1]) if 1 in call.arguments else {}
    handed = {column: given[name] for column, name in made.parameters.items() if name in given}
    return Put(table, {**made.texts, **handed})
