"""From a Celery task's definition to an actor's: the decorator, option by option. The body is `bodies`."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.bodies import ANY_ERROR, catches_all, read_body
from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem, Task
from migrator.codemods.python.celery_to_dramatiq.retries import RetryOptions, read_retries
from migrator.codemods.python.celery_to_dramatiq.routes import Router
from migrator.codemods.python.celery_to_dramatiq.settings import Settings
from migrator.codemods.python.celery_to_dramatiq.zones import Zone
from migrator.codemods.python.expressions import Arguments, arguments, comment_text, literal, milliseconds, number, quoted, string
from migrator.codemods.python.names import External, Names, Symbol
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Job, Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.syntax.tree import walk
from migrator.systems.dramatiq import valid_queue

_DECORATORS = frozenset(("celery.shared_task", "celery.app.shared_task", "celery.current_app.task"))
#: options that say nothing that matters once the job is on Dramatiq
_MOOT = frozenset(
    ("ignore_result", "track_started", "store_errors_even_if_ignored", "send_events", "typing", "reject_on_worker_lost", "acks_late")
)
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Application:
    """What every task is read against."""

    tree: CodeTree
    names: Names
    local: LocalNames
    app: Symbol
    settings: Settings
    zone: Zone
    router: Router
    unsafe: bool


def read_task(application: Application, job: Job) -> Task | Problem:
    """The task behind a job, with its change and its problems; a lone problem where there is no function to speak of."""
    source = application.tree.source(job.location.path)
    function = _function(application, source, job)
    if isinstance(function, Problem):
        return function
    decorators = [c for c in (function.parent.named_children if function.parent is not None else ()) if c.type == "decorator"]
    ours = [d for d in decorators if is_task_decorator(application.names, application.app, source, d)]
    if len(ours) != 1 or ours[0] != decorators[0]:
        reason = "another decorator stands above the task's own" if ours else "its decorator does not lead straight to Celery"
        return Problem("MIG114", reason, job.location)
    task = Task(
        key=f"{source.path}:{job.symbol}",
        symbol=job.symbol,
        actor=_name(application.tree, source, ours[0], job),
        source=source,
        function=function,
        location=job.location,
        change=Change(source.path, dramatiq=True, defines=True),
        plain_signature=len(decorators) == 1,
        area=job.area,
    )
    _Reader(application, task, ours[0]).read()
    return task


def _name(tree: CodeTree, source: Source, decorator: Node, job: Job) -> str:
    """Celery's name of the task: the one given, else that of the function in its module."""
    call = decorator.named_children[0]
    given = string(source, arguments(source, call).value("name")) if call.type == "call" else ""
    return given or f"{tree.module_of(source.path)}.{job.symbol}"


def is_task_decorator(names: Names, app: Symbol, source: Source, decorator: Node) -> bool:
    """True for `@shared_task`, `@app.task` and their calls, under whatever name."""
    node = decorator.named_children[0]
    if node.type == "call":
        node = child(node, "function") or node
    origin = names.origin(source, node)
    if isinstance(origin, External):
        return origin.path in _DECORATORS
    owner, attribute = child(node, "object"), child(node, "attribute")
    if owner is None or attribute is None or source.text(attribute) != "task":
        return False
    return names.origin(source, owner) == app


def _function(application: Application, source: Source, job: Job) -> Node | Problem:
    if any(gap.span.start >= 0 for gap in source.gaps):
        return Problem("MIG160", f"{source.path} could not be read whole (line {source.gaps[0].line})", job.location)
    bound = application.tree.bindings(source.path).module.get(job.symbol, [])
    if len(bound) != 1 or bound[0].kind != "function":
        return Problem("MIG114", "it is not the one function of its name at the top of its module", job.location)
    function = bound[0].node
    whole = function.parent
    if whole is None or whole.type != "decorated_definition" or whole.parent != source.root:
        return Problem("MIG114", "it is not a function at the top of its module", job.location)
    if any(c.type == "async" for c in function.children):
        return Problem("MIG114", "it is a coroutine", job.location)
    return function


class _Reader:
    """Reads one decorator and writes the actor's."""

    def __init__(self, application: Application, task: Task, decorator: Node) -> None:
        self.application, self.task, self.decorator = application, task, decorator
        self.source = task.source
        call = decorator.named_children[0]
        self.given = arguments(self.source, call) if call.type == "call" else Arguments(call)
        self.lines: list[str] = []

    def read(self) -> None:
        """Fill the task in."""
        task, given = self.task, self.given
        if given.positional or given.starred or not given.plain:
            self.problem("MIG114", "its decorator is given arguments that are not plain to read", self.decorator)
        if given.value("name") is not None and not string(self.source, given.value("name")):
            self.problem("MIG110", "its name is only known at run time", self.decorator)
        self._bind()
        retries = read_retries(self.source, given, task.problems)
        asks = read_body(task, retries, self.application.local)
        options = [f"actor_name={quoted(task.actor)}", *self._queue(), *self._retries(retries, asks=asks)]
        options += [*self._limits(retries), *self._expiry(), *self._throws(retries, asks=asks)]
        self._acknowledgement()
        self._leftovers(retries)
        self._write(options, retries)

    def problem(self, trap: str, reason: str, node: Node, *, unsafe: bool = False) -> None:
        """Note why the task cannot move."""
        self.task.problems.append(Problem(trap, reason, self.source.location(node), unsafe))

    def known(self, name: str, kind: type | tuple[type, ...], default: object = None) -> object:
        """The literal value of an option; one of another kind, or none at all, is a problem."""
        value = self.given.value(name)
        if value is None:
            return default
        found = literal(self.source, value)
        if not isinstance(found, kind):
            self.problem("MIG110", f"`{name}={self.source.text(value)}` is not plain to read", value)
            return default
        return found

    def _bind(self) -> None:
        if not self.known("bind", bool, default=False):
            return
        parameters = child(self.task.function, "parameters")
        first = next((p for p in parameters.named_children if p.type != "comment"), None) if parameters is not None else None
        name = first.named_children[0] if first is not None and first.type == "typed_parameter" else first
        if first is None or name is None or name.type != "identifier" or parameters is None:
            self.problem("MIG109", "it is bound, but its first parameter is not a plain name", self.task.function)
            return
        self.task.bound = self.source.text(name)
        after = [c for c in parameters.children if c.start_byte >= first.end_byte]
        end = first.end_byte
        if after and after[0].type == ",":
            following = after[1]
            # Up to what comes next, so that the space after the comma goes too; a comment in between stays.
            end = after[0].end_byte if following.type == "comment" else following.start_byte
            if following.type == ")":
                end = after[0].end_byte
        self.task.change.replace(Span(first.start_byte, end), "")

    def _queue(self) -> list[str]:
        named = self.known("queue", str, default="")
        router = self.application.router
        routed = router.queue(self.task.actor)
        self.task.by_name_queue = routed if isinstance(routed, str) else ""
        if named:
            routed = router.named(str(named))
        if isinstance(routed, Problem):
            self.task.problems.append(routed)
            return []
        self.task.queue = routed
        for queue in {routed, self.task.by_name_queue or routed}:
            if not valid_queue(queue):
                self.problem("MIG120", f"Dramatiq does not take {queue!r} for the name of a queue", self.decorator)
        return [f"queue_name={quoted(routed)}"]

    def _retries(self, retries: RetryOptions, *, asks: bool) -> list[str]:
        change, local = self.task.change, self.application.local
        self.task.traps.add("MIG100")
        if not asks and not retries.errors:
            return ["max_retries=0"]
        self.task.traps.add("MIG101")
        return [f"max_retries={retries.maximum}", f"retry_when={local.use(change, 'asked')}"]

    def _limits(self, retries: RetryOptions) -> list[str]:
        local, change = self.application.local, self.task.change
        hard, soft = self._limit("time_limit", "task_time_limit"), self._limit("soft_time_limit", "task_soft_time_limit")
        if soft is not None and (catches_all(self.source, self.task.function) or any(_is_wide(error) for error in retries.errors)):
            self.problem("MIG106", "it can catch its soft time limit as any other error", self.decorator)
        limits = [limit for limit in (hard, soft) if limit is not None]
        if not limits:
            self.task.traps.add("MIG104")
            return [f"time_limit={local.use(change, 'NO_LIMIT')}"]
        trap = "MIG105" if soft is None else "MIG106"
        self.problem(trap, "its time limit becomes an exception in the thread", self.decorator, unsafe=True)
        return [f"time_limit={milliseconds(min(limits))}"]

    def _limit(self, option: str, setting: str) -> float | None:
        value = self.given.value(option)
        if value is not None:
            if literal(self.source, value) is None:
                return None
            seconds = number(self.source, value)
        else:
            found = self.application.settings.value(setting)
            if found is None:
                return None
            seconds = found if isinstance(found, int | float) and not isinstance(found, bool) else None
            value = self.decorator
        if seconds is None or seconds <= 0:
            self.problem("MIG110", f"its `{option}` is not plain to read", value)
            return None
        return seconds

    def _expiry(self) -> list[str]:
        value = self.given.value("expires")
        if value is None or literal(self.source, value) is None:
            return []
        seconds = number(self.source, value)
        if seconds is None or seconds <= 0:
            self.problem("MIG110", f"`expires={self.source.text(value)}` is not plain to read", value)
            return []
        self.task.has_expiry = True
        self.task.traps.add("MIG122")
        return [f"max_age={milliseconds(seconds)}"]

    def _throws(self, retries: RetryOptions, *, asks: bool) -> list[str]:
        """Celery's `throws` is about logging only; Dramatiq's also forbids a retry, which changes nothing where there is none."""
        value = self.given.value("throws")
        if value is None:
            return []
        if asks or retries.errors:
            self.problem("MIG110", "`throws` would keep Dramatiq from retrying", value)
            return []
        return [f"throws={self.source.text(value)}"]

    def _acknowledgement(self) -> None:
        late = self.given.value("acks_late")
        is_late = literal(self.source, late) if late is not None else self.application.settings.value("task_acks_late", default=False)
        if is_late is not True or literal(self.source, self.given.value("reject_on_worker_lost")) is not True:
            self.task.traps.add("MIG107")

    def _leftovers(self, retries: RetryOptions) -> None:
        """Every option that nothing above has read."""
        read = {"bind", "name", "queue", "throws", "expires", "time_limit", "soft_time_limit", *_MOOT, *retries.options}
        for name, node in self.given.keywords.items():
            if name in read:
                continue
            value = child(node, "value")
            match name:
                case "serializer" if literal(self.source, value) == "json":
                    continue
                case "serializer":
                    self.problem("MIG153", "its arguments are not sent as JSON", node)
                case "rate_limit":
                    self.problem("MIG111", "it has a rate limit", node)
                case "priority":
                    self.problem("MIG112", "it has a priority", node)
                case "base":
                    self.problem("MIG113", "it has a task class of its own", node)
                case _:
                    self.problem("MIG110", f"its option `{name}` has no counterpart that we know", node)

    def _write(self, options: list[str], retries: RetryOptions) -> None:
        source, decorator, local = self.source, self.decorator, self.application.local
        indent = " " * 4 if b"\n\t" not in source.data else "\t"
        line = f"@dramatiq.actor({', '.join(options)})"
        if len(line) > _WIDTH:
            line = "@dramatiq.actor(\n" + "".join(f"{indent}{option},\n" for option in options) + ")"
        if retries.errors:
            line += f"\n@{local.use(self.task.change, 'retry_on')}({retries.arguments(source, self.task.change, local)})"
        comments = [comment_text(source, c) for c in walk(decorator, ("comment",))]
        self.task.change.replace(decorator, "".join(f"{comment}\n" for comment in comments) + line)


def _is_wide(error: str) -> bool:
    """True for what `autoretry_for` names, if it can be an error of any kind."""
    return error.startswith("*") or error.rpartition(".")[2] in ANY_ERROR
