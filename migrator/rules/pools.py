"""Pools of database connections: which one a call takes its connection from, and how many it has."""

from __future__ import annotations

import re

import msgspec

from migrator.regex import regex
from migrator.rules.database_calls import Query
from migrator.rules.evidence import Evidence
from migrator.scanners.bodies import Reached
from migrator.scanners.linking import Instance, Meaning, Member, Place, Structure
from migrator.systems.databases import POOLS

_PRISMA = "@prisma/client.PrismaClient"
#: files in which an address with parameters may stand
_SETTINGS = regex(r"(?:^|/)(?:\.env[^/]*|Dockerfile[^/]*|Procfile|[^/]*compose[^/]*\.ya?ml|[^/]*\.prisma|fly\.toml|render\.yaml)$")


class Connections(msgspec.Struct, frozen=True):
    """A pool, by the place that makes it. `most`: connections that it opens; None where only the run tells, for the reason in `why`."""

    made: Place
    key: str
    most: int | None
    said: bool
    why: str = ""

    @property
    def at(self) -> tuple[str, int]:
        """Path and line of the place; none of a client that is handed around."""
        return self.made.source.path, self.made.node.start_point.row + 1


def pool_of(evidence: Evidence, query: Query) -> Connections | None:
    """The pool that a query takes its connection from; None where it is not seen."""
    call = query.call
    meaning: Meaning = call.meaning
    while isinstance(meaning, Instance | Member):
        if isinstance(meaning, Instance) and meaning.of.key in POOLS and meaning.call is not None:
            return _connections(evidence, call, meaning.of.key, meaning.call)
        meaning = meaning.of
    return _of_prisma(evidence, call) if query.library == "Prisma" else None


def _of_prisma(evidence: Evidence, call: Reached) -> Connections | None:
    """The pool of a Prisma client that is handed around: an application has one as a rule, of which the address tells."""
    root = call.view.evaluator.project.source(call.view.source.path).root
    number = _in_addresses(evidence, POOLS[_PRISMA].url)
    return Connections(Place(call.view.source, root), _PRISMA, number, said=True) if number is not None else None


def _connections(evidence: Evidence, call: Reached, key: str, made: Place) -> Connections:
    pool, evaluator = POOLS[key], call.view.evaluator
    given = evaluator.arguments(made).get(pool.position)
    meaning = evaluator.meaning(given) if isinstance(given, Place) else given
    place = given if isinstance(given, Place) else None
    for name in pool.option:
        entries = evaluator.entries(place) if place is not None else {}
        if "..." in entries and name not in entries:
            return Connections(made, key, None, said=False, why="the options of the pool are only known at run time")
        place = entries.get(name)
    if place is not None:
        known = evaluator.known(place)
        return Connections(
            made, key, known if isinstance(known, int) else None, said=True, why="how large the pool is, is only known at run time"
        )
    if given is not None and not isinstance(meaning, Structure) and not (isinstance(given, Place) and given.node.type == "string"):
        return Connections(made, key, None, said=False, why="the options of the pool are only known at run time")
    if pool.url:
        number = _in_addresses(evidence, pool.url)
        if number is not None:
            return Connections(made, key, number, said=True)
    return Connections(made, key, pool.default, said=False, why="its pool has two connections for each core and one more")


def _in_addresses(evidence: Evidence, parameter: str) -> int | None:
    """The number that the addresses of settings files give a parameter, if they agree."""
    pattern = re.compile(rf"{parameter}=(\d+)".encode())
    said = f"{parameter}=".encode()
    paths = [*evidence.containing(said), *(p for p in evidence.mentioning(said) if _SETTINGS.search(p))]
    found = {int(number) for path in paths for number in pattern.findall(evidence.code(path))}
    return found.pop() if len(found) == 1 else None
