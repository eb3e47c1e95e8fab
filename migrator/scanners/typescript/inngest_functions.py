"""`createFunction` in all its forms: what a function is called, what starts it, how it is tried again, what it does."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Expression, Job, Literal, Retry, Schedule, Span, Trigger, Use, Value, literal_of
from migrator.scanners.linking import Instance, Place, Structure
from migrator.scanners.linking.elements import elements
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.handlers import handler_of
from migrator.scanners.typescript.inngest_handlers import Body, read_body
from migrator.scanners.typescript.inngest_keys import maker
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.systems.cron_zone import split_zone
from migrator.systems.inngest import SYSTEM, max_attempts, slug

NAME = SYSTEM.name
#: entries of the options that the model says in its own words, and in full
_ELSEWHERE = ("triggers", "onFailure")


def defined(call: Call) -> None:
    """`createFunction(options, handler)` of version 4 and `createFunction(options, trigger, handler)` of the earlier ones."""
    given = call.arguments
    if "*" in given:
        call.view.unresolved(call.node, "the arguments of createFunction are spread in", NAME)
        return
    second = given.get(1)
    if second is None:
        call.view.unresolved(call.node, "createFunction without a handler", NAME)
        return
    if 2 in given:
        _add(call, given[0], second, given[2], "three arguments")
    else:
        _add(call, given[0], None, second, "two arguments")


def scheduled(call: Call) -> None:
    """`createScheduledFunction(name, cron, handler)` of version 1."""
    given = call.arguments
    if 2 in given:
        _add(call, given[0], given[1], given[2], "scheduled function", cron=True)
    else:
        call.view.unresolved(call.node, "createScheduledFunction without a handler", NAME)


def _add(call: Call, first: Place, trigger: Place | None, handler: Place, form: str, *, cron: bool = False) -> None:
    view = call.view
    entries = view.evaluator.entries(first)
    options = {k: v for k, v in view.options(first).items() if k not in _ELSEWHERE}
    name = _name(view, first, entries)
    symbol, statement = holder(view.source, call.node) if not call.via else ("", span(call.node))
    triggers = tuple(triggers_of(view, entries.get("triggers") if trigger is None else trigger, name, NAME, cron=cron))
    body = read_body(view, handler)
    failure = entries.get("onFailure")
    after = read_body(view, failure) if failure is not None else Body()
    common = call.common(NAME)
    view.add(
        Job(
            **common,
            name=name,
            symbol=symbol,
            module=view.module,
            definition=statement,
            form=form,
            handler=handler_of(view, handler),
            triggers=triggers,
            retry=_retry(options),
            priority=options.get("priority"),
            concurrency=concurrency_of(options.get("concurrency")),
            rate_limit=options.get("rateLimit") or options.get("throttle"),
            acknowledgement="late",
            failure_handler=span(failure.node) if failure is not None else None,
            steps=body.steps,
            uses=(*body.uses, *failure_uses(after)),
            options=options,
            confidence="certain" if "..." not in entries else "likely",
            reason="" if "..." not in entries else "options that are spread in could not be followed",
        )
    )
    if handler_of(view, handler) is None:
        view.unresolved(handler.node if handler.source is view.source else call.node, "the handler could not be found", NAME)
    for found in triggers:
        if found.kind == "cron":
            view.add(schedule_of(call, found, name, symbol, NAME))


def failure_uses(body: Body) -> Iterator[Use]:
    """What `onFailure` does, told apart from what the handler does."""
    for step in body.steps:
        yield Use(f"onFailure.step.{step.kind}", step.location)
    for use in body.uses:
        yield Use(f"onFailure.{use.feature}", use.location, use.detail)


def _name(view: View, first: Place, entries: dict[str, Place]) -> str:
    """The id; version 2 and earlier made it of the name."""
    text = view.evaluator.text(entries.get("id"))
    if text or "id" in entries:
        return text
    return slug(view.evaluator.text(entries.get("name")) or view.evaluator.text(first))


def _retry(options: dict[str, Value]) -> Retry:
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    written = options.get("retries")
    explicit = written is not None and not (isinstance(written, Literal) and written.value is None)
    attempts = max_attempts(written) if explicit and written is not None else Literal(facts.default_attempts)
    return Retry(attempts, facts.backoff, never_on=("NonRetriableError",), explicit=explicit)


def concurrency_of(value: Value | None) -> Value | None:
    """A limit over the whole function is a number; anything with a key or a scope stays as written. Zero means no limit."""
    known = literal_of(value)
    if isinstance(known, list) and len(known) == 1:
        known = known[0]
    if isinstance(known, dict) and set(known) == {"limit"}:
        known = known["limit"]
    if known == 0:
        return None
    return Literal(known) if isinstance(known, int) else value


def triggers_of(view: View, place: Place | None, name: str, system: str, *, cron: bool = False) -> Iterator[Trigger]:
    """What starts the function `name`; what cannot be told is reported as a loose end of `system`."""
    if place is None:
        yield Trigger("direct", Literal(name))
        return
    found = elements(view.evaluator, place)
    for element in found.known:
        trigger = _trigger(view, element, name, cron=cron)
        if trigger is None:
            view.unresolved(element.node if element.source is view.source else place.node, "a trigger that could not be read", system)
            yield Trigger("event", Expression(element.text), span=_local(view, element))
        else:
            yield trigger
    for element in found.unknown:
        if element.source is view.source:
            view.unresolved(element.node, "triggers that could not be read", system)
        yield Trigger("event", Expression(element.text), span=_local(view, element))


def _trigger(view: View, element: Place, name: str, *, cron: bool) -> Trigger | None:
    evaluator, where = view.evaluator, _local(view, element)
    meaning = evaluator.meaning(element)
    text = evaluator.text(element)
    if text:
        return _cron(Literal(text), where) if cron else Trigger("event", Literal(text), span=where)
    if isinstance(meaning, Instance) and isinstance(meaning.call, Place):
        given = evaluator.arguments(meaning.call).get(0)
        value = view.value(given) if isinstance(given, Place) else Expression(element.text)
        match maker(meaning.key):
            case "eventType()":
                return Trigger("event", value, span=where)
            case "cron()":
                return _cron(value, where)
            case "invoke()":
                return Trigger("direct", Literal(name), span=where)
            case _:
                return None
    if not isinstance(meaning, Structure):
        return None
    entries = evaluator.entries(element)
    if "cron" in entries:
        return _cron(view.value(entries["cron"]), where)
    if "event" not in entries or "..." in entries:
        return None
    condition = entries.get("if") or entries.get("expression")
    inner = _trigger(view, entries["event"], name, cron=False)
    value = inner.value if inner is not None else view.value(entries["event"])
    written = "" if condition is None else evaluator.text(condition) or condition.text
    return Trigger("event", value, written, span=where)


def _cron(value: Value, where: Span | None) -> Trigger:
    known = literal_of(value)
    if not isinstance(known, str):
        return Trigger("cron", value, span=where)
    fields, zone = split_zone(known)
    return Trigger("cron", Literal(fields), timezone=zone, span=where)


def _local(view: View, place: Place) -> Span | None:
    """The span of a place, where it stands in the file that is being read."""
    return span(place.node) if place.source is view.source else None


def schedule_of(call: Call, trigger: Trigger, name: str, symbol: str, system: str) -> Schedule:
    """The schedule that a cron among the triggers of a function makes."""
    view, common = call.view, call.common(system)
    node = view.source.root.descendant_for_byte_range(trigger.span.start, trigger.span.end) if trigger.span is not None else None
    if node is not None and not call.via:
        common["location"] = view.source.location(node)
    return Schedule(
        **common,
        name=name,
        job=f"{view.module}:{symbol}" if symbol else "",
        job_name=name,
        cron=trigger.value,
        timezone=trigger.timezone,
        entry=trigger.span,
    )
