"""One application as a plan looks at it: each job with what starts it, what it starts, its tests and its findings."""

from __future__ import annotations

from functools import cached_property

from migrator.jobs import Enqueue, Inventory, Job, Schedule
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
        return tuple(self.jobs[end] for start, end in sorted(self.picture.edges) if start == mine != end < len(self.jobs))

    def sends(self, job: Job) -> tuple[Enqueue, ...]:
        """The enqueues in a job's own body."""
        mine = self._number[id(job)]
        found = (i for (start, _), items in self.picture.edges.items() if start == mine for i in items if isinstance(i, Enqueue))
        return tuple(sorted({i.location: i for i in found}.values(), key=lambda i: (i.location.path, i.location.span.start)))

    def tested(self, job: Job) -> bool:
        """True if a test mentions the job by its name."""
        return job.identity in self._mentioned_in_tests or any(i.job == job.identity for i in self._items_of_tests)

    def findings(self, job: Job) -> tuple[Finding, ...]:
        """The findings that are about a job: at its definition, in its body, or at a place that starts it."""
        around = [job.location, *(i.location for i in (*self.sent(job), *self.scheduled(job)))]
        if job.handler is not None:
            around.append(job.handler.location)
        places = {(where.path, line) for where in around for line in range(where.line, where.end_line + 1)}
        return tuple(f for f in self.inventory.findings if any(place in places for place in _places(f)))

    @cached_property
    def _items_of_tests(self) -> tuple[Enqueue, ...]:
        return tuple(i for i in self.inventory.of(Enqueue) if i.area == "test")

    @cached_property
    def _mentioned_in_tests(self) -> frozenset[str]:
        from migrator.scanners.files import area_of

        return frozenset(r.target for r in self.inventory.references if r.form in _TESTED and area_of(r.location.path) == "test")


def _places(finding: Finding) -> list[tuple[str, int]]:
    return [(finding.path, finding.line), *((other.path, other.line) for other in finding.others)]
