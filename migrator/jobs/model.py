"""The neutral model of background jobs: what any job system's code says, in one vocabulary and one set of units.

Seconds for time, bytes for size, `max_attempts` = total executions of the body (1 = never retried, None = unlimited),
priority: higher runs sooner. `options` hold everything as written, in the source system's own names and units.
Spans are byte offsets into the file, so that a writer can edit exactly what the scanner saw.
"""

from __future__ import annotations

from typing import ClassVar
from typing import Literal as OneOf

import msgspec

from migrator.jobs.values import Value

Confidence = OneOf["certain", "likely", "possible"]
Kind = OneOf["definition", "enqueue", "schedule", "worker", "client", "endpoint", "dependency", "setting"]
Area = OneOf["", "test", "example"]
Options = dict[str, Value]


class Span(msgspec.Struct, frozen=True):
    """Half-open byte range `[start, end)` of a file."""

    start: int
    end: int


class Location(msgspec.Struct, frozen=True):
    """Where something stands. `path` is relative to the audited root with `/`; lines are 1-based, columns 0-based."""

    path: str
    line: int
    column: int
    end_line: int
    span: Span

    @property
    def place(self) -> str:
        """`path:line`, as editors open it."""
        return f"{self.path}:{self.line}"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What every record of an inventory carries."""

    kind: ClassVar[Kind]

    system: str
    language: str
    name: str
    location: Location
    confidence: Confidence = "certain"
    reason: str = ""  #: why the confidence is not `certain`
    area: Area = ""  #: empty for production code
    via: tuple[str, ...] = ()  #: functions of the project through which this reaches the system, outermost first
    wrapper: bool = False  #: a call inside a project function whose callers are listed in its place
    options: Options = {}


class Backoff(msgspec.Struct, frozen=True):
    """Delay before attempt n+2 after n earlier retries (n = 0 for the first): seconds.

    fixed: `delay`; exponential: `delay * factor ** n`; table: `table[min(n, last)]`; none: at once.
    `jitter`: none, full (uniform 0..delay), half (uniform 0.5..1 of delay), up (uniform 1..2 of delay), add30 (plus 0..30 s).
    """

    kind: OneOf["none", "fixed", "exponential", "table", "custom"]
    delay: Value | None = None
    factor: float = 2.0
    maximum: Value | None = None
    jitter: OneOf["none", "full", "half", "up", "add30"] = "none"
    table: tuple[float, ...] = ()


class Retry(msgspec.Struct, frozen=True):
    """When a failed run is tried again. `on`/`never_on` hold names of exceptions as written, or of the
    function that decides; empty `on` = any exception.

    `automatic` is False where only an explicit call in the body retries (Celery's `self.retry` without `autoretry_for`).
    """

    max_attempts: Value
    backoff: Backoff
    automatic: bool = True
    on: tuple[str, ...] = ()
    never_on: tuple[str, ...] = ()
    explicit: bool = False  #: written in the code, as opposed to the system's default


class Trigger(msgspec.Struct, frozen=True):
    """What starts a job: an event by name, a cron or interval schedule, or a direct call by job name."""

    kind: OneOf["event", "cron", "interval", "direct"]
    value: Value
    condition: str = ""  #: filter expression as written (Inngest's `if`)
    timezone: str = ""  #: IANA name; empty = the system's default
    span: Span | None = None


class Step(msgspec.Struct, frozen=True):
    """A durable step inside a handler (Inngest): `kind` is the tool's own name (`run`, `sleep`, `waitForEvent`, …)."""

    kind: str
    id: Value
    location: Location
    in_loop: bool = False
    parallel: bool = False


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of a handler. `kind`: plain, keyword (keyword-only), positional, star, double_star, pattern (JS destructuring)."""

    name: str
    kind: str = "plain"
    default: str = ""  #: source text, empty when required
    annotation: str = ""  #: source text
    span: Span | None = None


class Handler(msgspec.Struct, frozen=True):
    """The function that a job runs: `span` covers the whole function, `body` its body, `name` its own name if it has one."""

    location: Location
    body: Span
    name: str = ""
    parameters: tuple[Parameter, ...] = ()
    is_async: bool = False
    method_of: str = ""  #: class name where the handler is a method


class Use(msgspec.Struct, frozen=True):
    """A feature of the source system that a handler's body relies on, such as `context.request.id` or `manual-retry`."""

    feature: str
    location: Location
    detail: str = ""


class Job(Item, frozen=True, kw_only=True):
    """A job definition. `symbol` is the name that code uses for it (`module` + `symbol` identify it), `name` its name in the system."""

    kind: ClassVar[Kind] = "definition"

    symbol: str = ""
    module: str = ""  #: Python: dotted module; TypeScript: path of the file
    definition: Span | None = None  #: everything that makes the job: decorators and function, or the whole call statement
    form: str = ""  #: syntactic form, such as `decorator`, `call`, `class`, `switch-case`
    handler: Handler | None = None
    triggers: tuple[Trigger, ...] = ()
    queue: Value | None = None
    retry: Retry | None = None
    timeout: Value | None = None  #: seconds per attempt, None = none
    priority: Value | None = None
    expires: Value | None = None
    concurrency: Value | None = None
    rate_limit: Value | None = None
    acknowledgement: OneOf["early", "late", ""] = ""
    failure_handler: Span | None = None
    steps: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = ()
    live: bool | None = None  #: registered with a worker or endpoint; None = could not be told

    @property
    def identity(self) -> str:
        """`module:symbol`, as enqueues, schedules and references call it; empty for a job without a symbol."""
        return f"{self.module}:{self.symbol}" if self.symbol else ""


class Argument(msgspec.Struct, frozen=True):
    """An argument passed on to the job: `name` for keyword arguments, `star` is `*` or `**` for unpacking."""

    value: Value
    span: Span
    name: str = ""
    star: str = ""


class Enqueue(Item, frozen=True, kw_only=True):
    """A place that puts a job on its way. `name` is the job or event name, empty when only known at run time."""

    kind: ClassVar[Kind] = "enqueue"

    job: str = ""  #: `module:symbol` of the job when it was resolved in this code base
    form: str = ""  #: as written: `delay`, `apply_async`, `send_task`, `signature`, `send`, `add`, `insert`, …
    call: Span | None = None  #: the whole call expression
    receiver: Span | None = None  #: what the method is called on
    arguments: tuple[Argument, ...] = ()
    delay: Value | None = None  #: seconds from now
    eta: Value | None = None  #: absolute time, as written
    queue: Value | None = None
    priority: Value | None = None
    expires: Value | None = None
    dedupe: Value | None = None  #: id that makes a second enqueue a no-op
    max_attempts: Value | None = None  #: per call, where the system allows it
    backoff: Backoff | None = None  #: that goes with `max_attempts`; None: nothing that was seen says so
    awaited: bool = False
    in_loop: bool = False
    in_transaction: bool = False
    in_async: bool = False
    inside: str = ""  #: `module:symbol` of the job or name of the function around the call
    result_used: bool = False


class Schedule(Item, frozen=True, kw_only=True):
    """A recurring start of a job: exactly one of `cron` (as written, or normalised to five fields) and `interval` (seconds)."""

    kind: ClassVar[Kind] = "schedule"

    job: str = ""
    job_name: str = ""
    cron: Value | None = None
    interval: Value | None = None
    timezone: str = ""
    queue: Value | None = None  #: the queue that the runs go to, where the schedule says so
    arguments: tuple[Argument, ...] = ()
    entry: Span | None = None  #: the whole schedule entry, for removal
    defined_in: OneOf["code", "config", "database"] = "code"


class Worker(Item, frozen=True, kw_only=True):
    """A process that runs jobs: a command line, or code that constructs a worker."""

    kind: ClassVar[Kind] = "worker"

    command: str = ""
    role: OneOf["worker", "scheduler", "monitor"] = "worker"
    queues: tuple[str, ...] = ()
    concurrency: Value | None = None
    service: str = ""  #: name of the Procfile entry, compose service or script
    entry: Span | None = None


class Client(Item, frozen=True, kw_only=True):
    """Construction of a connection, queue object or app."""

    kind: ClassVar[Kind] = "client"

    symbol: str = ""
    module: str = ""
    definition: Span | None = None
    role: str = ""  #: `app`, `queue`, `worker`, `flow`, `events`, …


class Endpoint(Item, frozen=True, kw_only=True):
    """An HTTP route that a system calls."""

    kind: ClassVar[Kind] = "endpoint"

    serves: tuple[str, ...] = ()
    listed: tuple[Location, ...] = ()  #: where each of `serves` stands in a list of jobs, in the same order
    definition: Span | None = None


class Dependency(Item, frozen=True, kw_only=True):
    """A manifest entry for one of a system's packages. `name` is the package."""

    kind: ClassVar[Kind] = "dependency"

    version: str = ""
    entry: Span | None = None


class Setting(Item, frozen=True, kw_only=True):
    """A configuration key or environment variable. The value is kept only where it is code, never from `.env` files."""

    kind: ClassVar[Kind] = "setting"

    value: Value | None = None
    entry: Span | None = None


class Reference(msgspec.Struct, frozen=True):
    """Any other mention of a job or of the source system: everything a rewrite must account for.

    `form`: `import`, `call` (runs inline), `attribute`, `value` (passed or stored), `string` (name in a string),
    `api` (the system's own API).
    """

    system: str
    target: str  #: `module:symbol` of a job, or the dotted API name
    form: OneOf["import", "call", "attribute", "value", "string", "api"]
    location: Location
    detail: str = ""


#: why work could be a job: it sends mail, calls another service, asks a language model, runs a program or converts a file, works through
#: bulk data, waits, or goes on in the web process after the response
ReasonKind = OneOf["mail", "service", "model", "program", "bulk", "wait", "after"]


class Reason(msgspec.Struct, frozen=True):
    """A call that makes a request wait. `in_loop`: once for each of many; `via`: functions of the project on the way from the handler."""

    kind: ReasonKind
    call: str
    location: Location
    in_loop: bool = False
    via: tuple[str, ...] = ()


class Candidate(msgspec.Struct, frozen=True):
    """A request handler that does what a job could do. `route` is the method and path where the code tells them: `POST /orders`."""

    name: str
    language: str
    location: Location
    route: str
    confidence: Confidence
    reasons: tuple[Reason, ...]


class Unresolved(msgspec.Struct, frozen=True):
    """Something that looks like job code but could not be tied down; reported, never dropped."""

    path: str
    line: int
    reason: str
    system: str = ""
    source: str = ""
