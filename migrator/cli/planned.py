"""A plan that a later command goes by: from which system to which, and whether the code is still what was planned for."""

from __future__ import annotations

from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.jobs import Inventory, Job
from migrator.planning.plan import Plan

_REMEDY = "Make it anew: migrate plan --to SYSTEM --output FILE.json"
#: so many jobs are named in a message
_NAMED = 3


class Move(msgspec.Struct, frozen=True):
    """From which system to which; `plan` where one was given, from `file`."""

    source: str
    target: str
    plan: Plan | None = None
    file: str = ""

    def check(self, inventory: Inventory) -> None:
        """Refuse a plan that was made for other code.

        Raises:
            MigratorError: the code has a job that the plan does not know.
        """
        if self.plan is None:
            return
        known = {(job.path, job.symbol, job.name) for job in self.plan.jobs if job.system == self.source}
        jobs = [i for i in inventory.production if isinstance(i, Job) and i.system == self.source]
        new = [job.name or job.symbol for job in jobs if (job.location.path, job.symbol, job.name) not in known]
        if new:
            named = ", ".join(new[:_NAMED]) + (f" and {len(new) - _NAMED} more" if len(new) > _NAMED else "")
            raise MigratorError(f"is older than the code: it does not know {named}", place=self.file, remedy=_REMEDY)


def move_of(plan: Path | None, source: str, target: str) -> Move:
    """The move that is asked for; what the command line leaves out the plan says.

    Raises:
        MigratorError: a system is missing, the plan cannot be read, or it is about another move.
    """
    if plan is None:
        for given, option in ((source, "--from"), (target, "--to")):
            if not given:
                raise MigratorError("is missing", place=option, remedy="Give --from SYSTEM and --to SYSTEM, or --plan FILE.")
        return Move(source, target)
    found = _read(plan)
    if target and target != found.target:
        raise MigratorError(f"is {target}, but {plan} is about {found.target}", place="--to", remedy="Leave it out.")
    if source and source not in found.sources:
        raise MigratorError(f"is {source}, of which {plan} moves no job", place="--from", remedy=f"It moves {_listed(found)}.")
    if not source and len(found.sources) != 1:
        raise MigratorError("is missing", place="--from", remedy=f"{plan} moves jobs of {_listed(found)}, one system at a time.")
    return Move(source or next(iter(found.sources)), found.target, found, str(plan))


def _listed(plan: Plan) -> str:
    return ", ".join(plan.sources) or "no system"


def _read(file: Path) -> Plan:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Plan)
    except OSError as error:
        raise MigratorError(f"cannot be read: {error.strerror}", place=str(file), remedy=_REMEDY) from None
    except msgspec.MsgspecError as error:
        raise MigratorError(f"is no plan: {error}", place=str(file), remedy=_REMEDY) from None
