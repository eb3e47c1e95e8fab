"""Calls that put one job on its way: `delay`, `apply_async`, a signature sent on the spot, and `send_task` by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.call_edits import as_dictionary, as_tuple, remove_arguments
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem, Task, Use
from migrator.codemods.python.celery_to_dramatiq.results import check_result, is_callback
from migrator.codemods.python.celery_to_dramatiq.tasks import Application
from migrator.codemods.python.celery_to_dramatiq.units import write_age, write_delay
from migrator.codemods.python.expressions import Arguments, arguments, literal, milliseconds, number, quoted, string
from migrator.codemods.python.mentions import Mention, called_by
from migrator.jobs import Span
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.systems.dramatiq import valid_queue

_PARAMETERS = ("args", "kwargs")
_KNOWN = frozenset((*_PARAMETERS, "countdown", "eta", "expires", "queue", "ignore_result"))


@dataclass(slots=True)
class Sending:
    """The parts of an `apply_async` or `send_task`, as far as they are understood."""

    given: Arguments
    args: Node | None = None
    kwargs: Node | None = None
    delay: Node | None = None  #: the whole keyword argument
    expires: Node | None = None
    queue: Node | None = None
    moot: list[Node] = field(default_factory=list)


class Sends:
    """Reads and rewrites calls. `queues` collects the queues that single calls name; `ids` says if reading a message's id is fine."""

    def __init__(self, application: Application, *, ids: bool) -> None:
        self.application, self.ids = application, ids
        self.local = application.local

    # -- the forms ----------------------------------------------------------------------------------------------------

    def delay(self, mention: Mention, task: Task) -> Use:
        """`x.delay(…)`, and `x.delay` handed on."""
        attribute = mention.attribute or mention.node
        call = called_by(attribute)
        use = self._use(mention.source, call or attribute, task, "send")
        use.change.replace(child(attribute, "attribute") or attribute, "send")
        if call is not None:
            check_result(self.application.tree, mention.source, call, use, ids=self.ids)
        elif not is_callback(mention.source, attribute):
            unsafe = attribute.parent is not None and attribute.parent.type in ("argument_list", "keyword_argument")
            reason = "its `delay` is handed on, to be called by other code"
            use.problems.append(Problem("MIG127", reason, mention.source.location(attribute), unsafe))
        return use

    def apply_async(self, mention: Mention, task: Task) -> Use:
        """`x.apply_async(…)`."""
        source, attribute, call = mention.source, mention.attribute, mention.method_call
        name = child(attribute, "attribute")
        if attribute is None or call is None or name is None:
            use = self._use(source, attribute or mention.node, task, "")
            use.problems.append(Problem("MIG127", "its `apply_async` is handed on", source.location(mention.node)))
            return use
        use = self._use(source, call, task, "send_with_options")
        sending = self._read(source, call, use, first=0)
        queue = self._queue(source, sending, use, own=task.queue)
        self._parameters(source, sending, use.change)
        self._expiry(source, sending, use)
        if not queue:
            use.change.replace(name, "send_with_options")
            self._delay_in_place(source, sending, use)
            remove_arguments(use.change, source, sending.given, self._removed(sending, delay=False))
            check_result(self.application.tree, source, call, use, ids=self.ids)
            return use
        change = use.change
        change.insert(call.start_byte, f"{self.local.use(change, 'broker')}.enqueue(")
        change.replace(name, "message_with_options")
        remove_arguments(change, source, sending.given, self._removed(sending, delay=True))
        change.insert(call.end_byte, f".copy(queue_name={queue}){self._delay_text(source, sending, change)})")
        use.traps.add("MIG120")
        check_result(self.application.tree, source, call, use, ids=self.ids)
        return use

    def signature(self, mention: Mention, task: Task) -> Use | None:
        """`x.s(…).delay()` and `x.s(…).apply_async(countdown=…)`; None for a signature that stands elsewhere."""
        source, inner = mention.source, mention.method_call
        name = child(mention.attribute, "attribute")
        method = inner.parent if inner is not None and inner.parent is not None and inner.parent.type == "attribute" else None
        outer = called_by(method) if method is not None and child(method, "object") == inner else None
        word = source.text(child(method, "attribute") or method) if method is not None else ""
        if inner is None or outer is None or method is None or name is None or word not in ("delay", "apply_async"):
            return None
        use = self._use(source, outer, task, "message")
        change = use.change
        change.insert(outer.start_byte, f"{self.local.use(change, 'broker')}.enqueue(")
        change.replace(name, "message")
        given = arguments(source, outer)
        sending = self._read(source, outer, use, first=0)
        delay = sending.delay
        if len(given.all) > 1 or (given.all and delay is None):
            use.problems.append(Problem("MIG121", "its signature is sent with options or further arguments", source.location(outer)))
        elif delay is not None:
            value, keyword = child(delay, "value"), child(delay, "name")
            if value is not None and keyword is not None:
                change.replace(Span(inner.end_byte, keyword.end_byte), ", delay")
                write_delay(change, source, value, self.local)
                use.traps.add("MIG103")
        else:
            change.replace(Span(inner.end_byte, outer.end_byte), ")")
        check_result(self.application.tree, source, outer, use, ids=self.ids)
        return use

    def send_task(self, source: Source, call: Node, task: Task) -> Use:
        """`app.send_task("name", …)`, whose name is that of `task`."""
        use = self._use(source, call, task, "broker.enqueue")
        callee = child(call, "function") or call
        sending = self._read(source, call, use, first=1)
        name = sending.given.positional[0] if sending.given.positional else sending.given.keywords.get("name", call)
        if task.has_expiry:
            use.problems.append(Problem("MIG121", "its own expiry does not hold for `send_task`", source.location(call)))
        queue = self._queue(source, sending, use, own="") or quoted(task.by_name_queue)
        change = use.change
        self._parameters(source, sending, change)
        change.replace(callee, f"{self.local.use(change, 'broker')}.enqueue(dramatiq.Message")
        change.dramatiq = True
        change.replace(name, f"queue_name={queue}, actor_name={quoted(task.actor)}")
        if sending.kwargs is not None:
            as_dictionary(change, source, sending.kwargs)
        remove_arguments(
            change, source, sending.given, [*self._removed(sending, delay=True), *([sending.expires] if sending.expires else [])]
        )
        rest = ["args=()"] if sending.args is None else []
        rest += ["kwargs={}"] if sending.kwargs is None else []
        rest.append(f"options={self._options(source, sending, change)}")
        kept = [a for a in sending.given.all if a not in (sending.delay, sending.expires, sending.queue, *sending.moot)]
        change.insert(kept[-1].end_byte, f", {', '.join(rest)}")
        change.insert(call.end_byte, f"{self._delay_text(source, sending, change)})")
        use.traps.add("MIG128")
        check_result(self.application.tree, source, call, use, ids=self.ids)
        return use

    # -- their parts --------------------------------------------------------------------------------------------------

    def _use(self, source: Source, node: Node, task: Task, word: str) -> Use:
        summary = f"Sent with `{word}`." if word else ""
        return Use("enqueue", source.location(node), (task.key,), Change(source.path), summary, name=task.actor)

    def _read(self, source: Source, call: Node, use: Use, *, first: int) -> Sending:
        """The arguments of a call whose positional ones from `first` on are args and kwargs."""
        given = arguments(source, call)
        sending = Sending(given)

        def refuse(what: str, node: Node) -> None:
            use.problems.append(Problem("MIG121", what, source.location(node)))

        if given.starred or not given.plain or len(given.positional) > first + 2:
            refuse("its arguments are not plain to read", call)
        positional = given.positional[first : first + 2]
        named = {n: v for n in _PARAMETERS if (v := given.value(n)) is not None}
        values = {**dict(zip(_PARAMETERS, positional, strict=False)), **named}
        if len(values) != len(positional) + len(named):
            refuse("its arguments are given twice", call)
        sending.args, sending.kwargs = values.get("args"), values.get("kwargs")
        for name, node in given.keywords.items():
            match name:
                case "countdown" | "eta" if sending.delay is None:
                    sending.delay = node
                case "countdown" | "eta":
                    refuse("it has both a countdown and an eta", node)
                case "expires":
                    sending.expires = node
                case "queue":
                    sending.queue = node
                case "ignore_result":
                    sending.moot.append(node)
                case "serializer" if literal(source, child(node, "value")) == "json":
                    sending.moot.append(node)
                case "name" if first and not given.positional:
                    continue
                case _ if name not in _KNOWN:
                    refuse(f"`{name}` of a call has no counterpart that we know", node)
                case _:
                    continue
        return sending

    def _queue(self, source: Source, sending: Sending, use: Use, *, own: str) -> str:
        """Source of the queue's name where it is another than the job's own, else empty."""
        value = child(sending.queue, "value")
        if value is None or literal(source, value) is None:
            return ""
        name = string(source, value)
        routed = self.application.router.named(name)
        if not name or not valid_queue(routed):
            use.problems.append(Problem("MIG120", "the queue of the call is not plain to read", source.location(value)))
            return ""
        if routed == own:
            return ""
        use.change.queues.add(routed)
        return quoted(routed)

    def _parameters(self, source: Source, sending: Sending, change: Change) -> None:
        for name, node in (("args", sending.args), ("kwargs", sending.kwargs)):
            if node is None:
                continue
            if node in sending.given.positional:
                change.insert(node.start_byte, f"{name}=")
            if name == "args":
                as_tuple(change, source, node)

    def _expiry(self, source: Source, sending: Sending, use: Use) -> None:
        name, value = child(sending.expires, "name"), child(sending.expires, "value")
        if name is None or value is None:
            return
        use.change.replace(name, "max_age")
        use.traps.add("MIG122")
        if not write_age(use.change, source, value, self.local):
            use.problems.append(Problem("MIG122", "it expires at once", source.location(value)))

    def _delay_in_place(self, source: Source, sending: Sending, use: Use) -> None:
        name, value = child(sending.delay, "name"), child(sending.delay, "value")
        if name is None or value is None:
            return
        use.change.replace(name, "delay")
        write_delay(use.change, source, value, self.local)
        use.traps.add("MIG122" if source.text(name) == "eta" else "MIG103")

    def _delay_text(self, source: Source, sending: Sending, change: Change) -> str:
        """`, delay=…` for `broker.enqueue`, empty without a delay."""
        value = child(sending.delay, "value")
        if value is None or literal(source, value) is None:
            return ""
        seconds = number(source, value)
        if seconds is not None:
            return f", delay={milliseconds(max(0, seconds))}"
        return f", delay={self.local.use(change, 'ms')}({source.text(value)})"

    def _options(self, source: Source, sending: Sending, change: Change) -> str:
        value = child(sending.expires, "value")
        if value is None or literal(source, value) is None:
            return "{}"
        seconds = number(source, value)
        if seconds is not None and seconds > 0:
            return f'{{"max_age": {milliseconds(seconds)}}}'
        return f'{{"max_age": {self.local.use(change, "max_age")}({source.text(value)})}}'

    def _removed(self, sending: Sending, *, delay: bool) -> list[Node]:
        nodes = [*sending.moot, *([sending.queue] if sending.queue is not None else [])]
        return [*nodes, sending.delay] if delay and sending.delay is not None else nodes
