"""How a task is tried again: Celery's options, and what `retry_on` is given for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.local_names import LocalNames
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem
from migrator.codemods.python.expressions import UNKNOWN, Arguments, is_arithmetic, literal, milliseconds, number
from migrator.syntax.source import Source
from migrator.syntax.tree import field as child
from migrator.systems import celery

_OPTIONS = (
    *("max_retries", "default_retry_delay", "autoretry_for", "dont_autoretry_for"),
    *("retry_kwargs", "retry_backoff", "retry_backoff_max", "retry_jitter"),
)


@dataclass(slots=True)
class RetryOptions:
    """`maximum` and `delay` are Python source: a count of retries (None = no end), and milliseconds.

    `errors`, `never`: source of what `autoretry_for` and `dont_autoretry_for` list. `backoff`: (factor, maximum, jitter) or None for a
    fixed delay. `options` are the names that were read.
    """

    maximum: str
    delay: str
    delay_node: Node | None = None  #: the expression behind `delay` where it is not a literal
    errors: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    backoff: tuple[int, int, bool] | None = None
    own_maximum: bool = True  #: False where automatic retries count differently from `self.retry`
    options: tuple[str, ...] = field(default=_OPTIONS)

    def fixed_delay(self, source: Source, change: Change, local: LocalNames) -> str:
        """The default delay in milliseconds, as source."""
        if self.delay_node is None:
            return self.delay
        return f"{local.use(change, 'ms')}({source.text(self.delay_node)})"

    def arguments(self, source: Source, change: Change, local: LocalNames) -> str:
        """What stands between the parentheses of `retry_on`."""
        parts = list(self.errors)
        if self.never:
            parts.append(f"never=({', '.join(self.never)}{',' if len(self.never) == 1 else ''})")
        if self.backoff is not None:
            factor, maximum, jitter = self.backoff
            parts.append(f"delay={local.use(change, 'backoff')}({factor}, maximum={maximum}, jitter={jitter})")
        else:
            parts.append(f"delay={local.use(change, 'fixed')}({self.fixed_delay(source, change, local)})")
        return ", ".join(parts)


def read_retries(source: Source, given: Arguments, problems: list[Problem]) -> RetryOptions:
    """The retry options of a task's decorator; what is not plain to read goes to `problems`."""
    return _Reader(source, given, problems).read()


class _Reader:
    def __init__(self, source: Source, given: Arguments, problems: list[Problem]) -> None:
        self.source, self.given, self.problems = source, given, problems

    def read(self) -> RetryOptions:
        """All of them."""
        maximum = self.given.value("max_retries")
        delay = self.given.value("default_retry_delay")
        options = RetryOptions(
            maximum=self.source.text(maximum) if maximum is not None else str(celery.SYSTEM.retry.default if celery.SYSTEM.retry else 3),
            delay=milliseconds(celery.DEFAULT_RETRY_DELAY),
        )
        if maximum is not None and number(self.source, maximum) is None and literal(self.source, maximum) is not None:
            self._must_be_name(maximum, "max_retries")
        if delay is not None:
            self._delay(delay, options)
        options.errors = self._classes("autoretry_for")
        options.never = self._classes("dont_autoretry_for")
        if options.errors:
            self._keywords(options)
            self._backoff(options)
        return options

    def _problem(self, reason: str, node: Node, trap: str = "MIG102") -> None:
        self.problems.append(Problem(trap, reason, self.source.location(node)))

    def _must_be_name(self, node: Node, option: str) -> None:
        """An expression is carried over as it is; only a plain name can be trusted to be a number."""
        if node.type not in ("identifier", "attribute"):
            self._problem(f"`{option}={self.source.text(node)}` is not plain to read", node, "MIG101")

    def _delay(self, node: Node, options: RetryOptions) -> None:
        seconds = number(self.source, node)
        if seconds is not None:
            options.delay = milliseconds(seconds)
        elif node.type in ("identifier", "attribute") or is_arithmetic(self.source, node):
            options.delay_node = node
        else:
            self._problem(f"`default_retry_delay={self.source.text(node)}` is not plain to read", node)

    def _classes(self, option: str) -> tuple[str, ...]:
        node = self.given.value(option)
        if node is None:
            return ()
        if node.type in ("tuple", "list", "set"):
            parts = [c for c in node.named_children if c.type != "comment"]
            if all(p.type in ("identifier", "attribute", "list_splat") for p in parts):
                return tuple(self.source.text(p) for p in parts)
        elif node.type in ("identifier", "attribute"):
            return (f"*{self.source.text(node)}",)
        self._problem(f"`{option}={self.source.text(node)}` is not plain to read", node, "MIG101")
        return ("Exception",) if option == "autoretry_for" else ()

    def _keywords(self, options: RetryOptions) -> None:
        node = self.given.value("retry_kwargs")
        if node is None:
            return
        if node.type != "dictionary":
            self._problem("`retry_kwargs` is not plain to read", node)
            return
        for pair in node.named_children:
            key = literal(self.source, child(pair, "key"))
            value = child(pair, "value")
            count = number(self.source, value)
            if key == "max_retries" and value is not None and count is not None:
                options.own_maximum = options.maximum == self.source.text(value)
                options.maximum = self.source.text(value)
            elif key == "countdown" and count is not None:
                options.delay, options.delay_node = milliseconds(count), None
            else:
                self._problem("`retry_kwargs` is not plain to read", node)

    def _backoff(self, options: RetryOptions) -> None:
        factor = self._value("retry_backoff", default=False)
        if factor is UNKNOWN or not isinstance(factor, bool | int | float):
            self._problem("`retry_backoff` is not plain to read", self.given.keywords["retry_backoff"])
            return
        maximum = self._value("retry_backoff_max", default=celery.DEFAULT_BACKOFF_MAXIMUM)
        jitter = self._value("retry_jitter", default=True)
        if not isinstance(maximum, int | float) or isinstance(maximum, bool) or not isinstance(jitter, bool | int):
            self._problem("`retry_backoff_max` or `retry_jitter` is not plain to read", self.given.node)
            return
        if factor:
            # Celery: factor=int(max(1.0, retry_backoff)), maximum=int(retry_backoff_max).
            options.backoff = (int(max(1.0, float(factor))), int(maximum), bool(jitter))

    def _value(self, name: str, *, default: object) -> object:
        node = self.given.value(name)
        return default if node is None else literal(self.source, node)
