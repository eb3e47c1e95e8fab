"""One application as a plan looks at it: each job with what starts it, what it starts, its tests and its findings."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from migrator.jobs import Enqueue, Inventory, Item, Job, Schedule
from migrator.jobs.findings import Finding
from migrator.planning.starts import Starts, starts
from migrator.rules.evidence import Evidence

#: a use of one of these in a test is a use of the job
_TESTED = ("call", "attribute", "value", "string", "import")


class Application:
    """What production code says, by job. `findings` are those of the inventory."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.inventory: Inventory = evidence.inventory
        self.jobs = evidence.of(Job)
        self._number = {id(job): n for n, job in enumerate(self.jobs)}

    @cached_property
    def picture(self) -> Starts:
        """Who starts what; the first nodes are `jobs`, in their order."""
        return starts(self.inventory)

    def sent(self, job: Job) -> tuple[Enqueue, ...]:
        """The places that start a job."""
        return tuple(item for item in self.picture.leading_to[self._number[id(job)]] if isinstance(item, Enqueue))

    def scheduled(self, job: Job) -> tuple[Schedule, ...]:
        """The schedules that start a job."""
        return tuple(item for item in self.picture.leading_to[self._number[id(job)]] if isinstance(item, Schedule))

    def starts(self, job: Job) -> tuple[Job, ...]:
        """The jobs that a job's own body starts."""
        mine = self._number[id(job)]
        return tuple(self.jobs[end] for end in sorted(self._leading_from[mine]) if mine != end < len(self.jobs))

    def sends(self, job: Job) -> tuple[Enqueue, ...]:
        """The enqueues in a job's own body."""
        edges = self._leading_from[self._number[id(job)]]
        found = (i for items in edges.values() for i in items if isinstance(i, Enqueue))
        return tuple(sorted({i.location: i for i in found}.values(), key=lambda i: (i.location.path, i.location.span.start)))

    def tested(self, job: Job) -> bool:
        """True if a test mentions the job by its name."""
        return job.identity in self._mentioned_in_tests or any(i.job == job.identity for i in self._items_of_tests)

    def findings(self, job: Job) -> tuple[Finding, ...]:
        """The findings that are about a job: at its definition, in its body, or at a place that starts it."""
        around = [job.location, *(i.location for i in (*self.sent(job), *self.scheduled(job)))]
        if job.handler is not None:
            around.append(job.handler.location)
        places = ((where.path, line) for where in around for line in range(where.line, where.end_line + 1))
        numbers = sorted({number for place in places for number in self._found_at.get(place, ())})
        return tuple(self.inventory.findings[number] for number in numbers)

    @cached_property
    def _found_at(self) -> dict[tuple[str, int], list[int]]:
        """The numbers of the findings that name a line."""
        found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for number, finding in enumerate(self.inventory.findings):
            for place in _places(finding):
                found[place].append(number)
        return found

    @cached_property
    def _leading_from(self) -> defaultdict[int, dict[int, list[Item]]]:
        """What each node of the picture starts, with the enqueues and schedules behind it."""
        found: defaultdict[int, dict[int, list[Item]]] = defaultdict(dict)
        for (start, end), items in self.picture.edges.items():
            found[start][end] = items
        return found

    @cached_property
    def _items_of_tests(self) -> tuple[Enqueue, ...]:
        return tuple(i for i in self.inventory.of(Enqueue) if i.area == "test")

    @cached_property
    def _mentioned_in_tests(self) -> frozenset[str]:
        from migrator.scanners.files import area_of

        return frozenset(r.target for r in self.inventory.references if r.form in _TESTED and area_of(r.location.path) == "test")


def _places(finding: Finding) -> list[tuple[str, int]]:
    return [(finding.path, finding.line), *((other.path, other.line) for other in finding.others)]
