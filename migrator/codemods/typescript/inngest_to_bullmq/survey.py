"""Everything that is known of Inngest in a code base."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.codemods.typescript.imports import Imported
from migrator.codemods.typescript.inngest_to_bullmq import endpoints as of_endpoints
from migrator.codemods.typescript.inngest_to_bullmq.clients import ClientSite
from migrator.codemods.typescript.inngest_to_bullmq.groups import heard
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.codemods.typescript.inngest_to_bullmq.triggers import listens
from migrator.codemods.typescript.project import Project
from migrator.jobs import Endpoint, Enqueue, Inventory, Setting, Span
from migrator.regex import regex
from migrator.syntax.source import span
from migrator.systems.inngest import SYSTEM

NAME = SYSTEM.name
#: what the generated runtime offers under the same name
OFFERED = ("NonRetriableError", "RetryAfterError", "StepError", "eventType", "staticSchema", "cron")
_TESTS = frozenset(("test", "tests", "__tests__", "__mocks__", "spec", "e2e", "examples"))
_TEST_FILE = regex(r"\.(test|spec|e2e|mock|stories)\.[cm]?[jt]sx?$")


@dataclass
class Survey:
    """The whole picture. `remaining` says why Inngest cannot go altogether; empty when it can."""

    project: Project
    inventory: Inventory
    unsafe: bool
    functions: list[Function] = field(default_factory=list[Function])
    clients: list[ClientSite] = field(default_factory=list[ClientSite])
    endpoints: list[Endpoint] = field(default_factory=list[Endpoint])
    sends: list[Enqueue] = field(default_factory=list[Enqueue])
    #: functions that have moved in an earlier run, by file, and the events that they listen to
    earlier: dict[str, list[Span]] = field(default_factory=dict[str, list[Span]])
    earlier_events: set[str] = field(default_factory=set[str])
    imports: dict[str, list[Imported]] = field(default_factory=dict[str, list[Imported]])
    remaining: list[str] = field(default_factory=list[str])

    @property
    def moved(self) -> list[Function]:
        """The functions that move and run."""
        return [f for f in self.functions if not f.stays(unsafe=self.unsafe) and f.job.live is not False]

    @property
    def asleep(self) -> list[Function]:
        """Functions that no endpoint lists: they never run, here or there."""
        return [f for f in self.functions if f.job.live is False]

    @property
    def whole(self) -> bool:
        """True if nothing of Inngest has to stay."""
        return not self.remaining

    def hears(self, name: str) -> bool:
        """True if a function of this code base that runs listens to the event, here or there."""
        return heard(self.functions, name) or any(listens(e, name) for e in self.earlier_events)

    def goes(self, setting: Setting) -> bool:
        """True for a variable that is only read in a client's options, or in those of an endpoint that can be taken out."""
        where = setting.location
        spans = [(c.path, span(c.call)) for c in self.clients if c.call is not None]
        for endpoint in self.endpoints:
            call = of_endpoints.call_of(self.project, endpoint)
            if call is not None and of_endpoints.removal(self.project, endpoint) is not None:
                spans.append((endpoint.location.path, span(call)))
        return any(path == where.path and s.start <= where.span.start and where.span.end <= s.end for path, s in spans)

    def client_of(self, function: Function) -> ClientSite | None:
        """The client that a function is made with."""
        return next((c for c in self.clients if c.key == function.client), None)


def is_inngest(module: str) -> bool:
    """True for the SDK, its subpaths and its satellites."""
    return module == "inngest" or module.startswith(("inngest/", "@inngest/")) or module == "nest-inngest"


def is_test(path: str) -> bool:
    """True for a file of tests or examples."""
    return any(part in _TESTS for part in path.split("/")) or bool(_TEST_FILE.search(path))
