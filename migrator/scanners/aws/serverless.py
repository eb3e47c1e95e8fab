"""What a configuration of the Serverless Framework says of jobs: functions that a queue, the clock or an event starts, and queues."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

import msgspec

from migrator.jobs import Expression, Literal, Location, Options, Value
from migrator.scanners.aws.cloudformation import Template, reference
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.branch import Branch, entry, is_off, options, scalar, several, text

#: entries of `schedule` that are said in the model's words
_SAID = ("rate", "timezone", "name", "description")


class Serverless(msgspec.Struct, frozen=True):
    """Reads a configuration whose paths are seen from `folder`."""

    lambdas: Lambdas
    folder: str

    def read(self, root: Branch) -> None:
        """Record what the whole configuration says."""
        default = scalar(entry(root, "provider", "timeout"))
        self._environment(entry(root, "provider", "environment"))
        for name, function, where in self._functions(entry(root, "functions")):
            self._function(name, function, where, default)
        machines = entry(root, "stepFunctions", "stateMachines")
        for name, machine, _ in machines.pairs() if machines is not None else ():
            events = entry(machine, "events")
            for event in events.elements() if events is not None else ():
                for kind, what, at in event.pairs():
                    if kind == "schedule" and not is_off(entry(what, "enabled")):
                        self._schedule(None, what, at, name)
        template = Template(self.lambdas, self.folder)
        for resources in several(entry(root, "resources")):
            template.read(resources)

    def _functions(self, functions: Branch | None) -> Iterator[tuple[str, Branch, Location]]:
        """Every function: of a mapping, or of a list of mappings that other files hold."""
        for part in several(functions):
            yield from part.pairs()

    def _function(self, name: str, branch: Branch, where: Location, default: Value | None) -> None:
        events = entry(branch, "events")
        written = entry(branch, "handler")
        handler = text(written)
        place = written.location.path if written is not None else where.path
        function = Function(
            name=name,
            where=where,
            handler=handler or _behind(scalar(written)),
            # A handler is written from the folder of the main file; one that is made in code, from the file that makes it.
            folders=tuple(dict.fromkeys((self.folder, posixpath.dirname(place), ""))),
            timeout=scalar(entry(branch, "timeout")) or default,
            concurrency=scalar(entry(branch, "reservedConcurrency")),
            options=options(branch, 0),
            form="serverless function",
        )
        self._environment(entry(branch, "environment"))
        self.lambdas.declared(function)
        for event in events.elements() if events is not None else ():
            for kind, what, at in event.pairs():
                self._event(function, kind, what, at)

    def _environment(self, variables: Branch | None) -> None:
        for variable, value, _ in variables.pairs() if variables is not None else ():
            self.lambdas.alias(variable, reference(value))

    def _event(self, function: Function, kind: str, what: Branch, where: Location) -> None:
        match kind:
            case "sqs":
                queue = entry(what, "arn") or (what if scalar(what) is not None or what.tag else None)
                self.lambdas.fed(function, reference(queue), where, _without(options(what), "arn"))
            case "schedule" if not is_off(entry(what, "enabled")):
                self._schedule(function, what, where)
            case "eventBridge" | "cloudwatchEvent":
                when = entry(what, "schedule")
                if when is not None:
                    self.lambdas.scheduled(function, scalar(when), where, {})
                    return
                pattern = entry(what, "pattern") or entry(what, "event")
                named = entry(pattern, "detail-type") or entry(pattern, "source")
                for detail in several(named):
                    self.lambdas.reached(function, scalar(detail) or Literal(""), where)
            case _:
                return

    def _schedule(self, function: Function | None, what: Branch, where: Location, title: str = "") -> None:
        """`schedule` in any of its forms; `title` is what it starts, where that is no function."""
        rate = entry(what, "rate") if scalar(what) is None else what
        zone, name = text(entry(what, "timezone")), text(entry(what, "name")) or title
        said = {key: value for key, value in options(what).items() if key.split(".")[0] not in _SAID}
        for number, each in enumerate(several(rate)):
            at = each.location if number else where
            self.lambdas.scheduled(function, scalar(each), at, said, zone=zone, name=name)


def _without(said: Options, key: str) -> Options:
    return {name: value for name, value in said.items() if name.split(".")[0] != key}


def _behind(value: Value | None) -> str:
    """`handler.main` of a path whose folder is only known at run time, as `${here(__dirname)}/handler.main` says it."""
    if not isinstance(value, Expression):
        return ""
    return value.source.strip("`'\"").rsplit("}", 1)[-1].lstrip("/")
