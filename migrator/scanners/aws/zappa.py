"""What `zappa_settings` says of jobs: functions that the clock or a queue starts, in each stage."""

from __future__ import annotations

import msgspec

from migrator.jobs import Literal, Location, Value
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.branch import Branch, entry, is_off, options, scalar, several, text

#: entries of an event that are said in the model's words
_SAID = frozenset(("function", "expression", "expressions", "event_source", "name", "description"))


class Zappa(msgspec.Struct, frozen=True):
    """Reads settings whose modules are seen from `folder`."""

    lambdas: Lambdas
    folder: str

    def read(self, root: Branch) -> None:
        """Record the events of every stage."""
        for _, stage, _ in root.pairs():
            events = entry(stage, "events")
            limit = scalar(entry(stage, "timeout_seconds"))
            for event in events.elements() if events is not None else ():
                self._event(event, limit)

    def _event(self, event: Branch, limit: Value | None) -> None:
        path = text(entry(event, "function"))
        source = entry(event, "event_source")
        # One that is off is kept in the settings, and makes no rule.
        if not path or is_off(entry(event, "enabled")) or is_off(entry(source, "enabled")):
            return
        function = self._function(path, event.location, limit)
        said = {key: value for key, value in options(event).items() if key.split(".")[0] not in _SAID}
        for expression in (*several(entry(event, "expression")), *several(entry(event, "expressions"))):
            self.lambdas.scheduled(function, scalar(expression), expression.location, said, name=text(entry(event, "name")) or path)
        arn = scalar(entry(source, "arn"))
        if isinstance(arn, Literal) and isinstance(arn.value, str) and ":sqs:" in arn.value:
            self.lambdas.fed(function, arn, event.location, {k: v for k, v in options(source).items() if k != "arn"})

    def _function(self, path: str, where: Location, limit: Value | None) -> Function:
        module, _, name = path.rpartition(".")
        return Function(
            name=path,
            where=where,
            handler=f"{module.replace('.', '/')}.{name}",
            folders=tuple(dict.fromkeys((self.folder, ""))),
            timeout=limit,
            form="Zappa event",
        )
