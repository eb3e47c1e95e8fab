"""What configurations of Lambda have in common: functions, what feeds them, what starts them by the clock, and the queues."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from migrator.jobs import Endpoint, Literal, Location, Options, Schedule, Setting, Trigger, Unresolved, Value
from migrator.scanners.aws.lambda_handlers import handler_files, image_folders, image_handler, image_named
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.invoked import Invoked
from migrator.systems.eventbridge import is_once, when
from migrator.systems.sqs import SYSTEM

NAME = SYSTEM.name
_LANGUAGE = "typescript"


@dataclass(frozen=True)
class Function:
    """A Lambda as a configuration has it: `name` is the configuration's own, `handler` the path in the bundle and what it exports.

    `folders` are those from which the path may be written. `exports` stand in for the handler's last name where the file is known.
    """

    name: str
    where: Location
    handler: str = ""
    folders: tuple[str, ...] = ("",)
    files: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    timeout: Value | None = None
    concurrency: Value | None = None
    options: Options = field(default_factory=dict[str, Value])
    form: str = "Lambda"
    image: tuple[str, ...] = ()  #: what its image may be called, where nothing says which Dockerfile makes it


@dataclass
class Lambdas:
    """Records what one configuration says. `language`: of the configuration, where it is code."""

    tree: Tree
    found: Found
    defined_in: str = "config"
    language: str = _LANGUAGE

    def fed(self, function: Function, queue: Value | None, where: Location, options: Options) -> None:
        """A queue hands its messages to a function: an endpoint, and the function as the job."""
        name = _label(queue)
        endpoint = Endpoint(
            system=NAME,
            language=self.language,
            name=name or function.name,
            location=where,
            area=area_of(where.path),
            serves=(function.name,),
            definition=where.span,
            options={**({"queue": queue} if queue is not None else {}), **options},
        )
        self.found.items.append(endpoint)
        trigger = Trigger("direct", queue if queue is not None else Literal(function.name), span=where.span)
        self._invoked(function, (trigger,), queue, options)

    def scheduled(
        self,
        function: Function | None,
        expression: Value | None,
        where: Location,
        options: Options,
        *,
        zone: str = "",
        name: str = "",
    ) -> None:
        """Something is started by the clock: `function`, or what `name` says where it is no function of the tree."""
        if expression is None or is_once(expression):
            return
        cron, interval = when(expression)
        job = function.name if function is not None else ""
        self.found.items.append(
            Schedule(
                system=NAME,
                language=self.language,
                name=name or job,
                location=where,
                area=area_of(where.path),
                job_name=job or name,
                cron=cron,
                interval=interval,
                timezone=zone or "UTC",
                entry=where.span,
                options={"expression": expression, **options},
                defined_in="code" if self.defined_in == "code" else "config",
            )
        )
        if function is not None:
            value = cron if cron is not None else interval
            trigger = Trigger("cron" if cron is not None else "interval", value or expression, timezone=zone or "UTC", span=where.span)
            self._invoked(function, (trigger,), None, {})

    def awaited(self, name: Value | None) -> None:
        """A rule waits for an event of the bus, whatever it starts; `None` where it could not be told which one."""
        known = name.value if isinstance(name, Literal) and isinstance(name.value, str) else ""
        self.found.awaited.add(known)

    def reached(self, function: Function, name: Value, where: Location) -> None:
        """An event of EventBridge starts a function, which is a job where the tree puts that event on the bus."""
        if isinstance(name, Literal) and isinstance(name.value, str) and name.value:
            self.awaited(name)
            self._invoked(function, (Trigger("event", name, span=where.span),), None, {}, on=name.value)

    def declared(self, function: Function) -> None:
        """A function, which is a job where the tree starts it without waiting for it."""
        self._invoked(function, (Trigger("direct", Literal(function.name), span=function.where.span),), None, {}, on=function.name)

    def alias(self, variable: str, value: Value | None) -> None:
        """An environment variable holds the address of a queue or a function."""
        name = _label(value)
        if name:
            self.found.aliases[variable].add(name)

    def queue(self, name: str, where: Location, options: Options) -> None:
        """A queue with what it is told."""
        self.found.items.append(
            Setting(
                system=NAME, language=self.language, name=name, location=where, area=area_of(where.path), entry=where.span, options=options
            )
        )

    def loose(self, where: Location, reason: str) -> None:
        """Something that cannot be tied down."""
        self.found.unresolved.append(Unresolved(where.path, where.line, reason, NAME))

    def _invoked(self, function: Function, triggers: tuple[Trigger, ...], queue: Value | None, options: Options, *, on: str = "") -> None:
        files, exports, handler, folders = function.files, function.exports, function.handler, function.folders
        if not files and not handler and function.image:
            image = image_named(self.tree, function.name, *function.image)
            handler, folders = image_handler(self.tree, image), image_folders(posixpath.dirname(image)) if image else folders
        if not files and handler:
            files, name = handler_files(self.tree, handler, folders)
            exports = (name, "default")
        self.found.invoked.append(
            Invoked(
                system=NAME,
                name=function.name,
                where=function.where,
                files=files,
                exports=exports,
                form=function.form,
                triggers=triggers,
                queue=queue,
                timeout=function.timeout,
                concurrency=function.concurrency,
                options={**function.options, **options},
                on=on,
                missing=f"the code of {function.name} ({function.handler or 'no handler is named'}) was not found",
            )
        )


def _label(value: Value | None) -> str:
    """A name out of what names a queue: the last part of an ARN or URL; empty where it is not known."""
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        return ""
    return "" if "${" in value.value else value.value.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
